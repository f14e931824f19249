import type { ConsultationView, PublicCountsView } from '$api/schema';
import type { Bar } from '$charts/Bars.svelte';
import type { CrossCell } from '$charts/Cross.svelte';
import type { End, Stream } from '$charts/Flow.svelte';
import type { Floor } from '$charts/Pyramid.svelte';
import type { RatioRow } from '$charts/Ratio.svelte';
import type { Coloured } from '$charts/RegionMap.svelte';
import { classes, type Class } from '$charts/scale';
import type { Moment } from '$charts/Timeline.svelte';
import type { FrameProps } from '$charts/types';
import type { I18n } from '$i18n';
import { statistics } from '$i18n/statistics';

import { codeColour, codeName } from './names';
import type { Comparison, ComparedGroup, Dimension, EditionTable, Edition, Representativeness } from './types';
import {
  apartOf,
  columnsOf,
  comparisonOf,
  countsOf,
  descending,
  extremesOf,
  furthestOf,
  isAside,
  known,
  largestCell,
  leaders,
  pyramidOf,
  rowsOf,
  tableOf,
  weeksOf,
  type Counted,
} from './view';

/** "CC-BY-4.0" as people write it. */
export const licenceName = (licence: string): string => licence.replace(/^CC-BY-/, 'CC BY ');

/** Weeks after which a day and a month no longer tell which. */
const A_YEAR = 52;
const shortDate = (day: string, years: boolean): string =>
  years ? `${Number(day.slice(5, 7))}/${day.slice(0, 4)}` : `${Number(day.slice(8))}/${Number(day.slice(5, 7))}`;

/** Rates are given for this many people. */
const PER = 100_000;

/** What the words of a chart that shows the first of several groups are. */
interface Leading {
  what: string;
  leads: string;
  /** In this order, or the largest first. */
  order?: 'given' | 'largest';
}

/** Where numbers are from: what stands under a chart, in its file's name, and as their day. */
interface Stamp {
  source: string;
  file: string;
  date: string;
  rounding: number;
}

/**
 * Turns tables into what the charts draw: names, numbers as they are written, and the finding as a sentence, in the language of
 * the page.
 */
export function describeTables(i: I18n, consultation: ConsultationView | null | undefined, stamp: Stamp) {
  const w = statistics[i.lang];
  const name = (dimension: Dimension, code: string) => codeName(i, consultation, dimension, code);
  const number = (n: number | null | undefined) => (known(n) ? i.number(n) : w.chart.hidden);
  const percent = (share: number | null | undefined) =>
    known(share) ? i.number(share, { style: 'percent', maximumFractionDigits: 1 }) : w.chart.hidden;
  const rate = (n: number | null | undefined) =>
    known(n) ? i.number(n, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) : w.chart.hidden;
  const ratio = (n: number | null | undefined) =>
    known(n) ? i.number(n, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) : w.chart.hidden;
  const list = (names: string[]) => names.join(i.common.comma);

  const frame = (what: string, file: string): Pick<FrameProps, 'what' | 'file' | 'words' | 'rtl' | 'source'> => ({
    what,
    file: `${stamp.file}-${file}`,
    words: w.chart,
    rtl: i.dir === 'rtl',
    source: [stamp.source],
  });

  const hiddenCells = (n: number) => (n ? i.plural(w.unit.hiddenCells, n) : '');
  const sentence = (...parts: string[]) => parts.filter(Boolean).join(' ');
  const subtitle = (table: EditionTable) => {
    const missing =
      table.not_stated ?? (table.columns ? null : table.cells.find(({ row }) => row === 'not_stated')?.count);
    return sentence(
      i.t(w.unit[table.unit], { n: i.number(table.base) }),
      missing ? i.t(w.unit.notStated, { n: i.number(missing) }) : '',
      table.rounded ? i.t(w.unit.rounded, { n: i.number(stamp.rounding) }) : '',
      hiddenCells(table.hidden),
      i.t(w.unit.taken, { date: stamp.date }),
    );
  };

  /** Which group is first, or that some are level. */
  function leading(text: string, rows: Dimension, counts: readonly Counted[], base: number): string {
    const first = leaders(counts, base);
    if (first === 'hidden') return i.t(w.about.hiddenLeader, { base: i.number(base) });
    const values = { n: i.number(first[0]?.count ?? 0), base: i.number(base) };
    if (!first.length) return i.t(w.about.noLeader, values);
    const names = first.map(({ code }) => name(rows, code));
    return first.length === 1
      ? i.t(text, { ...values, name: names[0] ?? '' })
      : i.t(w.about.tied, { ...values, names: names.join(w.about.and) });
  }

  /** Bars of a one-way table. */
  function bars(table: EditionTable, { what, leads, order = 'given' }: Leading) {
    const { rows } = table;
    const counts = order === 'given' ? countsOf(table) : descending(countsOf(table));
    const share = (count: number | null) => percent(count === null ? null : table.base ? count / table.base : 0);
    return {
      ...frame(what, rows),
      title: leading(leads, rows, counts, table.base),
      subtitle: subtitle(table),
      bars: counts.map(({ code, count }): Bar => ({
        key: code,
        label: name(rows, code),
        value: count,
        text: number(count),
        share: share(count),
        colour: codeColour(consultation, rows, code),
        aside: isAside(code),
      })),
      table: {
        columns: [
          { label: w.dimension[rows] },
          { label: w.chart.count, numeric: true },
          { label: w.chart.share, numeric: true },
        ],
        rows: counts.map(({ code, count }) => [name(rows, code), number(count), share(count)]),
        footer: [w.chart.total, i.number(table.base), percent(table.base ? 1 : 0)],
      },
    };
  }

  function crossTable(table: EditionTable, rows: Dimension, columns: Dimension) {
    const heads = columnsOf(table);
    return {
      columns: [
        { label: w.dimension[rows] },
        ...heads.map((code) => ({ label: name(columns, code), numeric: true })),
        { label: w.chart.total, numeric: true },
      ],
      rows: rowsOf(table).map((row) => [
        name(rows, row),
        ...heads.map((column) => cellText(table, row, column)),
        number(totalOf(table.row_totals, row)),
      ]),
      footer: [
        w.chart.total,
        ...heads.map((column) => number(totalOf(table.column_totals, column))),
        i.number(table.base),
      ],
    };
  }
  const totalOf = (totals: EditionTable['row_totals'], code: string) =>
    totals.find((total) => total.code === code)?.count ?? null;
  const cellText = (table: EditionTable, row: string, column: string) =>
    number(table.cells.find((cell) => cell.row === row && cell.column === column)?.count ?? null);

  function cross(table: EditionTable) {
    const { rows, columns } = table;
    if (!columns) return undefined;
    const largest = largestCell(table);
    return {
      ...frame(
        i.t(w.cross.what, { rows: w.dimension[rows], columns: w.dimension[columns] }),
        `${rows}-${columns}`.replaceAll('_', '-'),
      ),
      title: largest
        ? i.t(w.cross.finding, {
            row: name(rows, largest.row),
            column: name(columns, largest.column),
            n: i.number(largest.count),
          })
        : w.cross.nothing,
      subtitle: subtitle(table),
      total: w.chart.total,
      base: i.number(table.base),
      rows: rowsOf(table).map((code) => ({
        key: code,
        label: name(rows, code),
        text: number(totalOf(table.row_totals, code)),
      })),
      columns: columnsOf(table).map((code) => ({
        key: code,
        label: name(columns, code),
        text: number(totalOf(table.column_totals, code)),
      })),
      cells: table.cells.flatMap(({ row, column, count = null }): CrossCell[] =>
        column ? [{ row, column, value: count, text: number(count) }] : [],
      ),
      table: crossTable(table, rows, columns),
    };
  }

  return { bars, cross, crossTable, frame, sentence, subtitle, hiddenCells, list, name, number, percent, rate, ratio };
}

/** Turns an edition into what the charts draw. */
export function describe(i: I18n, consultation: ConsultationView | null | undefined, edition: Edition) {
  const w = statistics[i.lang];
  const date = i.date(edition.taken_at);
  const source = i.t(w.source.edition, { n: edition.number, date });
  const of = describeTables(i, consultation, {
    source,
    file: `tachawor-${edition.number}`,
    date,
    rounding: edition.rules.rounding_base,
  });
  const { frame, sentence, subtitle, hiddenCells, list, name, number, percent, rate, ratio } = of;
  const censusOf = ({ census }: Representativeness) =>
    i.t(w.source.census, { source: census.source, name: i.local(census.name), licence: licenceName(census.licence) });

  /** Bars of a one-way table; nothing when the edition has none. */
  function bars(rows: Dimension, leading: Leading) {
    const table = tableOf(edition, rows);
    return table && of.bars(table, leading);
  }

  function weeks() {
    const table = tableOf(edition, 'week');
    const counts = table ? weeksOf(countsOf(table)) : [];
    if (!table || !counts.length) return undefined;
    const first = leaders(counts, table.base);
    return {
      ...frame(w.when.week, 'week'),
      title:
        first === 'hidden'
          ? i.t(w.about.hiddenLeader, { base: i.number(table.base) })
          : first.length === 1 && first[0]
            ? i.t(w.when.peak, {
                date: i.day(first[0].code),
                n: i.number(first[0].count ?? 0),
                base: i.number(table.base),
              })
            : i.t(w.about.noLeader, { base: i.number(table.base) }),
      subtitle: subtitle(table),
      format: (n: number) => i.number(n),
      moments: counts.map(({ code, count }): Moment => ({
        key: code,
        label: shortDate(code, counts.length > A_YEAR),
        value: count,
        text: number(count),
      })),
      table: {
        columns: [{ label: w.when.weekOf }, { label: w.chart.count, numeric: true }],
        rows: counts.map(({ code, count }) => [i.day(code), number(count)]),
        footer: [w.chart.total, i.number(table.base)],
      },
    };
  }

  function pyramid() {
    const floors = pyramidOf(edition);
    const table = tableOf(edition, 'age_band', 'gender');
    if (!floors.length || !table) return undefined;
    const women = comparisonOf(edition.participation?.comparisons, 'gender')?.groups.find(
      ({ code }) => code === 'female',
    );
    const compared = floors.some(({ female }) => female.expected !== null);
    const shown = floors.reduce((sum, { female }) => sum + (female.share ?? 0), 0);
    const side = ({ share, expected }: { share: number | null; expected: number | null }) => ({
      share,
      expected,
      text: percent(share),
    });
    return {
      ...frame(w.who.pyramid, 'age-gender'),
      title:
        women && known(women.share)
          ? i.t(w.who.pyramidTitle, { share: percent(women.share), expected: percent(women.population_share) })
          : floors.some(({ female, male }) => female.share === null || male.share === null)
            ? i.t(w.about.hiddenLeader, { base: i.number(table.base) })
            : i.t(w.who.pyramidBare, { share: percent(shown) }),
      subtitle: subtitle(table),
      notes: [w.who.among],
      source: compared && edition.participation ? [source, censusOf(edition.participation)] : [source],
      nothing: floors.every(({ female, male }) => female.share === null && male.share === null),
      first: w.who.women,
      second: w.who.men,
      counted: w.who.counted,
      expected: compared ? w.who.expected : '',
      floors: floors.map(({ band, female, male }): Floor => ({
        key: band,
        label: name('age_band', band),
        first: side(female),
        second: side(male),
      })),
      table: {
        columns: [
          { label: w.who.band },
          { label: w.who.womenShare, numeric: true },
          ...(compared ? [{ label: w.who.womenExpected, numeric: true }] : []),
          { label: w.who.menShare, numeric: true },
          ...(compared ? [{ label: w.who.menExpected, numeric: true }] : []),
        ],
        rows: floors.map(({ band, female, male }) => [
          name('age_band', band),
          percent(female.share),
          ...(compared ? [percent(female.expected)] : []),
          percent(male.share),
          ...(compared ? [percent(male.expected)] : []),
        ]),
      },
    };
  }

  const comparisonSubtitle = (compared: Representativeness, comparison: Comparison) =>
    sentence(
      // where every group is hidden, so is how many were compared
      i.t(w.unit[compared.unit], { n: i.number(comparison.base || edition.base) }),
      comparison.not_stated ? i.t(w.unit.notStated, { n: i.number(comparison.not_stated) }) : '',
      comparison.outside_region ? i.t(w.unit.outside, { n: i.number(comparison.outside_region) }) : '',
      hiddenCells(comparison.hidden),
      compared.unit === 'participations' ? i.t(w.unit.taken, { date }) : '',
    );

  const sourcesOf = (compared: Representativeness) => [
    ...(compared.unit === 'people' ? [w.source.plan] : []),
    source,
    censusOf(compared),
  ];

  /** The rates of the eight places. */
  function map(compared: Representativeness) {
    const comparison = comparisonOf(compared.comparisons, 'residence');
    if (!comparison) return undefined;
    const what = compared.unit === 'people' ? w.where.attendance : w.where.participation;
    const extremes = extremesOf(comparison.groups);
    const per = i.number(PER);
    const steps: Class[] = classes(comparison.groups.flatMap(({ per_100k }) => per_100k ?? []));
    const bound = (n: number) => i.number(n, { maximumFractionDigits: 1 });
    const key = ({ from, to }: Class) =>
      to === null
        ? from === 0
          ? w.where.one
          : i.t(w.where.last, { from: bound(from) })
        : from === 0
          ? i.t(w.where.first, { to: bound(to) })
          : i.t(w.where.class, { from: bound(from), to: bound(to) });
    return {
      ...frame(what, compared.unit === 'people' ? 'attendance' : 'participation'),
      title: extremes
        ? i.t(comparison.hidden ? w.where.findingShown : w.where.finding, {
            top: name('residence', extremes.top.code),
            high: rate(extremes.top.rate),
            bottom: name('residence', extremes.bottom.code),
            low: rate(extremes.bottom.rate),
            per,
          })
        : i.t(comparison.hidden ? w.about.hiddenLeader : w.about.noLeader, { base: i.number(comparison.base) }),
      subtitle: comparisonSubtitle(compared, comparison),
      source: [...sourcesOf(compared), w.source.map],
      nothing: comparison.groups.every((group) => !known(group.per_100k)),
      unit: i.t(w.where.per, { per }),
      classes: steps,
      keys: steps.map(key),
      items: comparison.groups.map(({ code, count, per_100k, population }): Coloured => ({
        id: code,
        label: name('residence', code),
        value: per_100k ?? null,
        text: rate(per_100k),
        more: known(count)
          ? i.plural(w.where.detail[compared.unit === 'people' ? 'people' : 'participations'], count, {
              population: i.number(population),
            })
          : i.t(w.where.hiddenDetail, { population: i.number(population) }),
      })),
      table: {
        columns: [
          { label: w.where.place },
          { label: w.chart.count, numeric: true },
          { label: w.where.population, numeric: true },
          { label: i.t(w.where.rate, { per }), numeric: true },
        ],
        rows: comparison.groups.map(({ code, count, population, per_100k }) => [
          name('residence', code),
          number(count),
          i.number(population),
          rate(per_100k),
        ]),
      },
    };
  }

  const groupName = (by: Comparison['by'], { code, gender }: ComparedGroup): string => {
    const people = (gender: string | null) => (gender === 'female' ? w.who.women : w.who.men);
    if (by === 'gender') return people(code);
    const first = name(by.startsWith('age_band') ? 'age_band' : 'residence', code);
    if (!gender) return first;
    return i.t(w.like.pair, { place: first, gender: people(gender) });
  };

  /** How present each group is, and how to read it. */
  function ratios(compared: Representativeness, comparison: Comparison) {
    const { by, groups } = comparison;
    const { under, over } = apartOf(groups);
    const names = (some: ComparedGroup[]) => list(some.map((group) => groupName(by, group)));
    const furthest = furthestOf(groups);
    const range = (low?: number | null, high?: number | null) =>
      !known(low) || !known(high) ? '' : i.t(w.like.range, { low: ratio(low), high: ratio(high) });
    return {
      ...frame(
        `${w.like.what[compared.unit === 'people' ? 'people' : 'participations']} ${w.like.by[by]}`,
        `${compared.unit === 'people' ? 'attendance' : 'participation'}-ratio-${by}`,
      ),
      title:
        under.length > 3
          ? i.plural(w.like.manyUnder, under.length, { total: i.number(groups.length) })
          : under.length
            ? i.t(w.like.under, { names: names(under) })
            : over.length && over.length <= 3
              ? i.t(w.like.over, { names: names(over) })
              : groups.every((group) => !known(group.ratio))
                ? w.like.allHidden
                : comparison.hidden
                  ? w.like.levelShown
                  : w.like.level,
      subtitle: comparisonSubtitle(compared, comparison),
      source: sourcesOf(compared),
      nothing: groups.every((group) => !known(group.ratio)),
      less: w.like.less,
      more: w.like.more,
      format: (n: number) => i.number(n, { maximumFractionDigits: 3 }),
      items: groups.map((group): RatioRow => ({
        key: `${group.code} ${group.gender ?? ''}`,
        label: groupName(by, group),
        ratio: group.ratio ?? null,
        low: group.ratio_low ?? null,
        high: group.ratio_high ?? null,
        text: ratio(group.ratio),
        range: range(group.ratio_low, group.ratio_high),
        small: group.small,
      })),
      table: {
        columns: [
          { label: w.like.group },
          { label: w.chart.count, numeric: true },
          { label: w.like.share, numeric: true },
          { label: w.like.populationShare, numeric: true },
          { label: w.like.ratio, numeric: true },
          { label: w.like.low, numeric: true },
          { label: w.like.high, numeric: true },
        ],
        rows: groups.map((group) => [
          groupName(by, group),
          number(group.count),
          percent(group.share),
          percent(group.population_share),
          ratio(group.ratio),
          ratio(group.ratio_low),
          ratio(group.ratio_high),
        ]),
      },
      /** Each measure in a sentence. */
      readings: [
        known(comparison.lowest_to_highest) && by !== 'gender'
          ? i.t(w.like.lowestToHighest, { n: i.number(Math.round(comparison.lowest_to_highest * 100)) })
          : '',
        known(comparison.dissimilarity) ? i.t(w.like.dissimilarity, { share: percent(comparison.dissimilarity) }) : '',
        furthest
          ? i.t(w.like.extreme, {
              name: groupName(by, furthest),
              ratio: ratio(furthest.ratio),
              low: ratio(furthest.ratio_low),
              high: ratio(furthest.ratio_high),
            })
          : '',
        comparison.hidden > 0 ? i.t(w.like.withHidden, { n: i.number(comparison.hidden) }) : '',
      ].filter(Boolean),
      warning: comparison.small ? w.like.small : '',
    };
  }

  /** From the channel to what became of it. */
  function flow() {
    const table = tableOf(edition, 'channel', 'state');
    const largest = table && largestCell(table);
    // dashes alone are no picture: the table is among those of two questions
    if (!table || !largest) return undefined;
    // the totals of their own tables are not rounded
    const end = (dimension: Dimension, code: string): End => ({
      key: code,
      label: name(dimension, code),
      text: number(tableOf(edition, dimension)?.cells.find(({ row }) => row === code)?.count ?? null),
      colour: dimension === 'state' ? stateColour(code) : undefined,
    });
    return {
      ...frame(w.became.flow, 'channel-state'),
      title: i.t(w.became.flowTitle, {
        from: name('channel', largest.row),
        to: name('state', largest.column),
        n: i.number(largest.count),
      }),
      subtitle: subtitle(table),
      notes: table.hidden ? [w.became.flowNote] : [],
      sources: rowsOf(table).map((code) => end('channel', code)),
      targets: columnsOf(table).map((code) => end('state', code)),
      streams: table.cells.flatMap(({ row, column, count = null }): Stream[] =>
        column ? [{ from: row, to: column, value: count }] : [],
      ),
      table: of.crossTable(table, 'channel', 'state'),
    };
  }

  return { bars, weeks, pyramid, map, ratios, flow, cross: of.cross, name, number };
}

/** What became of the public record up to now, as bars. */
export function describeNow(i: I18n, counts: PublicCountsView) {
  const w = statistics[i.lang];
  const { base } = counts;
  const percent = (n: number) => i.number(base ? n / base : 0, { style: 'percent', maximumFractionDigits: 1 });
  const name = (code: string) => codeName(i, undefined, 'state', code);
  return {
    what: w.became.state,
    file: 'tachawor-state',
    words: w.chart,
    rtl: i.dir === 'rtl',
    source: [i.t(w.source.now, { date: i.dateTime(counts.taken_at) })],
    // what was answered says more than which answer is the most frequent
    title: i.t(w.became.answeredOf, { n: i.number(counts.answered), base: i.number(base) }),
    subtitle: `${i.t(w.unit.participations, { n: i.number(base) })} ${i.t(w.now.taken, { date: i.dateTime(counts.taken_at) })}`,
    bars: counts.state.map(({ code, count }): Bar => ({
      key: code,
      label: name(code),
      value: count,
      text: i.number(count),
      share: percent(count),
      colour: stateColour(code),
    })),
    table: {
      columns: [
        { label: w.dimension.state },
        { label: w.chart.count, numeric: true },
        { label: w.chart.share, numeric: true },
      ],
      rows: counts.state.map(({ code, count }) => [name(code), i.number(count), percent(count)]),
      footer: [w.chart.total, i.number(base), percent(base)],
    },
  };
}

/** What an outcome means: kept, sent on, not kept, or still waiting. */
function stateColour(state: string): string {
  if (['retained', 'drafted', 'adopted', 'merged'].includes(state)) return 'var(--ok)';
  if (state === 'redirected') return 'var(--brand)';
  if (['not_retained', 'withheld'].includes(state)) return 'var(--accent)';
  return 'var(--edge)';
}
