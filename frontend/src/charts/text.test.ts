import { describe, expect, test } from 'vitest';

import { widthOf, wrap } from './text';

describe('wrap', () => {
  test('breaks between words where the line would be too long', () => {
    const text = 'Gouvernance environnementale et climatique';
    const lines = wrap(text, 180, 14);
    expect(lines.join(' ')).toBe(text);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(widthOf(line, 14)).toBeLessThanOrEqual(180);
  });

  test('a word too long for the line stands alone, and nothing is lost', () => {
    expect(wrap('a anticonstitutionnellement b', 40, 14)).toEqual(['a', 'anticonstitutionnellement', 'b']);
    expect(wrap('', 40, 14)).toEqual([]);
  });

  test('what does not fit in the lines allowed is said to go on', () => {
    expect(wrap('un deux trois quatre', 1, 14, 2)).toEqual(['un', 'deux…']);
  });

  test('a no-break space is kept', () => {
    expect(wrap('29\u00a0% des', 1, 14)).toEqual(['29\u00a0%', 'des']);
  });
});

test('vowel signs take no room', () => {
  expect(widthOf('لم يُذكر', 14)).toBe(widthOf('لم يذكر', 14));
});
