import type { Comparison, ComparedGroup, Dimension, EditionTable, Edition } from './types';

/** Whether a number is there: null is hidden, or not known. */
export const known = (n: number | null | undefined): n is number => typeof n === 'number';

export interface Counted {
  code: string;
  /** null when it is hidden. */
  count: number | null;
}

export const tableOf = (edition: Edition, rows: Dimension, columns: Dimension | null = null) =>
  edition.tables.find((table) => table.rows === rows && (table.columns ?? null) === columns);

/** Codes that are no answer, or not one of the region: they stand last and lead nothing. */
const ASIDE = ['outside_region', 'none', 'not_stated'];
export const isAside = (code: string): boolean => ASIDE.includes(code);

/** The answers of a one-way table in its order, what is no answer last. */
export function countsOf(table: EditionTable): Counted[] {
  const all = table.cells.map(({ row, count = null }) => ({ code: row, count }));
  if (table.not_stated && !all.some(({ code }) => code === 'not_stated'))
    all.push({ code: 'not_stated', count: table.not_stated });
  return [
    ...all.filter(({ code }) => !isAside(code)),
    ...ASIDE.flatMap((code) => all.filter((each) => each.code === code)),
  ];
}

/** The most first, hidden ones after them, what is no answer last. */
export function descending(counts: readonly Counted[]): Counted[] {
  const place = ({ code, count }: Counted) => (isAside(code) ? ASIDE.indexOf(code) - 10 : (count ?? -1));
  return [...counts].sort((a, b) => place(b) - place(a) || 0);
}

/**
 * Who is first of a table that counts `base`: one, or up to three that are level; nobody when none was counted or too many
 * share the place. 'hidden' when so many are in hidden cells that one of these may be first.
 */
export function leaders(counts: readonly Counted[], base: number): Counted[] | 'hidden' {
  const stated = counts.filter(({ code }) => !isAside(code));
  const most = Math.max(0, ...stated.map(({ count }) => count ?? 0));
  const unseen = base - counts.reduce((sum, { count }) => sum + (count ?? 0), 0);
  if (stated.some(({ count }) => count === null) && unseen >= most) return 'hidden';
  const first = stated.filter(({ count }) => count === most);
  return most === 0 || first.length > 3 ? [] : first;
}

const DAY_MS = 86_400_000;

/** Every week from the first to the last, in order: one that is not named had nobody. */
export function weeksOf(counts: readonly Counted[]): Counted[] {
  const known = new Map(counts.filter(({ code }) => /^\d{4}-\d\d-\d\d$/.test(code)).map((each) => [each.code, each]));
  const [first, last] = [[...known.keys()].sort().at(0), [...known.keys()].sort().at(-1)];
  if (first === undefined || last === undefined) return [];
  const all: Counted[] = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= Date.parse(`${last}T00:00:00Z`); at += 7 * DAY_MS) {
    const code = new Date(at).toISOString().slice(0, 10);
    all.push(known.get(code) ?? { code, count: 0 });
  }
  return all;
}

/** The largest cell of a two-way table whose row and column are answers. */
export function largestCell(table: EditionTable) {
  return table.cells.reduce<{ row: string; column: string; count: number } | undefined>((best, cell) => {
    if (!known(cell.count) || !cell.column || isAside(cell.row) || isAside(cell.column)) return best;
    if (cell.count <= (best?.count ?? 0)) return best;
    return { row: cell.row, column: cell.column, count: cell.count };
  }, undefined);
}

/** The codes of the rows and of the columns of a two-way table, in its order. */
export const rowsOf = (table: EditionTable): string[] => [...new Set(table.cells.map(({ row }) => row))];
export const columnsOf = (table: EditionTable): string[] => [
  ...new Set(table.cells.flatMap(({ column }) => column ?? [])),
];

/** How many cells of an edition are hidden, and of how many. */
export function hiddenOf(edition: Edition): { hidden: number; total: number } {
  const cells = edition.tables.flatMap((table) => table.cells);
  return { hidden: cells.filter(({ count }) => !known(count)).length, total: cells.length };
}

export const comparisonOf = (
  comparisons: readonly Comparison[] | undefined,
  by: Comparison['by'] | 'age_band_gender',
) => comparisons?.find((each) => each.by === (by as string));

/** Where the rate is highest and lowest; nothing with fewer than two rates, or where they are level. */
export function extremesOf(groups: readonly ComparedGroup[]) {
  const rated = groups.flatMap(({ code, per_100k }) => (known(per_100k) ? [{ code, rate: per_100k }] : []));
  const sorted = rated.sort((a, b) => b.rate - a.rate);
  const [top, bottom] = [sorted[0], sorted.at(-1)];
  return top && bottom && top.rate > bottom.rate ? { top, bottom } : undefined;
}

/** Which groups differ from their share by more than chance: those whose whole interval is on one side of 1. */
export function apartOf(groups: readonly ComparedGroup[]) {
  return {
    under: groups.filter(({ ratio_high }) => known(ratio_high) && ratio_high < 1),
    over: groups.filter(({ ratio_low }) => known(ratio_low) && ratio_low > 1),
  };
}

/** The group whose share is furthest from that of the population, counting half as far as double. */
export function furthestOf(groups: readonly ComparedGroup[]): ComparedGroup | undefined {
  const distance = ({ ratio }: ComparedGroup) => (ratio ? Math.abs(Math.log(ratio)) : ratio === 0 ? Infinity : -1);
  return groups.reduce<ComparedGroup | undefined>(
    (best, group) => (known(group.ratio) && (!best || distance(group) > distance(best)) ? group : best),
    undefined,
  );
}

export const BANDS = ['15_24', '25_34', '35_49', '50_64', '65_plus'] as const;

interface PyramidSide {
  /** Of those of known age and gender that are not hidden; null when it is hidden. */
  share: number | null;
  expected: number | null;
}

/** Women and men of each age band from the youngest up, with the population's shares where they are known. */
export function pyramidOf(edition: Edition): { band: string; female: PyramidSide; male: PyramidSide }[] {
  const compared = comparisonOf(edition.participation?.comparisons, 'age_band_gender');
  const table = tableOf(edition, 'age_band', 'gender');
  if (!compared && !table) return [];
  const counts = table?.cells.filter(({ row, column }) => !isAside(row) && column && !isAside(column)) ?? [];
  const base = counts.reduce((sum, { count }) => sum + (count ?? 0), 0);
  const side = (band: string, gender: 'female' | 'male'): PyramidSide => {
    const group = compared?.groups.find((each) => each.code === band && each.gender === gender);
    if (group) return { share: group.share ?? null, expected: group.population_share };
    const count = counts.find(({ row, column }) => row === band && column === gender)?.count ?? null;
    return { share: count === null ? null : base ? count / base : 0, expected: null };
  };
  return BANDS.map((band) => ({ band, female: side(band, 'female'), male: side(band, 'male') }));
}
