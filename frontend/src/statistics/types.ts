/**
 * The views of editions, as the API has them. Typed by hand until the specification holds them; then this file becomes
 * `export type { Answers, Census..., Why } from '$api/schema'` with the same names.
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
  | 'remark'
  | 'visibility'
  | 'day'
  | 'week'
  | 'first_answer_days'
  | 'decision_days';

export type Unit = 'participations' | 'remarks' | 'people';

/** A count that is null is hidden: it is below the threshold, or would give another one away. */
export interface EditionCell {
  row: string;
  column?: string | null;
  count?: number | null;
}

export interface EditionTotal {
  code: string;
  count?: number | null;
}

export interface EditionTable {
  rows: Dimension;
  columns?: Dimension | null;
  unit: Unit;
  base: number;
  /** Its counts are multiples of the rounding base. */
  rounded: boolean;
  /** How many cells are hidden. */
  hidden: number;
  not_stated?: number | null;
  cells: EditionCell[];
  row_totals: EditionTotal[];
  column_totals: EditionTotal[];
}

export interface Rules {
  one_way_threshold: number;
  two_way_threshold: number;
  rounding_base: number;
  minimum_new: number;
}

/** Full days that authors waited. */
export interface Waited {
  median_days: number;
  p90_days: number;
  count: number;
}

export interface Answers {
  answered: number;
  base: number;
  first_answer?: Waited | null;
  decision?: Waited | null;
}

export interface ComparedGroup {
  code: string;
  gender?: 'female' | 'male' | 'not_stated' | null;
  count?: number | null;
  population: number;
  per_100k?: number | null;
  share?: number | null;
  population_share: number;
  /** Share of those counted by share of the population, with the bounds of its 95 % interval (Wilson). */
  ratio?: number | null;
  ratio_low?: number | null;
  ratio_high?: number | null;
  small: boolean;
}

export type ComparedBy = 'residence' | 'gender' | 'age_band' | 'residence_gender';

export interface Comparison {
  by: ComparedBy;
  base: number;
  not_stated?: number | null;
  outside_region?: number | null;
  hidden: number;
  groups: ComparedGroup[];
  lowest_to_highest?: number | null;
  dissimilarity?: number | null;
  small: boolean;
}

export interface CensusCredit {
  name: Record<'ar' | 'fr', string>;
  source: string;
  licence: string;
  year: number;
  /** What we changed. */
  changed: Record<'ar' | 'fr', string>;
}

export interface Representativeness {
  unit: Unit;
  census: CensusCredit;
  comparisons: Comparison[];
}

export interface Edition {
  consultation: string;
  number: number;
  taken_at: string;
  base: number;
  previous_base?: number | null;
  rules: Rules;
  tables: EditionTable[];
  answers: Answers;
  participation?: Representativeness | null;
  attendance?: Representativeness | null;
}

export interface EditionItem {
  number: number;
  taken_at: string;
  base: number;
  /** The SHA-256 of the edition's text as it is answered, hexadecimal. */
  checksum: string;
}

export type Why = 'below_threshold' | 'protects_another' | 'protects_edition' | 'one_group';

/** A cell that would be hidden, with its count: for the analyst only. */
export interface HiddenCell {
  rows: Dimension;
  columns?: Dimension | null;
  row: string;
  column?: string | null;
  count: number;
  why: Why;
}

/** A two-way table that would show less than half of its people. */
export interface LeftOutTable {
  rows: Dimension;
  columns?: Dimension | null;
}

export type EditionRefusal = 'too_few_new' | 'too_soon';

export interface EditionPreviewView {
  may_publish: boolean;
  refused: EditionRefusal[];
  new_participations: number;
  next_at?: string | null;
  edition: Edition;
  hidden: HiddenCell[];
  left_out: LeftOutTable[];
}
