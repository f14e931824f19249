/**
 * The views of editions, as the API's contract has them. Typed by hand until the specification holds them: replace the body of
 * this file by `export type { ... } from '$api/schema'`.
 */

export type Dimension =
  | 'axis'
  | 'age_band'
  | 'gender'
  | 'participant_type'
  | 'residence'
  | 'territory'
  | 'channel'
  | 'state'
  | 'language'
  | 'day'
  | 'week'
  | 'remark';

export type TableUnit = 'participations' | 'remarks';

/** A count that is null is hidden: it is below the threshold, or would give another one away. */
export interface EditionCell {
  row: string;
  column: string | null;
  count: number | null;
}

export interface EditionTotal {
  code: string;
  count: number | null;
}

export interface EditionTable {
  rows: Dimension;
  columns: Dimension | null;
  unit: TableUnit;
  base: number;
  /** Its counts are multiples of the rounding base. */
  rounded: boolean;
  /** How many cells are hidden. */
  hidden: number;
  not_stated: number | null;
  cells: EditionCell[];
  row_totals: EditionTotal[];
  column_totals: EditionTotal[];
}

export interface EditionRules {
  one_way_threshold: number;
  two_way_threshold: number;
  rounding_base: number;
  minimum_new: number;
}

export interface Delay {
  median_days: number;
  p90_days: number;
  count: number;
}

export interface EditionAnswers {
  answered: number;
  base: number;
  first_answer: Delay | null;
  decision: Delay | null;
}

export interface ComparisonGroup {
  code: string;
  gender: 'female' | 'male' | null;
  count: number | null;
  population: number;
  per_100k: number | null;
  share: number | null;
  population_share: number;
  /** Share of those counted by share of the population, with the bounds of its 95 % interval (Wilson). */
  ratio: number | null;
  ratio_low: number | null;
  ratio_high: number | null;
  small: boolean;
}

export type ComparisonBy = 'residence' | 'gender' | 'age_band' | 'residence_gender' | 'age_band_gender';

export interface Comparison {
  by: ComparisonBy;
  base: number;
  not_stated: number | null;
  outside_region: number | null;
  hidden: number;
  groups: ComparisonGroup[];
  lowest_to_highest: number | null;
  dissimilarity: number | null;
  small: boolean;
}

export interface Census {
  name: { ar: string; fr: string };
  source: string;
  licence: string;
  year: number;
}

export interface Representativeness {
  unit: 'participations' | 'people';
  census: Census;
  comparisons: Comparison[];
}

export interface EditionView {
  consultation: string;
  number: number;
  taken_at: string;
  published_at: string;
  base: number;
  previous_base: number | null;
  checksum: string;
  rules: EditionRules;
  tables: EditionTable[];
  answers: EditionAnswers;
  participation: Representativeness;
  attendance: Representativeness | null;
}

export interface EditionSummary {
  number: number;
  taken_at: string;
  published_at: string;
  base: number;
  checksum: string;
}

export type HiddenWhy = 'below_threshold' | 'protects_another' | 'protects_edition' | 'one_group';

/** A cell that would be hidden, with its count: for the analyst only. */
export interface HiddenCell {
  rows: Dimension;
  columns: Dimension | null;
  row: string;
  column: string | null;
  count: number;
  why: HiddenWhy;
}

export type EditionRefusal = 'too_few_new' | 'too_soon';

export interface EditionPreview {
  may_publish: boolean;
  refused: EditionRefusal[];
  new_participations: number;
  next_at: string | null;
  edition: EditionView;
  hidden: HiddenCell[];
}
