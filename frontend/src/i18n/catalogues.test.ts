import { describe, expect, test } from 'vitest';

import { audit as arAudit } from './ar/audit';
import { citizen as arCitizen } from './ar/citizen';
import { common as arCommon } from './ar/common';
import { imports as arImports } from './ar/imports';
import { ledger as arLedger } from './ar/ledger';
import { privacy as arPrivacy } from './ar/privacy';
import { staff as arStaff } from './ar/staff';
import { audit as frAudit } from './fr/audit';
import { citizen as frCitizen } from './fr/citizen';
import { common as frCommon } from './fr/common';
import { imports as frImports } from './fr/imports';
import { ledger as frLedger } from './fr/ledger';
import { privacy as frPrivacy } from './fr/privacy';
import { staff as frStaff } from './fr/staff';

const forms = ['zero', 'one', 'two', 'few', 'many', 'other'];
const isPlural = (value: object) => 'other' in value && Object.keys(value).every((key) => forms.includes(key));

interface Entry {
  path: string;
  texts: Record<string, string>;
}

/** Every text with its path; the forms of a plural stand together. */
function entries(node: unknown, path = ''): Entry[] {
  if (typeof node === 'string') return [{ path, texts: { text: node } }];
  if (typeof node !== 'object' || node === null) throw new Error(`${path} is neither a text nor holds texts`);
  if (isPlural(node)) return [{ path, texts: node as Record<string, string> }];
  return Object.entries(node).flatMap(([key, value]) => entries(value, path ? `${path}.${key}` : key));
}

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe.each([
  ['common', arCommon, frCommon],
  ['citizen', arCitizen, frCitizen],
  ['staff', arStaff, frStaff],
  ['audit', arAudit, frAudit],
  ['privacy', arPrivacy, frPrivacy],
  ['ledger', arLedger, frLedger],
  ['imports', arImports, frImports],
])('%s', (_, ar, fr) => {
  const arabic = entries(ar);
  const french = entries(fr);

  test('both languages say the same things', () => {
    expect(french.map((entry) => entry.path)).toEqual(arabic.map((entry) => entry.path));
  });

  test('both languages have the same placeholders', () => {
    arabic.forEach((entry, n) => {
      // the number itself may be said in words: "a day", "two days"
      const named = (texts: Record<string, string> = {}) =>
        [...new Set(Object.values(texts).flatMap(placeholders))]
          .filter((name) => name !== '{n}' || !('other' in texts))
          .sort();
      expect(named(french[n]?.texts), entry.path).toEqual(named(entry.texts));
    });
  });

  test('every plural has the forms its language distinguishes', () => {
    for (const { path, texts } of arabic.filter((entry) => 'other' in entry.texts)) {
      expect(Object.keys(texts), path).toEqual(expect.arrayContaining(['one', 'two', 'few', 'many', 'other']));
    }
    for (const { path, texts } of french.filter((entry) => 'other' in entry.texts)) {
      expect(Object.keys(texts), path).toEqual(expect.arrayContaining(['one', 'other']));
    }
  });

  test('nothing is empty, exclaims, or is left in the other script', () => {
    for (const [list, foreign] of [
      [arabic, /[a-z]{3,}/i],
      [french, /\p{Script=Arabic}/u],
    ] as const) {
      for (const { path, texts } of list) {
        for (const text of Object.values(texts)) {
          expect(text.trim(), path).not.toBe('');
          expect(text, path).not.toMatch(/!/);
          const bare = text.replace(/\{\w+\}/g, '').replace(allowed, '');
          if (path !== 'otherLanguage') expect(bare, path).not.toMatch(foreign);
        }
      }
    }
  });

  test('French punctuation keeps to its word', () => {
    for (const { path, texts } of french) {
      for (const text of Object.values(texts)) expect(text, path).not.toMatch(/ [:;?»]|« /);
    }
  });
});

/** Names that are written in Latin letters in Arabic text too. */
const allowed =
  /EUPL|Noto Sans|Excel|SIL Open Font|OFL|SMART|CSV|XLSX|nom@exemple\.ma|CNDP|Ctrl|Enter|Esc|TTA-\d+-\d+|UTF-8|Merkle|RFC \d+|SHA-256|Ed25519|https?:\S+/g;
