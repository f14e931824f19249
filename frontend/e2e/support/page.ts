import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

import { citizen as arCitizen } from '../../src/i18n/ar/citizen';
import { common as arCommon } from '../../src/i18n/ar/common';
import { ledger as arLedger } from '../../src/i18n/ar/ledger';
import { openData as arOpenData } from '../../src/i18n/ar/open-data';
import { privacy as arPrivacy } from '../../src/i18n/ar/privacy';
import { staff as arStaff } from '../../src/i18n/ar/staff';
import { statistics as arStatistics } from '../../src/i18n/ar/statistics';
import { citizen as frCitizen } from '../../src/i18n/fr/citizen';
import { common as frCommon } from '../../src/i18n/fr/common';
import { ledger as frLedger } from '../../src/i18n/fr/ledger';
import { openData as frOpenData } from '../../src/i18n/fr/open-data';
import { privacy as frPrivacy } from '../../src/i18n/fr/privacy';
import { staff as frStaff } from '../../src/i18n/fr/staff';
import { statistics as frStatistics } from '../../src/i18n/fr/statistics';

/** The words on the screen, from the catalogues themselves: a journey follows a change of wording. */
export const words = {
  ar: {
    ...arCitizen,
    common: arCommon,
    staff: arStaff,
    privacy: arPrivacy,
    ledger: arLedger,
    openData: arOpenData,
    numbers: arStatistics,
  },
  fr: {
    ...frCitizen,
    common: frCommon,
    staff: frStaff,
    privacy: frPrivacy,
    ledger: frLedger,
    openData: frOpenData,
    numbers: frStatistics,
  },
};

export const languages = ['ar', 'fr'] as const;
export type Language = (typeof languages)[number];

/** No automatically detectable barrier on the page as it stands, and nothing that makes it scroll sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual(
    [],
  );
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await overflow()).toBe(0);
}

/** The document says the language it is in. */
export async function expectLanguage(page: Page, language: Language): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  await expect(page.locator('html')).toHaveAttribute('dir', language === 'ar' ? 'rtl' : 'ltr');
}

/** Collects what must not happen on any page: script errors, and requests to another host. */
export function watch(page: Page): () => void {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && page.url().startsWith('http') && host !== new URL(page.url()).host)
      faults.push(request.url());
  });
  return () => expect(faults).toEqual([]);
}
