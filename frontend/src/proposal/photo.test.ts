import { expect, test } from 'vitest';

import { fit, stillKept } from './photo';

test('a photo is made as small as need be, and no larger', () => {
  expect(fit(4000, 3000, 2560)).toEqual({ width: 2560, height: 1920 });
  expect(fit(3000, 4000, 2560)).toEqual({ width: 1920, height: 2560 });
  expect(fit(2560, 10, 2560)).toEqual({ width: 2560, height: 10 });
  expect(fit(640, 480, 2560)).toEqual({ width: 640, height: 480 });
  expect(fit(10_000, 1, 2560)).toEqual({ width: 2560, height: 1 });
});

test('what the server has forgotten, or soon will, is not offered again', () => {
  const hour = 60 * 60 * 1000;
  const photo = (at: number) => ({ token: `${at}`, size: 1, at });
  expect(stillKept([photo(0), photo(2 * hour)], 23 * hour)).toEqual([photo(2 * hour)]);
  expect(stillKept([null, {}] as never[], 0)).toEqual([]);
});
