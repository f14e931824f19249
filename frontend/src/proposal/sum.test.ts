import { expect, test } from 'vitest';

import { solve } from './sum';

// printf 'abc:42' | sha256sum
const challenge = '77fed3f4d816b7f45026b803d1110fd9e8495ff5884d55c08c605d1b68057163';

test('the answer is found', () => {
  expect(solve({ token: 'abc', challenge, most: 43 })).toBe(42);
});

test('what has no answer ends', () => {
  expect(solve({ token: 'abc', challenge, most: 42 })).toBeNull();
  expect(solve({ token: 'abd', challenge, most: 100 })).toBeNull();
});
