import { expect, test, type Page } from '@playwright/test';

import { desktop, phone } from '../support/browser';
import { fillIn } from '../support/form';
import { askAuthor, signLedger } from '../support/committee';
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
  ledger: 'ledger/',
  'open-data': 'open-data/',
  'not-found': 'no/such/page/',
};

for (const [size, device] of Object.entries({ phone, desktop })) {
  for (const lang of languages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test.describe(`${size} ${lang} ${colorScheme}`, () => {
        test.use({ ...device, colorScheme });
        const w = words[lang];

        const picture = async (page: Page, name: string) => {
          await expect(page.getByText(w.common.loading)).toHaveCount(0);
          // what sticks to the bottom of the screen would otherwise lie across the middle of the picture
          const { width, height } = device.viewport;
          const whole = await page.evaluate(() => document.documentElement.scrollHeight);
          await page.setViewportSize({ width, height: Math.max(height, whole) });
          await page.screenshot({ path: `${folder}/${name}-${size}-${lang}-${colorScheme}.png`, fullPage: true });
          await page.setViewportSize({ width, height });
        };

        test('pages of everybody', async ({ page }) => {
          for (const [name, path] of Object.entries(pages)) {
            await page.goto(`/${lang}/${path}`);
            await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
            await picture(page, name);
          }

          await page.goto(`/${lang}/proposals/`);
          await page.getByRole('article').first().getByRole('link').click();
          await expect(page.getByRole('heading', { name: w.proposal.path })).toBeVisible();
          await picture(page, 'proposal');

          await page.goto(`/${lang}/propose/`);
          await page.getByRole('radio').first().check();
          await page.getByRole('button', { name: w.propose.next }).click();
          await expect(page.getByRole('heading', { name: w.propose.problem.title })).toBeFocused();
          await page.getByRole('button', { name: w.propose.next }).click();
          await expect(page.getByRole('alert')).toBeFocused();
          await picture(page, 'propose-errors');
        });

        test('from the form to the answer', async ({ page, request, baseURL }) => {
          await fillIn(page, lang, { each: (step) => picture(page, `propose-${step}`) });
          await picture(page, 'propose-check');
          await page.context().setOffline(true);
          await page.getByRole('button', { name: w.propose.send }).click();
          await expect(page.getByRole('alert')).toBeVisible();
          await picture(page, 'propose-offline');
          await page.context().setOffline(false);
          await page.getByRole('button', { name: w.propose.send }).click();
          await expect(page.getByRole('heading', { level: 1, name: w.receipt.title })).toBeVisible();
          await picture(page, 'receipt');
          await page.emulateMedia({ media: 'print' });
          await picture(page, 'receipt-print');
          await page.emulateMedia({ media: null });

          await signLedger(request, baseURL);
          await page.getByRole('link', { name: w.proof.check }).click();
          await expect(page.getByText(w.ledger.right.receipt)).toBeVisible();
          await picture(page, 'ledger-right');
          await page.getByLabel(w.ledger.check.text).fill('{}');
          await page.getByRole('button', { name: w.ledger.check.submit }).click();
          await expect(page.getByText(w.ledger.found.unreadable)).toBeVisible();
          await picture(page, 'ledger-wrong');
          await page.goBack();

          const reference = (await page.getByTestId('reference').innerText()).trim();
          await askAuthor(request, baseURL, reference);
          await page.getByRole('link', { name: w.receipt.follow }).click();
          await page.getByRole('button', { name: w.follow.open, exact: true }).click();
          await expect(page.getByRole('heading', { name: w.follow.question })).toBeVisible();
          await picture(page, 'follow-up-question');
        });
      });
    }
  }
}
