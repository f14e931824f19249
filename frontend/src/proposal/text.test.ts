import { expect, test } from 'vitest';

import { characters, languageOf, looksLikeEmail } from './text';

test('characters are counted as the API counts them', () => {
  expect(characters('  école ')).toBe(5);
  expect(characters('e\u0301cole')).toBe(5);
  expect(characters('🌍🌍')).toBe(2);
  expect(characters(' \n ')).toBe(0);
});

test('the language is that of most letters', () => {
  expect(languageOf('إنارة الطريق', 'fr')).toBe('ar');
  expect(languageOf('Éclairer la route', 'ar')).toBe('fr');
  expect(languageOf('تطبيق WhatsApp للجماعة الترابية', 'fr')).toBe('ar');
  expect(languageOf('123', 'fr')).toBe('fr');
});

test.each(['a@b.ma', ' nom.prenom@exemple.co.ma '])('%s may be an address', (text) => {
  expect(looksLikeEmail(text)).toBe(true);
});

test.each(['nom@', 'nom', 'a b@c.ma', 'a@b', '@b.ma'])('%s is no address', (text) => {
  expect(looksLikeEmail(text)).toBe(false);
});
