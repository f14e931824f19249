import { scaleLog } from 'd3-scale';

/** Steps that people count in. */
const STEPS = [1, 2, 2.5, 5, 10];

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `value`. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (STEPS.find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}

/** A scale from 0 over every value: its end and a few marks, all of them whole numbers of an even step. */
export function marks(largest: number, wanted = 4): { end: number; ticks: number[] } {
  const step = Math.max(1, roundUp(Math.max(1, largest) / wanted));
  const count = Math.max(1, Math.ceil(largest / step - 1e-9));
  return { end: count * step, ticks: Array.from({ length: count + 1 }, (_, n) => n * step) };
}

/** A class of a map: from `from` (included) up to `to` (not included; the last one has no end). */
export interface Class {
  from: number;
  to: number | null;
}

/**
 * Up to `wanted` classes of values that are spread over more than one order of magnitude: every class holds about as many
 * values as another, and its bounds are round numbers. The first begins at 0; no values have no class.
 */
export function classes(values: readonly number[], wanted = 4): Class[] {
  if (!values.length) return [];
  const sorted = [...values].sort((a, b) => a - b);
  const bounds = new Set<number>();
  for (let n = 1; n < wanted; n++) {
    const at = sorted[Math.floor((n * sorted.length) / wanted)];
    if (at !== undefined && at > 0) bounds.add(roundDown(at));
  }
  const inner = [...bounds].filter((bound) => bound > (sorted[0] ?? 0)).sort((a, b) => a - b);
  return [0, ...inner].map((from, n) => ({ from, to: inner[n] ?? null }));
}

/** Two digits at most: 53.6 begins a class at 50, 2.94 one at 2.5, 0.83 one at 0.8. */
function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = value / power < 3 ? 0.5 : 1;
  return Number((Math.floor(value / power / step + 1e-9) * step * power).toPrecision(3));
}

/** Which class a value is in. */
export const classOf = (all: readonly Class[], value: number): number => all.findLastIndex(({ from }) => value >= from);

/**
 * Ratios on a scale where half and double are equally far from 1, wide enough for every value and for a quarter to four times;
 * a bound of 0 is drawn at the end of the scale.
 */
export function ratioScale(values: readonly number[], start: number, end: number) {
  const known = values.filter((value) => value > 0);
  const furthest = Math.max(2, ...known.map((value) => Math.max(value, 1 / value)));
  // an outlier must not press the others together
  const power = Math.min(5, Math.ceil(Math.log2(furthest) - 1e-9));
  const far = 2 ** power;
  const scale = scaleLog()
    .domain([1 / far, far])
    .range([start, end])
    .clamp(true);
  const ticks = Array.from({ length: 2 * power + 1 }, (_, n) => 2 ** (n - power));
  return { at: (value: number) => (value > 0 ? scale(value) : start), ticks };
}
