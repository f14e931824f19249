import { expect, test } from 'vitest';

import { emptyDraft, toRequest } from './draft';
import { pieces, publicTexts } from './personal';

test('a text is cut at the places the API counts: units of UTF-16', () => {
  const text = '🌊 a@b.example.org, ٠٦';
  expect(pieces(text, [{ kind: 'email', start: 3, end: 18 }])).toEqual([
    { text: '🌊 ' },
    { text: 'a@b.example.org', kind: 'email' },
    { text: ', ٠٦' },
  ]);
  expect(pieces('06', [{ kind: 'phone', start: 0, end: 2 }])).toEqual([{ text: '06', kind: 'phone' }]);
  expect(pieces('nothing', [])).toEqual([{ text: 'nothing' }]);
  expect(pieces('', [])).toEqual([]);
});

test('only what all will read is looked through', () => {
  const draft = { ...emptyDraft(), title: 'T', problem: 'P', solution: 'S', participantType: 'academic' as const };
  const fields = (named: boolean) =>
    publicTexts(toRequest({ ...draft, organisation: 'O', nameOrganisation: named, email: 'a@b.example.org' })).map(
      ({ field }) => field,
    );
  expect(fields(false)).toEqual(['title', 'problem', 'solution']);
  expect(fields(true)).toEqual(['title', 'problem', 'solution', 'organisation']);
});
