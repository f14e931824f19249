import { readFile } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { phone } from './support/browser';
import { heading } from './support/form';
import { expectAccessible, expectLanguage, languages, watch, words } from './support/page';

test.use({ ...phone, permissions: ['clipboard-read', 'clipboard-write'] });

for (const lang of languages) {
  const w = words[lang].openData;

  test(`${lang}: anybody takes the data away, reads what they mean and keeps their address`, async ({
    page,
    baseURL,
  }) => {
    const expectNoFault = watch(page);
    await page.goto(`/${lang}/numbers/`);
    await page.getByRole('contentinfo').getByRole('link', { name: w.title }).click();
    await expect(heading(page, w.title)).toBeVisible();
    await expectLanguage(page, lang);
    const sets = page.getByRole('article');
    // proposals, decisions, drafts, and the statistics of the edition
    await expect(sets).toHaveCount(4);
    const proposals = sets.first();
    await expectAccessible(page);

    // the file is the one at the stable address, and has the columns that the page explains
    const address = await proposals.locator('.url').textContent();
    expect(address).toMatch(new RegExp(`^${baseURL}/api/v1/open-data/[\\w-]+/proposals\\.csv$`));
    const downloading = page.waitForEvent('download');
    await proposals.getByRole('link', { name: /CSV/ }).click();
    const file = await readFile(await (await downloading).path(), 'utf8');
    const columns = file.split('\r\n', 1)[0]?.split(',') ?? [];
    expect(columns).toContain('reference');
    await proposals.getByText(w.dictionary).click();
    await expect(proposals.getByRole('rowheader')).toHaveText(columns);
    await expectAccessible(page);

    await proposals.getByRole('button', { name: w.copy }).click();
    await expect(proposals.getByRole('status')).toHaveText(w.copied);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);

    const licence = page.getByRole('link', { name: 'Creative Commons Attribution 4.0 International' });
    await expect(licence).toHaveAttribute('href', 'https://creativecommons.org/licenses/by/4.0/');
    for (const name of [w.feed, w.catalogue]) {
      const href = await page.getByRole('link', { name }).getAttribute('href');
      expect((await page.request.get(href ?? '')).ok()).toBe(true);
    }
    // a search engine finds the same in the head
    const block = page.locator('head script[type="application/ld+json"]');
    expect(JSON.parse((await block.textContent()) ?? '')).toMatchObject({
      '@type': 'Dataset',
      isAccessibleForFree: true,
    });
    expectNoFault();
  });

  test(`${lang}: a spreadsheet and the package can be taken away`, async ({ page }) => {
    await page.goto(`/${lang}/open-data/`);
    const take = async (name: string | RegExp) => {
      const downloading = page.waitForEvent('download');
      await page.getByRole('link', { name }).first().click();
      return readFile(await (await downloading).path());
    };
    // both are zip files
    expect((await take(new RegExp(w.format.xlsx))).subarray(0, 2).toString()).toBe('PK');
    expect((await take(w.package)).subarray(0, 2).toString()).toBe('PK');
  });
}
