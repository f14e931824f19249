import { expect, test } from 'vitest';

import { daysBetween, dayOf, formatDate, formatDateTime, formatDay, formatMonth } from './dates';

test('months have their Moroccan names', () => {
  const months = Array.from({ length: 12 }, (_, n) => formatMonth('ar', `2026-${String(n + 1).padStart(2, '0')}`));
  expect(months.map((month) => month.split(' ')[0])).toEqual(
    'يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر'.split(' '),
  );
});

test('a day has Latin digits', () => {
  expect(formatDay('ar', '2026-12-04')).toBe('4 دجنبر 2026');
  expect(formatDay('fr', '2026-12-04')).toBe('4 décembre 2026');
});

test('a calendar day does not move with the time zone, an instant does', () => {
  expect(formatDay('fr', '2026-01-01')).toBe('1 janvier 2026');
  expect(formatDate('fr', '2026-01-01T12:00:00Z')).toBe('1 janvier 2026');
  expect(dayOf('2026-01-01T12:00:00Z')).toBe('2026-01-01');
});

test('the hour counts to 24', () => {
  expect(formatDateTime('fr', '2026-01-01T14:05:00Z')).toMatch(/1[45]:05/);
});

test('days are counted by the calendar, not in spans of 24 hours', () => {
  expect(daysBetween('2026-11-23T20:00:00Z', '2026-11-24T06:00:00Z')).toBe(1);
  expect(daysBetween('2026-11-23T06:00:00Z', '2026-11-23T20:00:00Z')).toBe(0);
  expect(daysBetween('2026-11-24T12:00:00Z', '2026-11-23T12:00:00Z')).toBe(-1);
});
