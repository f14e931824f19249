import { expect, test } from 'vitest';

import { fill, fillPlural, formatNumber, plural } from './message';

const days = plural({ one: 'يوم واحد', two: 'يومان', few: '{n} أيام', many: '{n} يوما', other: '{n} يوم' });

test('Arabic counts in six ways', () => {
  const said = [1, 2, 3, 10, 11, 99, 100, 103].map((n) => fillPlural('ar', days, n));
  expect(said).toEqual(['يوم واحد', 'يومان', '3 أيام', '10 أيام', '11 يوما', '99 يوما', '100 يوم', '103 أيام']);
});

test('a form that is not given falls back to the general one', () => {
  expect(fillPlural('ar', days, 0)).toBe('0 يوم');
});

test('French counts zero with one', () => {
  const forms = plural({ one: '{n} jour', other: '{n} jours' });
  expect([0, 1, 2].map((n) => fillPlural('fr', forms, n))).toEqual(['0 jour', '1 jour', '2 jours']);
});

test('a placeholder without a value stays to be seen', () => {
  expect(fill('{a} et {b}', { a: 1 })).toBe('1 et {b}');
});

test('a value is put in as it is, whatever signs it has', () => {
  expect(fill('{a}', { a: '$& {b}' })).toBe('$& {b}');
});

test('digits are Latin, and four of them are not cut', () => {
  expect(formatNumber('ar', 4000)).toBe('4000');
  expect(formatNumber('fr', 4000)).toBe('4000');
  expect(formatNumber('ar', 4030222)).toMatch(/^4[.,]030[.,]222$/);
});
