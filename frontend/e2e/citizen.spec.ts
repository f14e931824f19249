import { expect, test } from '@playwright/test';

import { phone } from './support/browser';
import { askAuthor, question, refuse, response } from './support/committee';
import { fillIn, heading, idea, press } from './support/form';
import { expectAccessible, expectLanguage, languages, watch, words } from './support/page';

test.use({ ...phone, permissions: ['clipboard-read', 'clipboard-write'] });

/** Words as a pattern that matches them anywhere. */
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

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

  test(`${lang}: what is wrong is named, kept, and said in the language one switches to`, async ({ page }) => {
    const p = w.propose;
    const other = lang === 'ar' ? 'fr' : 'ar';
    const range = (text: string, min: number) => text.replace('{min}', String(min));
    await page.goto(`/${lang}/propose/?step=problem`);
    // an address of the middle leads to the start when nothing was written
    await expect(heading(page, p.axis.title)).toBeVisible();
    await page.getByRole('radio').first().check();
    await press(page, p.next);
    await page.getByLabel(p.problem.name).fill('abcd');
    await page.getByLabel(p.problem.text, { exact: true }).fill('0123456789');
    await press(page, p.next);
    const alert = page.getByRole('alert');
    await expect(alert).toContainText(range(p.problem.nameShort, 5));
    await expect(alert).toContainText(range(p.problem.textShort, 20));
    await expect(page.getByLabel(p.problem.name)).toHaveValue('abcd');
    await expect(page.getByLabel(p.problem.name)).toHaveAccessibleDescription(
      new RegExp(escaped(range(p.problem.nameShort, 5))),
    );

    await page
      .locator('header')
      .getByRole('link', { name: other === 'fr' ? 'Français' : 'العربية' })
      .click();
    const q = words[other].propose;
    await expect(alert).toContainText(range(q.problem.nameShort, 5));
    await expect(alert).toContainText(range(q.problem.textShort, 20));
    await expect(page.getByLabel(q.problem.text, { exact: true })).toHaveValue('0123456789');
    await expectAccessible(page);
  });

  test(`${lang}: each question about oneself may be left unanswered, in words`, async ({ page }) => {
    const p = w.propose;
    let seen = false;
    await fillIn(page, lang, {
      each: async (step) => {
        if (step !== 'about') return;
        seen = true;
        await expect(page.getByText(p.about.why)).toBeVisible();
        for (const question of [p.about.age, p.about.residence, p.about.type]) {
          await page.getByLabel(question).selectOption({ label: w.common.not_stated });
        }
        await page.getByRole('group', { name: p.about.gender }).getByLabel(w.common.not_stated).check();
        await expectAccessible(page);
      },
    });
    expect(seen).toBe(true);
    await expect(page.getByRole('region', { name: p.check.privateTitle }).getByText(w.common.not_stated)).toHaveCount(
      4,
    );
  });

  test(`${lang}: an answer that got lost, a reload and a switch of language make no second proposal`, async ({
    page,
  }) => {
    const p = w.propose;
    const other = lang === 'ar' ? 'fr' : 'ar';
    const sent: { key: string | undefined; body: string | null; reference: string }[] = [];
    await page.route('**/api/v1/consultations/*/proposals', async (route) => {
      const request = route.request();
      if (request.method() !== 'POST') return route.fallback();
      const response = await route.fetch();
      const { reference } = (await response.json()) as { reference: string };
      sent.push({ key: request.headers()['idempotency-key'], body: request.postData(), reference });
      // the proposal is in, but a proxy in between gave up waiting
      if (sent.length === 1) await route.fulfill({ status: 503, contentType: 'text/html', body: '<h1>503</h1>' });
      else await route.fulfill({ response });
    });
    await fillIn(page, lang);
    await press(page, p.send);
    await expect(page.getByRole('alert')).toContainText(w.common.problem.unavailable);
    await expect(page.getByRole('alert')).toContainText(p.kept);
    await expectAccessible(page);

    await page.reload();
    await expect(page.getByText(idea[lang].problem)).toBeVisible();
    await page
      .locator('header')
      .getByRole('link', { name: other === 'fr' ? 'Français' : 'العربية' })
      .click();
    await press(page, words[other].propose.send);
    await expect(heading(page, words[other].receipt.title)).toBeVisible();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    await expect(page.getByTestId('reference')).toHaveText(sent[0]?.reference ?? '');

    // the same words once more are another proposal
    await fillIn(page, lang);
    await press(page, p.send);
    await expect(heading(page, w.receipt.title)).toBeVisible();
    expect(sent[2]?.key).not.toBe(sent[0]?.key);
  });

  test(`${lang}: the receipt stays on this tab, prints as a page of its own, and the way back is an empty form`, async ({
    page,
    context,
  }) => {
    await fillIn(page, lang);
    await press(page, w.propose.send);
    await expect(heading(page, w.receipt.title)).toBeVisible();
    const code = (await page.getByTestId('code').textContent()) ?? '';
    expect(code).not.toBe('');
    await page.reload();
    await expect(page.getByTestId('code')).toHaveText(code);

    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await expect(page.getByTestId('code')).toBeVisible();
    await expect(page.getByRole('main').getByText(w.receipt.issuer)).toBeVisible();
    await expect(page.getByText(new RegExp(`/${lang}/follow-up/`))).toBeVisible();
    for (const [role, name] of [
      ['button', w.receipt.print],
      ['link', w.receipt.follow],
      ['navigation', w.common.mainNavigation],
    ] as const) {
      await expect(page.getByRole(role, { name })).toBeHidden();
    }
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    await page.emulateMedia({ media: null, colorScheme: null });

    const another = await context.newPage();
    await another.goto(`/${lang}/receipt/`);
    await expect(another.getByText(w.receipt.none)).toBeVisible();
    await another.close();

    await page.goBack();
    await expect(heading(page, w.propose.axis.title)).toBeVisible();
    await expect(page.getByRole('radio').first()).not.toBeChecked();
  });

  test(`${lang}: answer a question, then ask to look again at a decision`, async ({ page, request, baseURL }) => {
    const f = w.follow;
    await fillIn(page, lang);
    await press(page, w.propose.send);
    const reference = await page.getByTestId('reference').innerText();
    await askAuthor(request, baseURL, reference);

    await page.getByRole('link', { name: w.receipt.follow }).click();
    await press(page, f.open);
    await expect(page.getByText(question).first()).toBeVisible();
    await expectAccessible(page);
    await press(page, f.sendAnswer);
    await expect(page.getByLabel(f.answer)).toBeFocused();
    await expect(page.getByLabel(f.answer)).toHaveAccessibleDescription(new RegExp(escaped(f.answerShort)));
    // before writing one knows who will read
    await expect(page.getByLabel(f.answer)).toHaveAccessibleDescription(new RegExp(escaped(f.answerHint)));
    const answer = 'من الدوار إلى القنطرة، خمسون طفلا.';
    await page.getByLabel(f.answer).fill(answer);
    await page.route('**/api/v1/receipts/answer', (route) => route.abort(), { times: 1 });
    await press(page, f.sendAnswer);
    await expect(page.getByRole('alert')).toContainText(w.common.problem.network);
    await expect(page.getByLabel(f.answer)).toHaveValue(answer);
    await press(page, f.sendAnswer);
    await expect(page.getByText(f.answered)).toBeVisible();
    await expect(page.getByText(answer)).toBeVisible();

    await refuse(request, baseURL, reference);
    await page.goto(`/${lang}/follow-up/`);
    await press(page, f.open);
    await expect(page.getByText(w.stateForAuthor.not_retained)).toBeVisible();
    await expect(page.getByText(response)).toBeVisible();
    await expect(page.getByText(w.common.refusalReason.duplicate_of_existing_programme)).toBeVisible();
    await expectAccessible(page);
    await page.getByLabel(f.appealReason).fill('البرنامج القائم لا يصل إلى دوارنا.');
    await press(page, f.sendAppeal);
    await expect(page.getByText(f.appealed)).toBeVisible();
    await expect(page.getByText(w.edge.appeal)).toBeVisible();
    await expectAccessible(page);
  });

  test(`${lang}: a title as long as allowed, without a space, breaks and widens no page`, async ({ page }) => {
    const title = (lang === 'ar' ? 'س' : 'a').repeat(150);
    await fillIn(page, lang, { title });
    await expect(page.getByText(title)).toBeVisible();
    await expectAccessible(page);
    await press(page, w.propose.send);
    await page.getByRole('link', { name: w.receipt.follow }).click();
    await press(page, w.follow.open);
    await expect(heading(page, title)).toBeVisible();
    await expectAccessible(page);
  });

  test(`${lang}: what only the server sees is shown on its screen`, async ({ page }) => {
    const p = w.propose;
    // a letter that turns the direction of a title: invisible, and refused
    await fillIn(page, lang, { title: `${idea[lang].title}\u202e` });
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
