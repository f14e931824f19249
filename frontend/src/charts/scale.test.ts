import { describe, expect, test } from 'vitest';

import { classes, classOf, marks, ratioScale, roundUp } from './scale';

test.each([
  [1, 1],
  [1.1, 2],
  [24, 25],
  [26, 50],
  [51, 100],
  [0.3, 0.5],
])('%d is rounded up to %d', (value, rounded) => {
  expect(roundUp(value)).toBeCloseTo(rounded, 10);
});

describe('marks', () => {
  test('cover every value in even steps from 0', () => {
    expect(marks(96)).toEqual({ end: 100, ticks: [0, 25, 50, 75, 100] });
    expect(marks(100)).toEqual({ end: 100, ticks: [0, 25, 50, 75, 100] });
    expect(marks(101)).toEqual({ end: 150, ticks: [0, 50, 100, 150] });
  });

  test('are whole numbers, of which there are no halves of a participation', () => {
    expect(marks(2)).toEqual({ end: 2, ticks: [0, 1, 2] });
    expect(marks(0)).toEqual({ end: 1, ticks: [0, 1] });
  });
});

describe('classes', () => {
  // the attendance of the eight meetings for 100,000 inhabitants
  const rates = [2.9, 53.6, 16.7, 25.8, 21.9, 14.3, 21.6, 12.4];

  test('have round bounds, begin at 0 and have no end', () => {
    expect(classes(rates)).toEqual([
      { from: 0, to: 10 },
      { from: 10, to: 20 },
      { from: 20, to: 25 },
      { from: 25, to: null },
    ]);
  });

  test('hold every value once, its lower bound included', () => {
    const all = classes(rates);
    expect(rates.map((rate) => classOf(all, rate))).toEqual([0, 3, 1, 3, 2, 1, 2, 1]);
    expect(classOf(all, 10)).toBe(1);
    expect(classOf(all, 9.9)).toBe(0);
    expect(classOf(all, 0)).toBe(0);
  });

  test('are none of nothing', () => {
    expect(classes([])).toEqual([]);
  });

  test('are one where there is nothing to tell apart', () => {
    expect(classes([5, 5, 5])).toEqual([{ from: 0, to: null }]);
    expect(classes([0, 0])).toEqual([{ from: 0, to: null }]);
  });
});

describe('a scale of ratios', () => {
  test('half and double are equally far from 1', () => {
    const { at } = ratioScale([0.5, 2], 0, 100);
    expect(at(1)).toBeCloseTo(50);
    expect(at(2) - at(1)).toBeCloseTo(at(1) - at(0.5));
  });

  test('reaches to every value and marks the halves and doubles', () => {
    expect(ratioScale([0.23, 4.1, 5.25], 0, 100).ticks).toEqual([0.125, 0.25, 0.5, 1, 2, 4, 8]);
    expect(ratioScale([1], 0, 100).ticks).toEqual([0.5, 1, 2]);
  });

  test('nobody at all, and an outlier, stand at its ends', () => {
    const { at, ticks } = ratioScale([0, 500], 10, 90);
    expect(at(0)).toBe(10);
    expect(at(500)).toBeCloseTo(90);
    expect(ticks.at(-1)).toBe(32);
  });
});
