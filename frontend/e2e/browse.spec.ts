import { expect, test, type Page } from '@playwright/test';

import { desktop, phone } from './support/browser';
import { expectAccessible, expectLanguage, languages, watch, words } from './support/page';

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

for (const lang of languages) {
  const w = words[lang];

  for (const [size, device] of Object.entries({ phone, desktop })) {
    test.describe(`${lang}, ${size}`, { tag: '@page' }, () => {
      test.use(device);

      const pages: [string, string][] = [
        ['', w.home.title],
        ['proposals/', w.proposals.title],
        ['numbers/', w.numbers.title],
        ['follow-up/', w.follow.title],
        ['about/', w.about.title],
        ['ledger/', w.ledger.title],
        ['receipt/', w.receipt.noneTitle],
        ['propose/', w.propose.axis.title],
        ['proposals/TTA-26-999999/', w.proposal.missingTitle],
        ['no/such/page/', w.common.notFound.title],
      ];
      for (const [path, title] of pages) {
        test(`/${path} opens by its address and is free of barriers`, async ({ page }) => {
          const expectNoFault = watch(page);
          await page.goto(`/${lang}/${path}`);
          await expect(heading(page, title)).toHaveCount(1);
          await expectLanguage(page, lang);
          await expect(page.getByText(w.common.loading)).toHaveCount(0);
          await expectAccessible(page);
          expectNoFault();
        });
      }
    });
  }

  // colours are the same in every language
  if (lang === 'ar')
    test.describe(`${lang}, dark`, { tag: '@page' }, () => {
      test.use({ ...phone, colorScheme: 'dark' });

      for (const path of ['', 'proposals/', 'numbers/', 'propose/', 'follow-up/', 'about/', 'ledger/']) {
        test(`/${path} has contrast in the colours of the night`, async ({ page }) => {
          await page.goto(`/${lang}/${path}`);
          await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
          await expect(page.getByText(w.common.loading)).toHaveCount(0);
          await expectAccessible(page);
        });
      }
    });

  test(`${lang}: find a proposal by filter and word, read it, come back to the same list`, async ({ page }) => {
    const p = w.proposals;
    await page.goto(`/${lang}/proposals/`);
    const entries = page.getByRole('article');
    await expect(entries.first()).toBeVisible();
    const all = await entries.count();

    await page.getByText(p.filters, { exact: true }).click();
    await page.getByLabel(p.axis).selectOption({ index: 1 });
    await expect(page).toHaveURL(/[?&]axis=/);
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    expect(await entries.count()).toBeLessThanOrEqual(all);

    const title = await entries.first().getByRole('link').innerText();
    const longest = title.split(/\s+/).sort((a, b) => b.length - a.length)[0] ?? title;
    await page.getByLabel(p.search).fill(longest);
    await page.getByRole('button', { name: p.searchButton }).click();
    await expect(page).toHaveURL(/[?&]text=/);
    await expect(entries.getByRole('link', { name: title }).first()).toBeVisible();
    await expectAccessible(page);

    // what narrows the list stands above it, and each part of it can be taken away
    const chosen = page.getByRole('list', { name: p.chosen });
    await chosen.getByRole('link', { name: p.without.replace('{filter}', longest) }).click();
    await expect(page).not.toHaveURL(/[?&]text=/);
    await expect(page).toHaveURL(/[?&]axis=/);
    await expect(page.getByLabel(p.search)).toHaveValue('');
    await page.goBack();

    await entries.getByRole('link', { name: title }).first().click();
    await expect(page).toHaveURL(/\/proposals\/TTA-/);
    await expect(
      page
        .getByRole('main')
        .or(page.getByRole('heading', { level: 1 }))
        .and(page.locator(':focus')),
    ).toHaveCount(1);
    await expect(page.getByRole('heading', { name: w.proposal.path })).toBeVisible();
    await expect(page.getByText(w.edge.submit)).toBeVisible();
    await expectAccessible(page);

    await page.goBack();
    await expect(page.getByLabel(p.search)).toHaveValue(longest);
    await expect(entries.getByRole('link', { name: title }).first()).toBeVisible();
  });

  test(`${lang}: page through the list and return to its start`, async ({ page }) => {
    const p = w.proposals;
    await page.goto(`/${lang}/proposals/`);
    const first = await page.getByRole('article').first().getByRole('link').innerText();
    await page.getByRole('link', { name: p.next }).click();
    await expect(page).toHaveURL(/[?&]cursor=/);
    await expect(page.getByRole('article').first().getByRole('link')).not.toHaveText(first);
    await page.getByRole('link', { name: p.first }).click();
    await expect(page.getByRole('article').first().getByRole('link')).toHaveText(first);
  });

  test(`${lang}: a search without result invites`, async ({ page }) => {
    await page.goto(`/${lang}/proposals/?text=qqqqzzzz`);
    await expect(page.getByText(w.proposals.emptyTitle)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('main').getByRole('link', { name: w.proposals.clear }).last().click();
    await expect(page.getByRole('article').first()).toBeVisible();
  });

  test(`${lang}: a failure says so and can be tried again`, async ({ page }) => {
    let broken = true;
    await page.route('**/api/v1/consultations/*/proposals?**', (route) => (broken ? route.abort() : route.fallback()));
    await page.route('**/api/v1/consultations/*/proposals', (route) => (broken ? route.abort() : route.fallback()));
    await page.goto(`/${lang}/proposals/`);
    await expect(page.getByRole('alert')).toContainText(w.common.problem.network);
    await expectAccessible(page);
    broken = false;
    await page.getByRole('button', { name: w.common.retry }).click();
    await expect(page.getByRole('article').first()).toBeVisible();
  });

  for (const [state, change, lead, button] of [
    ['closed', { state: 'closed', accepts_proposals: false }, w.home.closedLead, w.home.read],
    ['published', { state: 'published', accepts_proposals: false }, w.home.publishedLead, w.home.read],
    ['not open yet', { accepts_proposals: false, opens_at: '2099-01-01T00:00:00Z' }, w.home.lead, w.home.read],
  ] as const) {
    test(`${lang}: a consultation that is ${state} does not ask for proposals`, async ({ page }) => {
      await page.route(/\/api\/v1\/consultations\/[^/]+$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...((await response.json()) as object), ...change } });
      });
      await page.goto(`/${lang}/`);
      await expect(page.getByRole('main').getByRole('link', { name: button, exact: true })).toBeVisible();
      await expect(page.getByText(lead)).toBeVisible();
      await expect(page.getByRole('main').getByRole('link', { name: w.home.propose, exact: true })).toHaveCount(0);
      await expectAccessible(page);
      await page.goto(`/${lang}/propose/`);
      await expect(page.getByText(w.propose.closed)).toBeVisible();
      await expect(page.getByRole('button', { name: w.propose.next })).toHaveCount(0);
      await expectAccessible(page);
    });
  }
}

test.describe('the first page', () => {
  for (const [locale, lang] of [
    ['fr-FR', 'fr'],
    ['ar-MA', 'ar'],
    ['en-GB', 'ar'],
  ] as const) {
    test.describe(locale, () => {
      test.use({ locale });
      test(`leads to ${lang}`, async ({ page }) => {
        await page.goto('/');
        await expect(page).toHaveURL(new RegExp(`/${lang}/$`));
        await expectLanguage(page, lang);
      });
    });
  }

  test.describe('without scripts', () => {
    test.use({ javaScriptEnabled: false });
    test('offers both languages', async ({ page }) => {
      await page.goto('/');
      await expect(page.getByRole('link', { name: 'Français' })).toHaveAttribute('href', '/fr/');
      await page.getByRole('link', { name: 'العربية' }).click();
      await expectLanguage(page, 'ar');
      await expect(heading(page, words.ar.home.title)).toBeVisible();
    });
  });
});

test.describe('finding one’s way', () => {
  test.use(phone);

  test('the language switch keeps page and filters', async ({ page }) => {
    await page.goto('/ar/proposals/?order=oldest');
    await page.locator('header').getByRole('link', { name: 'Français' }).click();
    await expect(page).toHaveURL(/\/fr\/proposals\/\?order=oldest$/);
    await expectLanguage(page, 'fr');
    await expect(heading(page, words.fr.proposals.title)).toBeVisible();
    await page.goBack();
    await expectLanguage(page, 'ar');
  });

  test('the menu opens by keyboard, leads on, and closes on Escape', async ({ page }) => {
    const w = words.ar;
    await page.goto('/ar/');
    const menu = page.getByRole('button', { name: w.common.menu });
    await menu.focus();
    await page.keyboard.press('Enter');
    await expect(menu).toHaveAttribute('aria-expanded', 'true');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(menu).toHaveAttribute('aria-expanded', 'false');
    await expect(menu).toBeFocused();
    await page.keyboard.press('Enter');
    await page.getByRole('navigation').getByRole('link', { name: w.common.nav.numbers }).click();
    await expect(heading(page, w.numbers.title)).toBeFocused();
    await expect(menu).toHaveAttribute('aria-expanded', 'false');
  });

  test('the first key leads past the header', async ({ page }) => {
    await page.goto('/fr/');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: words.fr.common.skip })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
  });
});
