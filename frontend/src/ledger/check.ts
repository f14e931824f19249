import type { InclusionView, LedgerView } from '$api/schema';

import {
  checkPromise,
  commits,
  grew,
  includes,
  isHashed,
  leafHash,
  hex,
  openNote,
  parseEntry,
  parseKey,
  parseReceipt,
  unhex,
  type Entry,
  type Hash,
  type LogKey,
  type NoteFault,
  type Receipt,
} from './verify';

/** What a check can find, and whether that speaks for what was brought. The words for it are in the catalogues. */
export const outcomes = {
  key_wrong: 'wrong',
  unreadable: 'wrong',
  words_right: 'right',
  words_wrong: 'wrong',
  entry_right: 'right',
  entry_wrong: 'wrong',
  promise_right: 'right',
  promise_wrong: 'wrong',
  promise_unchecked: 'unchecked',
  note_right: 'right',
  note_wrong: 'wrong',
  note_unchecked: 'unchecked',
  place_right: 'right',
  place_wrong: 'wrong',
  place_unknown: 'wrong',
  place_waits: 'waits',
  kept_right: 'right',
  kept_wrong: 'wrong',
  kept_other_log: 'wrong',
  kept_unchecked: 'unchecked',
  growth_right: 'right',
  growth_wrong: 'wrong',
  growth_shrunk: 'wrong',
  unreachable: 'unchecked',
} as const;

export type Finding = keyof typeof outcomes;
export type Outcome = (typeof outcomes)[Finding];

/** What is asked of the server: hashes and sizes, never what a receipt holds. Each throws when no answer comes. */
export interface Log {
  /** Null when the log does not know the hash. */
  inclusion(leaf: string): Promise<InclusionView | null>;
  consistency(from: number, to: number): Promise<string[]>;
}

export interface Checked {
  kind: 'receipt' | 'checkpoint';
  findings: Finding[];
  /** Of which proposal it speaks. */
  entry?: Entry | null;
}

/** The outcome of all findings together: the worst of them. */
export const verdict = (findings: readonly Finding[]): Outcome =>
  (['wrong', 'waits', 'unchecked'] as const).find((worst) => findings.some((each) => outcomes[each] === worst)) ??
  'right';

/** Checks a receipt or a checkpoint that somebody kept, whichever `text` is, against the log as it says it is now. */
export async function checkText(now: LedgerView, text: string, log: Log): Promise<Checked> {
  // copying and mailing cost a text its last line feed or change its line ends; neither signature covers those
  const plain = text.replaceAll('\r\n', '\n').trim();
  const kind = plain.startsWith('{') ? 'receipt' : 'checkpoint';
  const key = await parseKey(now.key);
  if (!key) return { kind, findings: ['key_wrong'] };
  if (kind === 'checkpoint') return { kind, findings: await checkKept(key, `${plain}\n`, now, log) };
  const receipt = parseReceipt(plain);
  if (!receipt) return { kind, findings: ['unreadable'] };
  return { kind, findings: await checkReceipt(key, receipt, log), entry: parseEntry(receipt.entry) };
}

async function checkReceipt(key: LogKey, receipt: Receipt, log: Log): Promise<Finding[]> {
  const findings: Finding[] = [
    (await commits(receipt)) ? 'words_right' : 'words_wrong',
    (await isHashed(receipt)) ? 'entry_right' : 'entry_wrong',
    `promise_${await checkPromise(key, receipt)}`,
  ];
  const leaf = await leafHash(receipt.entry);
  let answer: InclusionView | null;
  try {
    answer = await log.inclusion(hex(leaf));
  } catch {
    return [...findings, 'unreachable'];
  }
  if (!answer) return [...findings, 'place_unknown'];
  const { checkpoint, position } = answer;
  if (!checkpoint || typeof position !== 'number') return [...findings, 'place_waits'];

  const opened = await openNote(key, checkpoint.note);
  if (typeof opened === 'string') return [...findings, 'note_wrong'];
  const path = hashes(answer.path);
  const stands = path && (await includes(leaf, position, opened.size, path, opened.root));
  return [...findings, `note_${opened.signature}`, stands ? 'place_right' : 'place_wrong'];
}

const keptFaults: Record<NoteFault, Finding> = {
  malformed: 'unreadable',
  other_log: 'kept_other_log',
  signature: 'kept_wrong',
};

async function checkKept(key: LogKey, note: string, { checkpoint }: LedgerView, log: Log): Promise<Finding[]> {
  const kept = await openNote(key, note);
  if (typeof kept === 'string') return [keptFaults[kept]];
  const findings: Finding[] = [`kept_${kept.signature}`];
  const newest = checkpoint ? await openNote(key, checkpoint.note) : null;
  if (typeof newest === 'string') return [...findings, 'note_wrong'];
  if (!newest || newest.size < kept.size) return [...findings, 'growth_shrunk'];
  findings.push(`note_${newest.signature}`);
  try {
    const path = hashes(await log.consistency(kept.size, newest.size));
    const held = path && (await grew(kept.size, kept.root, newest.size, newest.root, path));
    return [...findings, held ? 'growth_right' : 'growth_wrong'];
  } catch {
    return [...findings, 'unreachable'];
  }
}

function hashes(path: string[]): Hash[] | null {
  const read = path.map(unhex);
  return read.every((hash) => hash !== null) ? read : null;
}
