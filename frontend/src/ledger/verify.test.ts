import { afterEach, describe, expect, test, vi } from 'vitest';

import fixture from './fixture.json';
import {
  checkPromise,
  commits,
  emptyRoot,
  grew,
  hex,
  includes,
  isHashed,
  join,
  leafHash,
  openNote,
  parseEntry,
  parseKey,
  parseReceipt,
  rootOf,
  unhex,
  type Checkpoint,
  type Hash,
  type LogKey,
} from './verify';

// fixture.json holds what the program answered for a log of seven entries that was signed at three and at seven

/** The inputs that implementations of RFC 6962 are compared by, and the roots of the first one, two... of them. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
);
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** The largest power of two below. */
const cut = (size: number) => 2 ** Math.ceil(Math.log2(size) - 1);

/** The definition of RFC 6962, section 2.1, word by word. */
async function treeHash(leaves: Hash[]): Promise<Hash> {
  const [first] = leaves;
  if (!first) return emptyRoot();
  if (leaves.length === 1) return first;
  const middle = cut(leaves.length);
  return join(await treeHash(leaves.slice(0, middle)), await treeHash(leaves.slice(middle)));
}

/** PATH of section 2.1.1. */
async function inclusion(at: number, leaves: Hash[]): Promise<Hash[]> {
  if (leaves.length < 2) return [];
  const middle = cut(leaves.length);
  const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)];
  return at < middle
    ? [...(await inclusion(at, left)), await treeHash(right)]
    : [...(await inclusion(at - middle, right)), await treeHash(left)];
}

/** SUBPROOF of section 2.1.2. */
async function consistency(old: number, leaves: Hash[], known = true): Promise<Hash[]> {
  if (old === leaves.length) return known ? [] : [await treeHash(leaves)];
  const middle = cut(leaves.length);
  const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)];
  return old <= middle
    ? [...(await consistency(old, left, known)), await treeHash(right)]
    : [...(await consistency(old - middle, right, false)), await treeHash(left)];
}

const flipped = (hash: Hash, at: number): Hash => hash.map((byte, n) => (n === at ? byte ^ 1 : byte));

/** The path with one bit of one hash changed, for each hash; with one hash less, and with one more. */
const spoilt = (path: Hash[]): Hash[][] => [
  ...path.map((_, bad) => path.map((hash, n) => (n === bad ? flipped(hash, bad % 32) : hash))),
  ...(path.length ? [path.slice(1), path.slice(0, -1)] : []),
  [...path, new Uint8Array(32)],
];

test('hashes are those of RFC 6962', async () => {
  expect(hex(await emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  const leaves = await Promise.all(inputs.map(leafHash));
  for (const [n, root] of roots.entries()) expect(hex(await treeHash(leaves.slice(0, n + 1)))).toBe(root);
});

test('every leaf of every small tree is proven where it stands, and nowhere else', async () => {
  const all = await Promise.all(Array.from({ length: 18 }, (_, n) => leafHash(`leaf ${n}`)));
  for (let size = 1; size <= all.length; size++) {
    const leaves = all.slice(0, size);
    const root = await treeHash(leaves);
    for (const [at, leaf] of leaves.entries()) {
      const path = await inclusion(at, leaves);
      expect(await includes(leaf, at, size, path, root)).toBe(true);
      expect(await includes(flipped(leaf, 31), at, size, path, root)).toBe(false);
      expect(await includes(leaf, at - 1, size, path, root)).toBe(false);
      expect(await includes(leaf, size, size, path, root)).toBe(false);
      for (const other of spoilt(path)) expect(await includes(leaf, at, size, other, root)).toBe(false);
    }
  }
});

test('every small tree is proven to be the beginning of every larger one, and nothing else is', async () => {
  const all = await Promise.all(Array.from({ length: 18 }, (_, n) => leafHash(`leaf ${n}`)));
  const known = await Promise.all([...Array(all.length + 1).keys()].map((size) => treeHash(all.slice(0, size))));
  const rootOf = (size: number) => known[size] ?? new Uint8Array();
  for (let size = 0; size <= all.length; size++) {
    for (let old = 0; old <= size; old++) {
      const path = old ? await consistency(old, all.slice(0, size)) : [];
      const [before, after] = [rootOf(old), rootOf(size)];
      expect(await grew(old, before, size, after, path), `${old} to ${size}`).toBe(true);
      expect(await grew(old, flipped(before, 0), size, after, path)).toBe(false);
      // whatever the empty log became, it is its beginning
      if (old) expect(await grew(old, before, size, flipped(after, 0), path)).toBe(false);
      if (old < size) expect(await grew(size, after, old, before, path)).toBe(false);
      for (const other of spoilt(path)) expect(await grew(old, before, size, after, other)).toBe(false);
    }
  }
});

test('a path that is too long proves nothing, even where its hashes would fit', async () => {
  const [leaf, other] = [await leafHash('a'), await leafHash('b')];
  expect(await includes(leaf, 0, 1, [other], await join(other, leaf))).toBe(false);
  const four = await Promise.all(['a', 'b', 'c', 'd'].map(leafHash));
  const path = await consistency(3, four);
  const [before, after] = [await treeHash(four.slice(0, 3)), await treeHash(four)];
  expect(await grew(3, before, 4, after, path)).toBe(true);
  expect(await grew(3, await join(other, before), 4, await join(other, after), [...path, other])).toBe(false);
});

test('a tree of more leaves than 32 bits count is folded like any other', async () => {
  const leaf = await leafHash('the last one');
  const left = Array.from({ length: 33 }, (_, n) => Uint8Array.of(n));
  let root = leaf;
  for (const hash of left) root = await join(hash, root);
  expect(await includes(leaf, 2 ** 33 - 1, 2 ** 33, left, root)).toBe(true);
  expect(await includes(leaf, 2 ** 33 - 2, 2 ** 33, left, root)).toBe(false);
});

/** The text with one sign changed, for every sign. */
const tampered = (text: string): string[] =>
  [...text].map((sign, at, signs) => signs.with(at, sign === '7' ? '8' : '7').join(''));

const keyOf = async (text: string): Promise<LogKey> => (await parseKey(text)) ?? expect.fail('no key');
const opened = async (key: LogKey, note: string): Promise<Checkpoint> => {
  const checkpoint = await openNote(key, note);
  return typeof checkpoint === 'string' ? expect.fail(checkpoint) : checkpoint;
};
const pathOf = (digits: string[]) => digits.map((each) => unhex(each) ?? expect.fail(each));
const [older = '', newest = ''] = fixture.checkpoints;

test('a key is read as it is written, and no other way', async () => {
  const key = await keyOf(` ${fixture.key}\n`);
  expect(key.name).toBe('tachawor.test/ledger');
  for (const text of tampered(fixture.key)) expect(await parseKey(text), text).toBeNull();
  for (const text of ['', 'a', 'a+b', 'a+b+c', fixture.key.slice(0, -4)]) expect(await parseKey(text)).toBeNull();
});

test('the log that was exported is the one that was signed', async () => {
  const key = await keyOf(fixture.key);
  const lines = fixture.log.split('\n').slice(0, -1);
  for (const note of [older, newest]) {
    const { size, root, signature } = await opened(key, note);
    expect(signature).toBe('right');
    expect(rootOf(note)).toBe(hex(root));
    const covered = await Promise.all(lines.slice(0, size).map(leafHash));
    expect(hex(await treeHash(covered))).toBe(hex(root));
  }
});

test('a checkpoint opens with its key only, and only unchanged', async () => {
  const key = await keyOf(fixture.key);
  for (const note of tampered(newest)) expect(await openNote(key, note), note).toBeTypeOf('string');
  expect(await openNote({ ...key, name: 'another.test/ledger' }, newest)).toBe('other_log');
  expect(await openNote({ ...key, key: flipped(key.key, 5) }, newest)).toBe('signature');
  expect(await openNote({ ...key, id: flipped(key.id, 0) }, newest)).toBe('signature');
  expect(await openNote(key, newest.trim())).toBe('signature');
  expect(await openNote(key, newest.replace('\n\n', '\n'))).toBe('malformed');
  expect(await openNote(key, `${key.name}\n7\n\n`)).toBe('malformed');
  expect(await openNote(key, '')).toBe('malformed');
});

test('what a key of ours signs is still no checkpoint when its size or its root is not written as the log writes them', async () => {
  const { publicKey, privateKey } = (await crypto.subtle.generateKey('Ed25519', true, ['sign'])) as CryptoKeyPair;
  const bytes = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
  const key: LogKey = { name: 'a.test/ledger', id: Uint8Array.of(1, 2, 3, 4), key: bytes };
  const base64 = (hash: Hash) => btoa(String.fromCharCode(...hash));
  const note = async (size: string, root: string, more = '') => {
    const text = `${key.name}\n${size}\n${root}\n${more}`;
    const signature = await crypto.subtle.sign('Ed25519', privateKey, new TextEncoder().encode(text));
    return `${text}\n\u2014 ${key.name} ${base64(Uint8Array.from([...key.id, ...new Uint8Array(signature)]))}\n`;
  };
  const root = base64(new Uint8Array(32));
  expect(await opened(key, await note('12', root, 'an extension\n'))).toMatchObject({ size: 12, signature: 'right' });
  for (const size of ['012', '+12', '12.0', '1e1', '-1', '', ' 12', '0x1', '1e+21', 'Infinity', '9007199254740992'])
    expect(await openNote(key, await note(size, root)), size).toBe('malformed');
  for (const short of [base64(new Uint8Array(31)), 'AAA', root.replace('=', ''), ` ${root}`])
    expect(await openNote(key, await note('12', short)), short).toBe('malformed');
});

test('the proofs of the log lead to its checkpoints', async () => {
  const key = await keyOf(fixture.key);
  const [before, after] = [await opened(key, older), await opened(key, newest)];
  const leaf = unhex(fixture.receipt.leaf_hash) ?? expect.fail();
  const path = pathOf(fixture.inclusion.path);
  const { position } = fixture.inclusion;
  expect(await includes(leaf, position, after.size, path, after.root)).toBe(true);
  for (const other of spoilt(path)) expect(await includes(leaf, position, after.size, other, after.root)).toBe(false);
  const growth = pathOf(fixture.consistency);
  expect(await grew(before.size, before.root, after.size, after.root, growth)).toBe(true);
  for (const other of spoilt(growth))
    expect(await grew(before.size, before.root, after.size, after.root, other)).toBe(false);
});

test('a receipt opens its entry, and only unchanged', async () => {
  const key = await keyOf(fixture.key);
  const agrees = async (text: string) => {
    const receipt = parseReceipt(text);
    if (!receipt) return false;
    return (await commits(receipt)) && (await isHashed(receipt)) && (await checkPromise(key, receipt)) === 'right';
  };
  const text = JSON.stringify(fixture.receipt);
  expect(await agrees(text)).toBe(true);
  for (const changed of tampered(text)) expect(await agrees(changed), changed).toBe(false);
  expect(await checkPromise({ ...key, name: 'another.test/ledger' }, fixture.receipt)).toBe('wrong');
});

test('a receipt has five texts and nothing else', () => {
  expect(parseReceipt(JSON.stringify(fixture.receipt, null, 2))).toEqual(fixture.receipt);
  const { salt, ...rest } = fixture.receipt;
  for (const wrong of [rest, { ...rest, salt: 1 }, { ...rest, salt, more: '' }, { ...rest, salt: '\ud800' }, [salt], 1])
    expect(parseReceipt(JSON.stringify(wrong))).toBeNull();
  expect(parseReceipt('{')).toBeNull();
});

test('an entry has the fields of an entry', () => {
  const { entry } = fixture.receipt;
  expect(parseEntry(entry)).toMatchObject({ proposal: 'TTA-26-000005', at: '2026-11-10T09:00:00.000Z' });
  expect(parseEntry(entry.replace('"by"', '"who"'))).toBeNull();
  expect(parseEntry(entry.replace('"step"', '"reason"'))).toBeNull();
  expect(parseEntry(entry.replace('{', '{"name":"",'))).toBeNull();
});

describe('a browser without Ed25519', () => {
  afterEach(() => vi.restoreAllMocks());

  test('says that the signature was not checked, and checks the rest', async () => {
    const key = await keyOf(fixture.key);
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('', 'NotSupportedError'));
    expect(await openNote(key, newest)).toMatchObject({ size: 7, signature: 'unchecked' });
    expect(await checkPromise(key, fixture.receipt)).toBe('unchecked');
    expect(await checkPromise(key, { ...fixture.receipt, signature: 'AAAA' })).toBe('wrong');
    expect(await openNote(key, newest.replace('5bHTY', 'AAAAA'))).toBe('signature');
  });
});
