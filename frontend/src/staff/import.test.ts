import { expect, test } from 'vitest';

import { missing, put, whole } from './import';

test('a value is put in its place and taken away again', () => {
  expect(put({ axis: 'Axe' }, 'title', 'Titre')).toEqual({ axis: 'Axe', title: 'Titre' });
  expect(put({ axis: 'Axe', title: 'Titre' }, 'title', '')).toEqual({ axis: 'Axe' });
});

test('a column or one value for all is enough', () => {
  const mapping = whole({ columns: { title: 'Titre', problem: 'P', solution: 'S', axis: 'A', territory: 'T' } });
  expect(missing(mapping)).toEqual(['submitted_on', 'channel', 'language']);
  mapping.defaults = { channel: 'petition', language: 'fr', submitted_on: '2026-03-05' };
  expect(missing(mapping)).toEqual([]);
});

test('what is changed of a mapping is not changed where it came from', () => {
  const sent = { columns: { title: 'Titre' }, values: { gender: { F: 'female' } } };
  const mine = whole(sent);
  (mine.values.gender as Record<string, string>).F = 'male';
  mine.columns = put(mine.columns, 'title', '');
  expect(sent).toEqual({ columns: { title: 'Titre' }, values: { gender: { F: 'female' } } });
});
