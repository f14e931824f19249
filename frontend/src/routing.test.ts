import { expect, test } from 'vitest';

import { inLanguage, query, to } from './routing';

test('an address ends with a slash and its parts are encoded', () => {
  expect(to('ar')).toBe('/ar/');
  expect(to('fr', 'proposals', 'TTA-26-000123')).toBe('/fr/proposals/TTA-26-000123/');
  expect(to('fr', 'proposals', '../?x')).toBe('/fr/proposals/..%2F%3Fx/');
});

test('the other language keeps page and filters', () => {
  expect(inLanguage('fr', { pathname: '/ar/proposals/', search: '?axis=a' })).toBe('/fr/proposals/?axis=a');
  expect(inLanguage('fr', { pathname: '/ar/', search: '' })).toBe('/fr/');
});

test('empty filters are not in the address', () => {
  expect(query({ a: '', b: null, c: undefined })).toBe('');
  expect(query({ text: 'الماء و النظافة', axis: '' })).toBe(`?${new URLSearchParams({ text: 'الماء و النظافة' })}`);
});
