import { expect, test, type Page } from '@playwright/test';

import { phone } from './support/browser';
import { expectAccessible, expectLanguage, languages, watch, words, type Language } from './support/page';

test.use({ ...phone, permissions: ['clipboard-read', 'clipboard-write'] });

const idea = {
  ar: {
    title: 'إنارة الطريق بين الدوار والمدرسة',
    problem: 'الطريق بين الدوار والمدرسة مظلمة في الشتاء، والأطفال يعودون ليلا.',
    solution: 'تركيب أعمدة إنارة بالطاقة الشمسية على طول الطريق.',
  },
  fr: {
    title: 'Éclairer la route de l’école',
    problem: 'La route entre le douar et l’école est dans le noir en hiver, quand les enfants rentrent.',
    solution: 'Installer des lampadaires solaires tout au long de la route.',
  },
};

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

/** Fills the form up to the review, checking every screen on the way. */
async function fillIn(page: Page, lang: Language, title = idea[lang].title) {
  const w = words[lang].propose;
  await page.goto(`/${lang}/propose/`);
  await expectLanguage(page, lang);
  await expect(heading(page, w.axis.title)).toBeVisible();
  await page.getByRole('radio').first().check();
  await press(page, w.next);

  await expect(heading(page, w.problem.title)).toBeFocused();
  await page.getByLabel(w.problem.name).fill(title);
  await page.getByLabel(w.problem.text, { exact: true }).fill(idea[lang].problem);
  await press(page, w.next);

  await expect(heading(page, w.solution.title)).toBeFocused();
  await page.getByLabel(w.solution.text).fill(idea[lang].solution);
  await press(page, w.next);

  await expect(heading(page, w.change.title)).toBeFocused();
  await press(page, w.next);

  await expect(heading(page, w.place.title)).toBeFocused();
  await page.getByLabel(w.place.territory).selectOption({ index: 1 });
  await page.getByRole('checkbox', { name: words[lang].common.population.children }).check();
  await press(page, w.next);

  await expect(heading(page, w.about.title)).toBeFocused();
  await page.getByRole('radio', { name: words[lang].common.gender.female }).check();
  await press(page, w.next);

  await expect(heading(page, w.contact.title)).toBeFocused();
  await page.getByRole('checkbox', { name: w.contact.consent }).check();
  await press(page, w.review);
  await expect(heading(page, w.check.title)).toBeFocused();
}

for (const lang of languages) {
  const w = words[lang];

  test(`${lang}: from the home page to the receipt, and back by its code`, async ({ page }) => {
    const expectNoFault = watch(page);
    await page.goto(`/${lang}/`);
    await expectLanguage(page, lang);
    await page.getByRole('link', { name: w.home.propose, exact: true }).click();
    await expect(heading(page, w.propose.axis.title)).toBeVisible();

    await fillIn(page, lang);
    await expect(page.getByText(idea[lang].problem)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: w.propose.send }).click();

    await expect(heading(page, w.receipt.title)).toBeVisible();
    await expectAccessible(page);
    const code = await page.getByTestId('code').innerText();
    expect(code.replace(/\s/g, '')).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(page.url()).not.toContain(code.slice(0, 5));
    await press(page, w.receipt.copy);
    await expect(page.getByRole('status')).toHaveText(w.receipt.copied);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code.replace(/\s/g, ''));

    // another device: the code is typed in, as people type
    await page.evaluate(() => sessionStorage.clear());
    await page.goto(`/${lang}/follow-up/`);
    await page.getByLabel(w.follow.code).fill(` ${code.replace(/[-\s]+/g, ' ').toLowerCase()} `);
    await press(page, w.follow.open);
    await expect(heading(page, idea[lang].title)).toBeVisible();
    await expect(page.getByText(w.stateForAuthor.submitted)).toBeVisible();
    await expect(page.getByText(w.edge.submit)).toBeVisible();
    await expectAccessible(page);
    expect(page.url()).not.toContain(code.slice(0, 5));

    await press(page, w.follow.withdraw);
    const dialog = page.getByRole('dialog', { name: w.follow.withdrawTitle });
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: w.follow.withdrawConfirm }).click();
    await expect(page.getByText(w.follow.withdrawn)).toBeVisible();
    await expect(page.getByText(w.stateForAuthor.withdrawn)).toBeVisible();
    expectNoFault();
  });

  test(`${lang}: what is missing is said on its screen, and leads to the field`, async ({ page }) => {
    const p = w.propose;
    await page.goto(`/${lang}/propose/`);
    await press(page, p.next);
    await expect(page.getByRole('alert')).toBeFocused();
    await expect(page.getByRole('alert')).toContainText(p.axis.required);
    await expectAccessible(page);
    await page.getByRole('link', { name: p.axis.required }).click();
    await expect(page.getByRole('radio').first()).toBeFocused();
    await page.getByRole('radio').first().check();
    await press(page, p.next);

    await expect(heading(page, p.problem.title)).toBeFocused();
    await page.getByLabel(p.problem.name).fill('a');
    await press(page, p.next);
    await page.getByRole('link', { name: p.problem.textRequired }).click();
    await expect(page.getByLabel(p.problem.text, { exact: true })).toBeFocused();
    await expectAccessible(page);
  });

  test(`${lang}: nothing typed is lost, by going back, reloading, or a broken connection`, async ({
    page,
    context,
  }) => {
    const p = w.propose;
    await fillIn(page, lang);

    await page.goBack();
    await expect(heading(page, p.contact.title)).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('radio', { name: w.common.gender.female })).toBeChecked();
    await page.reload();
    await expect(page.getByText(p.resumed)).toBeVisible();
    await expect(page.getByRole('radio', { name: w.common.gender.female })).toBeChecked();
    await press(page, p.next);
    await press(page, p.review);
    await expect(heading(page, p.check.title)).toBeFocused();

    // switching language keeps the words too
    const other = lang === 'ar' ? 'fr' : 'ar';
    await page
      .locator('header')
      .getByRole('link', { name: other === 'fr' ? 'Français' : 'العربية' })
      .click();
    await expectLanguage(page, other);
    await expect(heading(page, words[other].propose.check.title)).toBeVisible();
    await expect(page.getByText(idea[lang].solution)).toBeVisible();
    await page.goBack();
    await expect(heading(page, p.check.title)).toBeVisible();

    await context.setOffline(true);
    await press(page, p.send);
    await expect(page.getByRole('alert')).toContainText(w.common.problem.network);
    await expect(page.getByRole('alert')).toContainText(p.kept);
    await expectAccessible(page);
    await context.setOffline(false);
    await press(page, p.send);
    await expect(heading(page, w.receipt.title)).toBeVisible();

    // sent: the device keeps no draft
    await page.goto(`/${lang}/propose/`);
    await expect(page.getByRole('radio').first()).not.toBeChecked();
    await expect(page.getByText(p.resumed)).toBeHidden();
  });

  test(`${lang}: what only the server sees is shown on its screen`, async ({ page }) => {
    const p = w.propose;
    // a letter that turns the direction of a title: invisible, and refused
    await fillIn(page, lang, `${idea[lang].title}\u202e`);
    await press(page, p.send);
    await expect(heading(page, p.problem.title)).toBeVisible();
    await expect(page.getByRole('alert')).toBeFocused();
    await expect(page.getByRole('alert')).toContainText(w.common.field.control_character);
    await page.getByLabel(p.problem.name).fill(idea[lang].title);
    await press(page, p.review);
    await press(page, p.send);
    await expect(heading(page, w.receipt.title)).toBeVisible();
  });

  test(`${lang}: a code that is not one, or not known, is said so`, async ({ page }) => {
    const f = w.follow;
    await page.goto(`/${lang}/follow-up/`);
    await expectAccessible(page);
    await press(page, f.open);
    await expect(page.getByRole('alert')).toContainText(f.codeRequired);
    await page.getByLabel(f.code).fill('ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ');
    await press(page, f.open);
    await expect(page.getByRole('alert')).toContainText(w.common.problem.receipt_unknown);
    await expectAccessible(page);
  });
}

test('pressing twice, or again after an answer that never came, sends one proposal', async ({ page }) => {
  const p = words.ar.propose;
  const keys: (string | undefined)[] = [];
  const references: string[] = [];
  await page.route('**/api/v1/consultations/*/proposals', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    keys.push(route.request().headers()['idempotency-key']);
    const response = await route.fetch();
    references.push(((await response.json()) as { reference: string }).reference);
    // the first answer gets lost on the way
    if (keys.length === 1) await route.abort('connectionreset');
    else await route.fulfill({ response });
  });
  await fillIn(page, 'ar');
  await page.getByRole('button', { name: p.send }).dblclick();
  await expect(page.getByRole('alert')).toContainText(words.ar.common.problem.network);
  await press(page, p.send);
  await expect(heading(page, words.ar.receipt.title)).toBeVisible();
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  expect(new Set(references).size).toBe(1);
});
