import { describe, expect, test } from 'vitest';

import fixture from './fixture.json';
import type { ComparedGroup, EditionTable, Edition, Representativeness } from './types';
import {
  apartOf,
  countsOf,
  descending,
  extremesOf,
  furthestOf,
  hiddenOf,
  largestCell,
  leaders,
  pyramidOf,
  weeksOf,
} from './view';

// fixture.json was made by hand on the census of 2024 and the eight meetings of the plan; its participations are invented
const edition = fixture.edition as Edition;
const participation = edition.participation as Representativeness;

const oneWay = (cells: [string, number | null][], not_stated: number | null = null): EditionTable => ({
  rows: 'residence',
  columns: null,
  unit: 'participations',
  base: 0,
  rounded: false,
  hidden: 0,
  not_stated,
  cells: cells.map(([row, count]) => ({ row, column: null, count })),
  row_totals: [],
  column_totals: [],
});

describe('counts', () => {
  test('what is no answer stands last, and is there even when only the table names it', () => {
    const table = oneWay([
      ['not_stated', 4],
      ['outside_region', 2],
      ['MA-TET', 9],
    ]);
    expect(countsOf(table).map(({ code }) => code)).toEqual(['MA-TET', 'outside_region', 'not_stated']);
    expect(countsOf(oneWay([['MA-TET', 9]], 3))).toEqual([
      { code: 'MA-TET', count: 9 },
      { code: 'not_stated', count: 3 },
    ]);
    expect(countsOf(oneWay([['MA-TET', 9]], 0))).toHaveLength(1);
  });

  test('the largest first, hidden ones after a zero', () => {
    const counts = countsOf(
      oneWay([
        ['a', null],
        ['b', 0],
        ['c', 7],
        ['not_stated', 50],
      ]),
    );
    expect(descending(counts).map(({ code }) => code)).toEqual(['c', 'b', 'a', 'not_stated']);
  });
});

describe('who leads', () => {
  test('the largest answer, never a silence or a hidden one', () => {
    const counts = [
      { code: 'a', count: 3 },
      { code: 'b', count: null },
      { code: 'not_stated', count: 90 },
    ];
    expect(leaders(counts, 95)).toEqual([{ code: 'a', count: 3 }]);
  });

  test('two that are level lead together, four lead nobody, and zero is no lead', () => {
    const level = (n: number) => Array.from({ length: n }, (_, at) => ({ code: String(at), count: 5 }));
    expect(leaders(level(2), 10)).toHaveLength(2);
    expect(leaders(level(4), 20)).toEqual([]);
    expect(leaders([{ code: 'a', count: 0 }], 0)).toEqual([]);
  });

  test('nobody is called first while a hidden cell may hold more', () => {
    const counts = [
      { code: 'a', count: 8 },
      { code: 'b', count: null },
      { code: 'not_stated', count: 4 },
    ];
    expect(leaders(counts, 20)).toBe('hidden');
    expect(leaders(counts, 19)).toEqual([{ code: 'a', count: 8 }]);
  });
});

test('weeks without anybody are there, across a change of clocks and of year', () => {
  const counts = [
    { code: '2027-01-11', count: 4 },
    { code: '2026-12-21', count: null },
  ];
  expect(weeksOf(counts)).toEqual([
    { code: '2026-12-21', count: null },
    { code: '2026-12-28', count: 0 },
    { code: '2027-01-04', count: 0 },
    { code: '2027-01-11', count: 4 },
  ]);
  expect(weeksOf([])).toEqual([]);
});

test('the largest cell is one of two answers', () => {
  const table = { ...oneWay([]), columns: 'gender' as const };
  table.cells = [
    { row: 'MA-TET', column: 'not_stated', count: 90 },
    { row: 'MA-TET', column: 'female', count: 40 },
    { row: 'outside_region', column: 'male', count: 60 },
    { row: 'MA-TNG', column: 'male', count: null },
  ];
  expect(largestCell(table)).toEqual({ row: 'MA-TET', column: 'female', count: 40 });
  expect(largestCell({ ...table, cells: [] })).toBeUndefined();
});

const group = (code: string, values: Partial<ComparedGroup>): ComparedGroup => ({
  code,
  gender: null,
  count: 0,
  population: 0,
  per_100k: null,
  share: null,
  population_share: 0,
  ratio: null,
  ratio_low: null,
  ratio_high: null,
  small: false,
  ...values,
});

describe('comparisons', () => {
  test('the meetings: Fahs-Anjra first, Tanger-Assilah last', () => {
    const groups = edition.attendance?.comparisons[0]?.groups ?? [];
    expect(extremesOf(groups)).toEqual({ top: { code: 'MA-FAH', rate: 53.6 }, bottom: { code: 'MA-TNG', rate: 2.9 } });
  });

  test('level rates have no first', () => {
    expect(extremesOf([group('a', { per_100k: 3 }), group('b', { per_100k: 3 })])).toBeUndefined();
    expect(extremesOf([group('a', { per_100k: 3 }), group('b', {})])).toBeUndefined();
  });

  test('a group is apart only when its whole interval is', () => {
    const groups = [
      group('under', { ratio: 0.5, ratio_low: 0.3, ratio_high: 0.9 }),
      group('touches', { ratio: 0.8, ratio_low: 0.6, ratio_high: 1 }),
      group('over', { ratio: 1.5, ratio_low: 1.1, ratio_high: 2 }),
      group('hidden', {}),
    ];
    const { under, over } = apartOf(groups);
    expect(under.map(({ code }) => code)).toEqual(['under']);
    expect(over.map(({ code }) => code)).toEqual(['over']);
  });

  test('a third is further from its share than double is, and nobody the furthest', () => {
    const groups = [group('double', { ratio: 2 }), group('third', { ratio: 1 / 3 }), group('hidden', {})];
    expect(furthestOf(groups)?.code).toBe('third');
    expect(furthestOf([...groups, group('nobody', { ratio: 0 })])?.code).toBe('nobody');
    expect(furthestOf([group('hidden', {})])).toBeUndefined();
  });
});

describe('the pyramid', () => {
  test('has the five bands of the census from the youngest up, hidden ones hidden', () => {
    const floors = pyramidOf(edition);
    expect(floors.map(({ band }) => band)).toEqual(['15_24', '25_34', '35_49', '50_64', '65_plus']);
    expect(floors.at(-1)?.female.share).toBeNull();
    // 308,159 women from 15 to 24 among 2,920,687 people of 15 and over (RGPH 2024)
    expect(floors[0]?.female.expected).toBeCloseTo(0.1055, 4);
  });

  test('without a comparison its shares are those of the cells that are shown', () => {
    const comparisons = participation.comparisons.filter(({ by }) => (by as string) !== 'age_band_gender');
    const table: EditionTable = { ...oneWay([]), rows: 'age_band', columns: 'gender' };
    table.cells = [
      { row: '15_24', column: 'female', count: 30 },
      { row: '15_24', column: 'male', count: 10 },
      { row: '25_34', column: 'male', count: null },
      { row: '15_24', column: 'not_stated', count: 60 },
    ];
    const floors = pyramidOf({ ...edition, tables: [table], participation: { ...participation, comparisons } });
    expect(floors[0]).toEqual({
      band: '15_24',
      female: { share: 0.75, expected: null },
      male: { share: 0.25, expected: null },
    });
    expect(floors[1]?.male.share).toBeNull();
  });
});

test('how many cells are hidden', () => {
  const table = oneWay([
    ['a', null],
    ['b', 3],
    ['c', null],
  ]);
  expect(hiddenOf({ ...edition, tables: [table] })).toEqual({ hidden: 2, total: 3 });
});
