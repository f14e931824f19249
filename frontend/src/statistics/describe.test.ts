import { describe as suite, expect, test } from 'vitest';

import type { ConsultationView } from '$api/schema';
import type { I18n } from '$i18n';
import { common as ar } from '$i18n/ar/common';
import { formatDate, formatDateTime, formatDay, formatMonth } from '$i18n/dates';
import { common as fr } from '$i18n/fr/common';
import { direction, type Language } from '$i18n/languages';
import { fill, fillPlural, formatNumber } from '$i18n/message';

import { describe } from './describe';
import fixture from './fixture.json';
import type { Edition, Representativeness } from './types';

const edition = fixture.edition as Edition;
const participation = edition.participation as Representativeness;

const i18n = (lang: Language): I18n => ({
  lang,
  dir: direction(lang),
  common: { ar, fr }[lang],
  t: fill,
  plural: (forms, n, values) => fillPlural(lang, forms, n, values),
  number: (n, options) => formatNumber(lang, n, options),
  date: (instant) => formatDate(lang, instant),
  dateTime: (instant) => formatDateTime(lang, instant),
  day: (day) => formatDay(lang, day),
  month: (month) => formatMonth(lang, month),
  local: (text) => text[lang] ?? '',
});

const consultation = {
  axes: [{ code: 'economic-empowerment', position: 1, label: { ar: 'التمكين الاقتصادي', fr: 'Autonomisation' } }],
  territories: [
    { code: 'MA-FAH', label: { ar: 'الفحص أنجرة', fr: 'Fahs-Anjra' } },
    { code: 'MA-TNG', label: { ar: 'طنجة أصيلة', fr: 'Tanger-Assilah' } },
    { code: 'MA-OUZ', label: { ar: 'وزان', fr: 'Ouezzane' } },
    { code: 'MA-TET', label: { ar: 'تطوان', fr: 'Tétouan' } },
  ],
} as unknown as ConsultationView;

const french = describe(i18n('fr'), consultation, edition);
const arabic = describe(i18n('ar'), consultation, edition);
// the eye does not tell these spaces from others
const plain = (text = '') => text.replace(/[\u00a0\u202f]/g, ' ').replace(/[\u200e\u200f]/g, '');

suite('findings', () => {
  test('bars say who is first, of how many, in both languages', () => {
    const words = { what: '', leads: '{name}: {n}/{base}' };
    expect(french.bars('axis', words)?.title).toBe('Autonomisation: 121/412');
    expect(arabic.bars('axis', words)?.title).toBe('التمكين الاقتصادي: 121/412');
  });

  test('a hidden bar has the word and no number, and no share', () => {
    const bars = french.bars('participant_type', { what: '', leads: '{name}' });
    const hidden = bars?.bars.find(({ key }) => key === 'elected_official');
    expect(hidden).toMatchObject({ value: null, text: 'caché', share: 'caché' });
    expect(bars?.table.rows.find(([label]) => label === 'Élue ou élu')).toEqual(['Élue ou élu', 'caché', 'caché']);
    expect(plain(bars?.subtitle)).toBe(
      'Unité : participations. Total : 412. Non précisé : 23. 2 cases cachées. Chiffres du 1 décembre 2026.',
    );
  });

  test('the map of the meetings names its ends', () => {
    const map = edition.attendance && french.map(edition.attendance);
    expect(plain(map?.title)).toBe(
      'Fahs-Anjra en tête : 53,6 pour 100.000 habitants ; en dernier, Tanger-Assilah : 2,9',
    );
    expect(map?.keys.map(plain)).toEqual(['moins de 10', 'de 10 à moins de 20', 'de 20 à moins de 25', '25 et plus']);
    expect(map?.source.some((line) => line.includes('OpenStreetMap'))).toBe(true);
    expect(map?.source.some((line) => line.includes('Haut-Commissariat au Plan'))).toBe(true);
  });

  test('ratios name who is present less than their share, and read every measure out', () => {
    const [residence, gender] = participation.comparisons;
    if (!residence || !gender) throw new Error('the fixture lost its comparisons');
    const places = french.ratios(participation, residence);
    expect(plain(places.title)).toBe('Moins présents que leur part de la population : Ouezzane');
    expect(places.warning).not.toBe('');
    expect(places.items.find(({ key }) => key === 'MA-FAH ')).toMatchObject({ ratio: null, text: 'caché', range: '' });
    const people = french.ratios(participation, gender);
    expect(people.readings.map(plain)).toEqual([
      'Pour ressembler à la population, 9,8 % des participations auraient dû venir d’un autre groupe.',
      'Femmes : 0,80 fois sa part de la population, entre 0,70 et 0,91 avec la marge d’erreur (95 %).',
    ]);
  });

  test('lowest to highest is said as so many of a hundred', () => {
    const compared = edition.attendance;
    const residence = compared?.comparisons[0];
    if (!compared || !residence) throw new Error('the fixture lost its meetings');
    // 2.9 to 53.6
    expect(plain(french.ratios(compared, residence).readings[0])).toContain('il en vient 5,');
  });

  test('the week with the most', () => {
    expect(plain(french.weeks()?.title)).toBe('La semaine la plus active a commencé le 2 novembre 2026 : 96 sur 412');
  });

  test('what is hidden is not passed over in silence', () => {
    expect(plain(french.map(participation)?.title)).toBe(
      'Des nombres publiés, Tétouan a le plus haut : 19,6 pour 100.000 habitants ; Ouezzane le plus bas : 6,9',
    );
    const tables = edition.tables.map((table) => ({
      ...table,
      cells: table.cells.map((cell) => ({ ...cell, count: null })),
    }));
    const dark = describe(i18n('fr'), consultation, { ...edition, tables });
    expect(plain(dark.bars('axis', { what: '', leads: '{name}' })?.title)).toBe(
      'Trop de nombres sont cachés pour dire qui est en tête : 412 au total',
    );
    expect(dark.flow()).toBeUndefined();
  });

  test('weeks of more than a year say which', () => {
    const week = (row: string) => ({ row, column: null, count: 9 });
    const tables = edition.tables.map((table) =>
      table.rows === 'week' ? { ...table, cells: [week('2023-12-18'), week('2026-11-23')] } : table,
    );
    const moments = describe(i18n('fr'), consultation, { ...edition, tables }).weeks()?.moments;
    expect(moments?.[0]?.label).toBe('12/2023');
    expect(french.weeks()?.moments[0]?.label).toBe('5/10');
  });

  test('women, of those who took part and of the people', () => {
    expect(plain(french.pyramid()?.title)).toBe('Les femmes : 39,7 % des participations, 49,6 % de la population');
    expect(plain(arabic.pyramid()?.title)).toBe('النساء: 39,7% من المشاركات، و49,6% من الساكنة');
  });

  test('the most followed way is said to be rounded, a hidden one is kept as such', () => {
    const flow = french.flow();
    expect(plain(flow?.title)).toBe(
      'Le chemin publié le plus suivi : Consultation numérique, puis « Retenue par le comité » (environ 80)',
    );
    expect(flow?.streams.find(({ from, to }) => from === 'digital' && to === 'withheld')?.value).toBeNull();
    expect(flow?.notes).toHaveLength(1);
  });
});

suite('the tables beside the charts', () => {
  test('add up to the base in words of the page', () => {
    const table = arabic.bars('axis', { what: '', leads: '' })?.table;
    expect(table?.footer?.map(plain)).toEqual(['المجموع', '412', '100%']);
    expect(table?.rows.map((row) => Number(row[1])).reduce((sum, n) => sum + n, 0)).toBe(412);
  });

  test('a two-way table has a row an answer and a column an answer, and its totals', () => {
    const table = edition.tables.find(({ rows, columns }) => rows === 'axis' && columns === 'gender');
    const cross = table && french.cross(table);
    expect(cross?.table.columns).toHaveLength(5);
    expect(cross?.table.rows).toHaveLength(5);
    expect(cross?.table.footer).toHaveLength(5);
    expect(cross?.cells.filter(({ value }) => value === null).every(({ text }) => text === 'caché')).toBe(true);
  });
});
