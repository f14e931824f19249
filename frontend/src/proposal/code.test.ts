import { expect, test } from 'vitest';

import { checkCode, formatCode } from './code';

const CODE = '7K3MQ-92XYT-4H8WN-B5RVD';

test.each([
  ['7k3mq92xyt4h8wnb5rvd'],
  [' 7K3MQ 92XYT 4H8WN B5RVD '],
  ['7K3MQ–92XYT—4H8WN−B5RVD'.replace('−', '-')],
  ['٧K٣MQ-٩٢XYT-٤H٨WN-B٥RVD'],
  ['\u200e7K3MQ-92XYT-4H8WN-B5RVD\u200f'],
])('%s is read as the code', (typed) => {
  expect(formatCode(typed)).toBe(CODE);
  expect(checkCode(typed)).toBeNull();
});

test('letters that look like digits are digits', () => {
  expect(formatCode('oOiIlL')).toBe('00111-1');
});

test('what cannot be a code says why', () => {
  expect(checkCode('  - ')).toEqual({ kind: 'required' });
  expect(checkCode('7K3MQ')).toEqual({ kind: 'length', n: 5 });
  expect(checkCode(CODE.replace('7', 'U'))).toEqual({ kind: 'letters', letters: 'U' });
  expect(checkCode('رمزي السري')?.kind).toBe('letters');
});
