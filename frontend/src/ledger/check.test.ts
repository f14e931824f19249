import { afterEach, expect, test, vi } from 'vitest';

import type { LedgerView } from '$api/schema';

import { checkText, outcomes, verdict, type Log } from './check';
import fixture from './fixture.json';

const [older = '', newest = ''] = fixture.checkpoints;
const at = fixture.inclusion.checkpoint.at;

/** The log of the fixture, which knows one receipt; `change` is what it says instead. */
const log = (change: Partial<Log> = {}): Log => ({
  inclusion: async (leaf) => (leaf === fixture.receipt.leaf_hash ? fixture.inclusion : null),
  consistency: async () => fixture.consistency,
  ...change,
});
const now = { key: fixture.key, size: 7, checkpoint: fixture.inclusion.checkpoint, witnesses: 0 };
const check = (text: string, change?: Partial<Log>, view: LedgerView = now) => checkText(view, text, log(change));
const receipt = (change: Partial<typeof fixture.receipt> = {}) => JSON.stringify({ ...fixture.receipt, ...change });
const sure = ['words_right', 'entry_right', 'promise_right'];

test('a receipt holds in every way, and says of what it speaks', async () => {
  const { kind, findings, entry } = await check(receipt());
  expect(kind).toBe('receipt');
  expect(findings).toEqual([...sure, 'note_right', 'place_right']);
  expect(verdict(findings)).toBe('right');
  expect(entry?.proposal).toBe('TTA-26-000005');
});

test('only the hash of the line is asked for', async () => {
  const inclusion = vi.fn(log().inclusion);
  await check(receipt(), { inclusion });
  expect(inclusion.mock.calls).toEqual([[fixture.receipt.leaf_hash]]);
});

test('what was changed in a receipt is named', async () => {
  const found = async (change: Partial<typeof fixture.receipt>) => (await check(receipt(change))).findings;
  const { content, entry, leaf_hash, salt, signature } = fixture.receipt;
  const placed = ['note_right', 'place_right'];
  expect(await found({ content: content.replace('4', '5') })).toEqual(['words_wrong', ...sure.slice(1), ...placed]);
  expect(await found({ salt: salt.replace('b', 'c') })).toEqual(['words_wrong', ...sure.slice(1), ...placed]);
  expect(await found({ leaf_hash: leaf_hash.replace('a', 'b') })).toEqual([
    'words_right',
    'entry_wrong',
    'promise_right',
    ...placed,
  ]);
  expect(await found({ signature: signature.replace('m', 'n') })).toEqual([
    'words_right',
    'entry_right',
    'promise_wrong',
    ...placed,
  ]);
  expect(await found({ entry: entry.replace('09:00', '08:00') })).toEqual([
    'words_right',
    'entry_wrong',
    'promise_wrong',
    'place_unknown',
  ]);
  expect(await found({ entry: 'nothing' })).toEqual(['words_wrong', 'entry_wrong', 'promise_wrong', 'place_unknown']);
});

test('no sign of a receipt changes without being noticed', async () => {
  const text = receipt();
  for (const [place, sign] of [...text].entries()) {
    const changed = [...text].with(place, sign === '7' ? '8' : '7').join('');
    expect(verdict((await check(changed)).findings), changed).toBe('wrong');
  }
});

test('a log that lies about the place is caught', async () => {
  const place = { ...fixture.inclusion };
  const found = async (answer: typeof place) => (await check(receipt(), { inclusion: async () => answer })).findings;
  expect(await found({ ...place, position: 3 })).toEqual([...sure, 'note_right', 'place_wrong']);
  expect(await found({ ...place, path: place.path.slice(1) })).toEqual([...sure, 'note_right', 'place_wrong']);
  expect(await found({ ...place, path: ['zz'] })).toEqual([...sure, 'note_right', 'place_wrong']);
  const unsigned = { at, size: 7, note: newest.replace('\n7\n', '\n8\n') };
  expect(await found({ ...place, checkpoint: unsigned })).toEqual([...sure, 'note_wrong']);
});

test('an entry without a place yet is neither right nor wrong; one that the log does not know is wrong', async () => {
  const waits = await check(receipt(), { inclusion: async () => ({ position: null, path: [], checkpoint: null }) });
  expect(waits.findings).toEqual([...sure, 'place_waits']);
  expect(verdict(waits.findings)).toBe('waits');
  const unknown = await check(receipt(), { inclusion: async () => null });
  expect(unknown.findings).toEqual([...sure, 'place_unknown']);
  expect(verdict(unknown.findings)).toBe('wrong');
});

test('without an answer from the log what the file says of itself is still checked', async () => {
  const failing = { inclusion: () => Promise.reject(new Error()), consistency: () => Promise.reject(new Error()) };
  const { findings } = await check(receipt(), failing);
  expect(findings).toEqual([...sure, 'unreachable']);
  expect(verdict(findings)).toBe('unchecked');
  expect((await check(older, failing)).findings).toEqual(['kept_right', 'note_right', 'unreachable']);
});

test('a checkpoint that was kept is a beginning of the log of today', async () => {
  for (const text of [older, older.trim(), older.replaceAll('\n', '\r\n')]) {
    expect(await check(text)).toEqual({
      kind: 'checkpoint',
      findings: ['kept_right', 'note_right', 'growth_right'],
    });
  }
  expect((await check(newest, { consistency: async () => [] })).findings.at(-1)).toBe('growth_right');
});

test('a log that was rewritten is caught by a checkpoint from before', async () => {
  const { consistency } = fixture;
  const spoilt = { consistency: async () => [...consistency.slice(1), consistency[0] ?? ''] };
  expect((await check(older, spoilt)).findings).toEqual(['kept_right', 'note_right', 'growth_wrong']);
  const today = async (checkpoint: LedgerView['checkpoint'], kept: string) =>
    (await check(kept, {}, { ...now, checkpoint })).findings;
  expect(await today({ at, size: 3, note: older }, newest)).toEqual(['kept_right', 'growth_shrunk']);
  expect(await today(null, newest)).toEqual(['kept_right', 'growth_shrunk']);
  expect(await today({ at, size: 7, note: 'x' }, older)).toEqual(['kept_right', 'note_wrong']);
});

test('what is neither, or of another log, is said to be', async () => {
  expect((await check('')).findings).toEqual(['unreadable']);
  expect((await check('{"code": "x"}')).findings).toEqual(['unreadable']);
  expect((await check(older.replace('\n3\n', '\n4\n'))).findings).toEqual(['kept_wrong']);
  expect((await check(older.replaceAll('tachawor.test', 'other.test'))).findings).toEqual(['kept_other_log']);
  expect((await check(receipt(), {}, { ...now, key: 'no key' })).findings).toEqual(['key_wrong']);
});

afterEach(() => vi.restoreAllMocks());

test('a browser without Ed25519 does not call anything right as a whole', async () => {
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('', 'NotSupportedError'));
  const { findings } = await check(receipt());
  expect(findings).toEqual(['words_right', 'entry_right', 'promise_unchecked', 'note_unchecked', 'place_right']);
  expect(verdict(findings)).toBe('unchecked');
  expect((await check(older)).findings).toEqual(['kept_unchecked', 'note_unchecked', 'growth_right']);
});

test('the worst finding decides', () => {
  const all = Object.keys(outcomes) as (keyof typeof outcomes)[];
  expect(verdict(all)).toBe('wrong');
  expect(verdict(['words_right', 'note_unchecked', 'place_waits'])).toBe('waits');
});
