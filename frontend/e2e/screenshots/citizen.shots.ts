import { expect, test } from '@playwright/test';

import { desktop, phone } from '../support/browser';
import { languages, words } from '../support/page';

const folder = '../screenshots';

const pages = {
  home: '',
  proposals: 'proposals/',
  'proposals-filtered': 'proposals/?axis=environment-climate&order=oldest',
  'proposals-empty': 'proposals/?text=qqqqzzzz',
  'proposal-missing': 'proposals/TTA-26-999999/',
  numbers: 'numbers/',
  propose: 'propose/',
  'follow-up': 'follow-up/',
  'receipt-none': 'receipt/',
  about: 'about/',
  'not-found': 'no/such/page/',
};

for (const [size, device] of Object.entries({ phone, desktop })) {
  for (const lang of languages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test.describe(`${size} ${lang} ${colorScheme}`, () => {
        test.use({ ...device, colorScheme });

        test('pages of everybody', async ({ page }) => {
          const w = words[lang];
          const picture = async (name: string) => {
            await expect(page.getByText(w.common.loading)).toHaveCount(0);
            await page.screenshot({ path: `${folder}/${name}-${size}-${lang}-${colorScheme}.png`, fullPage: true });
          };
          for (const [name, path] of Object.entries(pages)) {
            await page.goto(`/${lang}/${path}`);
            await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
            await picture(name);
          }

          await page.goto(`/${lang}/proposals/`);
          await page.getByRole('article').first().getByRole('link').click();
          await expect(page.getByRole('heading', { name: w.proposal.path })).toBeVisible();
          await picture('proposal');

          await page.goto(`/${lang}/propose/`);
          await page.getByRole('radio').first().check();
          await page.getByRole('button', { name: w.propose.next }).click();
          await expect(page.getByRole('heading', { name: w.propose.problem.title })).toBeFocused();
          await page.getByRole('button', { name: w.propose.next }).click();
          await expect(page.getByRole('alert')).toBeFocused();
          await picture('propose-errors');
        });
      });
    }
  }
}
