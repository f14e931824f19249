/**
 * Checks what the public ledger says, in the browser: the tree of RFC 6962, signed checkpoints, receipts. Says the
 * same as `domain/src/ledger` of the program does. Nothing here asks anybody anything.
 */

export type Hash = Uint8Array<ArrayBuffer>;

/** The log's name and public key, out of the line `name+id+key`. */
export interface LogKey {
  name: string;
  /** The first bytes of a signature, by which a reader finds the key. */
  id: Hash;
  key: Hash;
}

/** The size and the root of the log at one moment. */
export interface Checkpoint {
  size: number;
  root: Hash;
  /** `unchecked` where this browser cannot check Ed25519: the rest may still be used, but must not be called signed. */
  signature: 'right' | 'unchecked';
}

export type NoteFault = 'malformed' | 'other_log' | 'signature';

/** A receipt as its holder keeps it; see `LeafReceipt` of the API. */
export interface Receipt {
  entry: string;
  leaf_hash: string;
  salt: string;
  content: string;
  signature: string;
}

/** What is read of an entry. */
export interface Entry {
  at: string;
  proposal: string;
  commitment: string;
}

export type Verdict = 'right' | 'wrong' | 'unchecked';

/** Whether this page may compute hashes: browsers hold `crypto.subtle` back from pages that came without TLS. */
export const canHash = (): boolean => (globalThis.crypto?.subtle as SubtleCrypto | undefined) !== undefined;

const utf8 = (text: string): Hash => new TextEncoder().encode(text);

function concat(...parts: Hash[]): Hash {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const sha256 = async (...parts: Hash[]): Promise<Hash> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));

export const same = (a: Hash, b: Hash): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

export const hex = (bytes: Hash): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Thirty-two bytes in hexadecimal. */
export function unhex(text: string): Hash | null {
  if (!/^[0-9a-f]{64}$/i.test(text)) return null;
  return Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** Base64 with its padding and in its only spelling: `atob` alone takes spaces and loose ends. */
function unbase64(text: string): Hash | null {
  try {
    const bytes = atob(text);
    return btoa(bytes) === text ? Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

/** The hash of a leaf: the line as it was published, byte by byte. */
export const leafHash = (line: string | Hash): Promise<Hash> =>
  sha256(Uint8Array.of(0), typeof line === 'string' ? utf8(line) : line);

/** The hash of an inner node. */
export const join = (left: Hash, right: Hash): Promise<Hash> => sha256(Uint8Array.of(1), left, right);

/** The root of the empty tree. */
export const emptyRoot = (): Promise<Hash> => sha256();

/** Whether `path` proves that `leaf` stands at `position` of the tree of `size` with this root (RFC 9162, 2.1.3.2). */
export async function includes(leaf: Hash, position: number, size: number, path: Hash[], root: Hash): Promise<boolean> {
  if (position < 0 || position >= size) return false;
  let [place, last, hash] = [BigInt(position), BigInt(size) - 1n, leaf];
  for (const other of path) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      hash = await join(other, hash);
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else hash = await join(hash, other);
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && same(hash, root);
}

/** Whether `path` proves that the tree of `old` leaves is the beginning of that of `size` (RFC 9162, 2.1.4.2). */
export async function grew(
  old: number,
  oldRoot: Hash,
  size: number,
  root: Hash,
  path: readonly Hash[],
): Promise<boolean> {
  if (old < 0 || old > size) return false;
  if (old === 0) return !path.length && same(oldRoot, await emptyRoot());
  if (old === size) return !path.length && same(oldRoot, root);
  let [place, last] = [BigInt(old) - 1n, BigInt(size) - 1n];
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  // what is left is 0 when the old tree was complete: its root is then the first hash, and is not sent
  const [start, ...rest] = place === 0n ? [oldRoot, ...path] : path;
  if (!start) return false;
  let [before, after] = [start, start];
  for (const other of rest) {
    if (last === 0n) return false;
    if (place & 1n || place === last) {
      [before, after] = [await join(other, before), await join(other, after)];
      while (!(place & 1n) && place) [place, last] = [place >> 1n, last >> 1n];
    } else after = await join(after, other);
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && same(before, oldRoot) && same(after, root);
}

const ED25519 = 1;

const keyId = async (name: string, key: Hash): Promise<Hash> =>
  (await sha256(utf8(name), utf8('\n'), Uint8Array.of(ED25519), key)).slice(0, 4);

/** Reads the log's public key as the API gives it. */
export async function parseKey(text: string): Promise<LogKey | null> {
  const match = /^([^+]*)\+([^+]*)\+(.*)$/.exec(text.trim());
  const bytes = unbase64(match?.[3] ?? '');
  if (!match || bytes?.length !== 33 || bytes[0] !== ED25519) return null;
  const [name, key] = [match[1] ?? '', bytes.slice(1)];
  const id = await keyId(name, key);
  return hex(id) === match[2] ? { name, id, key } : null;
}

async function checkSignature({ key }: LogKey, message: string, signature: Hash): Promise<Verdict> {
  // of no key whatever: a browser without Ed25519 can say so too
  if (signature.length !== 64) return 'wrong';
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
  } catch (thrown) {
    return thrown instanceof DOMException && thrown.name === 'DataError' ? 'wrong' : 'unchecked';
  }
  return (await crypto.subtle.verify('Ed25519', imported, signature, utf8(message))) ? 'right' : 'wrong';
}

/** Reads a signed checkpoint (C2SP `tlog-checkpoint`) and checks that this log signed it. */
export async function openNote(key: LogKey, note: string): Promise<Checkpoint | NoteFault> {
  const end = note.indexOf('\n\n');
  if (end < 0) return 'malformed';
  const [text, signatures] = [note.slice(0, end), note.slice(end + 2)];
  const [name, sizeText, rootText] = text.split('\n');
  if (sizeText === undefined || rootText === undefined) return 'malformed';
  if (name !== key.name) return 'other_log';

  const start = `\u2014 ${key.name} `;
  const line =
    signatures.endsWith('\n') &&
    signatures
      .slice(0, -1)
      .split('\n')
      .find((each) => each.startsWith(start));
  const signature = line ? unbase64(line.slice(start.length)) : null;
  if (!signature || !same(signature.slice(0, 4), key.id)) return 'signature';
  const verdict = await checkSignature(key, `${text}\n`, signature.slice(4));
  if (verdict === 'wrong') return 'signature';

  const [size, root] = [Number(sizeText), unbase64(rootText)];
  if (!Number.isSafeInteger(size) || size < 0 || String(size) !== sizeText || root?.length !== 32) return 'malformed';
  return { size, root, signature: verdict };
}

/** The root that a checkpoint names, in hexadecimal, unchecked: for showing. */
export const rootOf = (note: string): string => hex(unbase64(note.split('\n')[2] ?? '') ?? new Uint8Array());

const receiptFields = ['content', 'entry', 'leaf_hash', 'salt', 'signature'];

function readObject(text: string): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    // half a surrogate pair has no UTF-8, so nobody can have hashed it
    const texts = Object.values(value).every((each) => typeof each === 'string' && !/\p{Surrogate}/u.test(each));
    return texts ? (value as Record<string, string>) : null;
  } catch {
    return null;
  }
}

/** Reads a receipt as the pages hand it out: exactly its five texts. */
export function parseReceipt(text: string): Receipt | null {
  const fields = readObject(text);
  const complete = fields && Object.keys(fields).sort().join() === receiptFields.join();
  return complete ? (fields as unknown as Receipt) : null;
}

const entryFields = ['at', 'by', 'commitment', 'from', 'proposal', 'reason', 'step', 'target', 'to'];
const entryNeeds = ['at', 'by', 'commitment', 'proposal', 'step', 'to'];

/** Reads the line of an entry. */
export function parseEntry(line: string): Entry | null {
  const fields = readObject(line);
  if (!fields || !Object.keys(fields).every((name) => entryFields.includes(name))) return null;
  return entryNeeds.every((name) => name in fields) ? (fields as unknown as Entry) : null;
}

/** Whether the entry commits to the words of the receipt: SHA-256 over the salt and the words, as they were hashed. */
export async function commits({ entry, salt, content }: Receipt): Promise<boolean> {
  const [said, bytes] = [parseEntry(entry)?.commitment, unhex(salt)];
  return !!bytes && said === hex(await sha256(bytes, utf8(content)));
}

/** Whether the hash that stands in the receipt is that of its line. */
export async function isHashed({ entry, leaf_hash }: Receipt): Promise<boolean> {
  const said = unhex(leaf_hash);
  return !!said && same(said, await leafHash(entry));
}

/** Whether this log signed the promise that the line is in it or will be. */
export async function checkPromise(key: LogKey, { entry, signature }: Receipt): Promise<Verdict> {
  const bytes = unbase64(signature);
  if (!bytes) return 'wrong';
  return checkSignature(key, `${key.name}\nreceipt\n${hex(await leafHash(entry))}\n`, bytes);
}
