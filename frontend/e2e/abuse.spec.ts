import { expect, test } from '@playwright/test';

import { desktop, phone } from './support/browser';
import { fillIn, heading, press } from './support/form';
import { expectAccessible, languages, watch, words } from './support/page';
import { accessible, signIn } from './support/staff';

for (const lang of languages) {
  const w = words[lang];

  test.describe(`${lang}: at a phone`, () => {
    test.use(phone);

    test('the browser does its sum while one writes, and nobody notices', async ({ page }) => {
      const quiet = watch(page);
      await fillIn(page, lang);
      const sent = page.waitForRequest(
        (request) => request.method() === 'POST' && request.url().endsWith('/proposals'),
      );
      await press(page, w.propose.send);
      const body = (await sent).postDataJSON() as { proof: { token: string; answer: number }; website: string };
      expect(body.proof.token).not.toBe('');
      expect(body.proof.answer).toBeGreaterThanOrEqual(0);
      expect(body.website).toBe('');
      await expect(heading(page, w.receipt.title)).toBeVisible();
      // there is nothing to fall into on the way through the form
      await expect(page.getByLabel('Website')).toHaveCount(0);
      quiet();
    });

    test('without a token one sends all the same', async ({ page }) => {
      await page.route('**/api/v1/form-token', (route) => route.abort());
      await fillIn(page, lang);
      await press(page, w.propose.send);
      await expect(heading(page, w.receipt.title)).toBeVisible();
    });

    test('who tries too often is told when to come back', async ({ page }) => {
      await page.goto(`/${lang}/follow-up/`);
      await page.route('**/api/v1/receipts/lookup', (route) =>
        route.fulfill({
          status: 429,
          headers: { 'retry-after': '61', 'content-type': 'application/problem+json' },
          body: JSON.stringify({ type: '', title: '', status: 429, code: 'too_many_requests' }),
        }),
      );
      await page.getByLabel(w.follow.code).fill('00000-00000-00000-00000');
      await press(page, w.follow.open);
      const alert = page.getByRole('alert').filter({ hasText: w.common.problem.too_many_requests });
      await expect(alert).toContainText(lang === 'ar' ? 'بعد دقيقتين' : 'dans 2 minutes');
      await expectAccessible(page);
    });
  });

  test.describe(`${lang}: at the desk`, () => {
    test.use(desktop);

    test('what a program may have sent waits apart, until somebody has looked', async ({ page }) => {
      const d = w.staff.desk;
      const title = lang === 'ar' ? 'ساعات رخيصة لكل الناس' : 'Des montres pas chères pour tous';
      await fillIn(page, lang, { title });
      await page.locator('input[name=website]').evaluate((field: HTMLInputElement) => {
        field.value = 'https://montres.example';
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
      await press(page, w.propose.send);
      await expect(heading(page, w.receipt.title)).toBeVisible();
      const reference = await page.getByTestId('reference').innerText();

      await signIn(page, 'moderator', lang);
      const queue = page.getByRole('region', { name: d.queue });
      const find = async (attention: string) => {
        await page.goto(`/${lang}/desk/?text=${encodeURIComponent(title)}&attention=${attention}`);
        await expect(page.getByRole('heading', { name: d.byAxis })).toBeVisible();
      };
      await find('');
      await expect(queue.getByText(d.emptyTitle)).toBeVisible();
      await find('suspicious');
      const item = queue.getByRole('listitem').filter({ hasText: title });
      await expect(item.getByText(d.suspicious)).toBeVisible();
      await accessible(page);

      await page.goto(`/${lang}/desk/${reference}/?attention=suspicious`);
      await expect(page.getByText(d.suspicion.trap_filled)).toBeVisible();
      await accessible(page);
      await page.getByRole('button', { name: d.suspicionClear }).click();
      await expect(page.getByText(d.suspicion.trap_filled)).toBeHidden();
      await expect(page.getByRole('status').filter({ hasText: d.suspicionCleared })).toBeVisible();
      await find('');
      await expect(queue.getByRole('listitem').filter({ hasText: title })).toBeVisible();
    });
  });
}
