import { expect, test, type APIRequestContext, type Page } from '@playwright/test';

import { desktop } from './support/browser';
import { submit } from './support/citizen';
import { words } from './support/page';
import { accessible, PASSWORD, signIn } from './support/staff';

test.use(desktop);

const w = words.ar;
const d = w.staff.desk;

const idea = (title: string) => ({
  title,
  problem: 'في السوق الأسبوعي لا يجد الباعة ولا الزبناء ماء ولا مرافق صحية.',
  solution: 'تهيئة نقطة ماء ومرافق صحية في كل سوق أسبوعي.',
});

/** The queue, narrowed to what one journey sent. */
async function find(page: Page, word: string, lang: 'ar' | 'fr' = 'ar') {
  await page.goto(`/${lang}/desk/?text=${encodeURIComponent(word)}`);
  return page.getByRole('region', { name: words[lang].staff.desk.queue }).getByRole('listitem');
}

/** A colleague at another desk, who takes a proposal first. */
async function taken(request: APIRequestContext, baseURL: string, reference: string) {
  const headers = { origin: new URL(baseURL).origin };
  const data = { email: 'coordinator@example.org', password: PASSWORD };
  const { account } = (await (await request.post('/api/v1/session', { data, headers })).json()) as {
    account: { id: number };
  };
  const { version } = (await (await request.get(`/api/v1/desk/proposals/${reference}`)).json()) as { version: number };
  const answer = await request.put(`/api/v1/desk/proposals/${reference}/assignment`, {
    data: { account: account.id },
    headers: { ...headers, 'if-match': `"${version}"` },
  });
  expect(answer.ok()).toBe(true);
}

test('one decision on several: looked at first, and an answer for each', async ({ page, playwright, baseURL }) => {
  const colleague = await playwright.request.newContext({ baseURL: baseURL ?? '' });
  const sent: { reference: string }[] = [];
  for (const name of ['الأول', 'الثاني', 'الثالث']) sent.push(await submit(colleague, idea(`مرافق السوق ${name}`)));
  await signIn(page, 'moderator');
  const items = await find(page, 'مرافق السوق');
  await expect(items).toHaveCount(3);
  await page.getByRole('checkbox', { name: d.selectAll }).check();
  await page.getByRole('button', { name: d.together }).click();
  const dialog = page.getByRole('dialog', { name: d.bulkTitle });
  await dialog.getByRole('radio', { name: w.staff.decision.refuse }).check();
  await dialog.getByRole('button', { name: d.bulkPreviewButton }).click();
  await expect(dialog.getByText(w.common.field.required).first()).toBeVisible();
  await accessible(page);

  // what only the server sees is told at its field, and what was typed stays
  const hidden = 'هذا المشروع مبرمج في اتفاقية\u0000 الأسواق.';
  await dialog.getByRole('radio', { name: w.common.refusalReason.duplicate_of_existing_programme }).check();
  await dialog.getByLabel(d.response).fill(hidden);
  await dialog.getByRole('button', { name: d.bulkPreviewButton }).click();
  await expect(dialog.getByText(sent[0]?.reference ?? '')).toBeVisible();
  await accessible(page);
  await dialog.getByRole('button', { name: d.bulkConfirm }).click();
  await expect(dialog.getByText(w.common.field.control_character)).toBeVisible();
  await expect(dialog.getByLabel(d.response)).toHaveValue(hidden);
  await expect(dialog.getByLabel(d.response)).toBeFocused();

  // meanwhile a colleague takes one of the three
  await taken(colleague, baseURL ?? '', sent[1]?.reference ?? '');
  await dialog.getByLabel(d.response).fill('هذا المشروع مبرمج في اتفاقية تأهيل الأسواق الأسبوعية.');
  await dialog.getByRole('button', { name: d.bulkPreviewButton }).click();
  await dialog.getByRole('button', { name: d.bulkConfirm }).click();
  await expect(dialog.getByText(d.bulkSummary.replace('{done}', '2').replace('{refused}', '1'))).toBeVisible();
  const answer = (n: number) => dialog.getByRole('listitem').filter({ hasText: sent[n]?.reference ?? '' });
  await expect(answer(0)).toContainText(d.bulkDone);
  await expect(answer(1)).toContainText(d.bulkConflict);
  await expect(answer(2)).toContainText(d.bulkDone);
  await accessible(page);
  await dialog.getByRole('button', { name: d.bulkClose }).click();
  await expect(items).toHaveCount(1);
  await colleague.dispose();
});

test('two that say the same are read side by side, and one joins the other', async ({ page, request }) => {
  const first = await submit(request, idea('سوق نظيف للجميع'));
  const second = await submit(request, idea('سوق نظيف للجميع في وزان'));
  await signIn(page, 'moderator');
  await page.goto(`/ar/desk/${second.reference}/`);
  const twins = page.getByRole('region', { name: d.duplicates });
  const twin = twins.getByRole('listitem').filter({ hasText: first.reference });
  await twin.getByRole('button', { name: d.compare }).click();
  const dialog = page.getByRole('dialog', { name: d.compareTitle });
  await expect(dialog.getByRole('region', { name: d.thatOne }).getByText(idea('').problem)).toBeVisible();
  const [left, right] = await Promise.all([
    dialog.getByRole('region', { name: d.thatOne }).boundingBox(),
    dialog.getByRole('region', { name: d.thisOne }).boundingBox(),
  ]);
  expect(left?.y).toBe(right?.y);
  await accessible(page);
  await dialog.getByRole('button', { name: d.mergeInto }).click();
  await expect(page.getByRole('radio', { name: new RegExp(`^${w.staff.decision.merge}`) })).toBeChecked();
  await expect(page.getByRole('radio', { name: new RegExp(first.reference) })).toBeChecked();
  await accessible(page);
  await page.getByRole('button', { name: d.confirm }).click();
  await expect(page.getByText(d.decided.split('{reference}')[0] + second.reference)).toBeVisible();

  await page.goto(`/ar/desk/${second.reference}/`);
  await expect(page.getByRole('region', { name: d.path }).getByRole('link', { name: first.reference })).toBeVisible();
  await expect(page.getByRole('article').getByText(w.common.state.merged, { exact: true })).toBeVisible();
});

test('what is not retained says why, to everybody', async ({ page, request }) => {
  const { reference } = await submit(request, idea('سقف زجاجي لكل سوق'));
  await signIn(page, 'moderator');
  await page.goto(`/ar/desk/${reference}/`);
  await page.getByRole('radio', { name: w.staff.decision.refuse, exact: true }).check();
  await page.getByRole('button', { name: d.confirm }).click();
  // every missing field is named, and leads to its control
  const summary = page.getByRole('alert');
  await expect(summary).toBeFocused();
  await summary.getByRole('link', { name: new RegExp(`^${d.reason}`) }).click();
  await expect(page.getByRole('radio', { name: w.common.refusalReason.duplicate_of_existing_programme })).toBeFocused();
  await page.getByRole('radio', { name: w.common.refusalReason.not_feasible }).check();
  const response = 'كلفة السقف تتجاوز ميزانية البرنامج، ونقترح مظلات متنقلة بدله.';
  await page.getByLabel(d.response).fill(response);
  await page.getByRole('button', { name: d.confirm }).click();
  await expect(page.getByText(d.decided.split('{reference}')[0] + reference)).toBeVisible();

  await page.goto(`/ar/proposals/${reference}/`);
  await expect(page.getByText(response).first()).toBeVisible();
  await expect(page.getByText(w.common.refusalReason.not_feasible).first()).toBeVisible();
  await accessible(page);
});

test('a text is sealed by two people, never by one', async ({ page, context, request }) => {
  const sent = idea('رقم هاتف جاري في السوق');
  const { reference } = await submit(request, sent);
  await signIn(page, 'moderator');
  await page.goto(`/ar/desk/${reference}/`);
  await page.getByRole('radio', { name: w.staff.decision.request_withhold }).check();
  await page.getByRole('radio', { name: w.common.withholdReason.personal_data, exact: true }).check();
  await page.getByLabel(d.note).fill('في النص رقم هاتف.');
  await page.getByRole('button', { name: d.confirm }).click();
  await expect(page.getByText(d.withholdMine)).toBeVisible();
  await expect(page.getByRole('button', { name: d.withholdConfirm })).toHaveCount(0);
  await expect(page.getByRole('button', { name: d.withholdTakeBack })).toBeVisible();
  await accessible(page);

  await context.clearCookies();
  await signIn(page, 'coordinator');
  await page.goto(`/ar/desk/${reference}/`);
  await expect(page.getByText(w.common.withholdReason.personal_data).filter({ visible: true }).first()).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: d.withholdConfirm }).click();
  await expect(page.getByText(d.withheld.replace('{reference}', reference))).toBeVisible();

  await page.goto(`/ar/proposals/${reference}/`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText(sent.title)).toHaveCount(0);
  await expect(page.getByText(sent.problem)).toHaveCount(0);
});

test('the desk by its keys', async ({ page, request }) => {
  for (const name of ['أ', 'ب']) await submit(request, idea(`مفاتيح السوق ${name}`));
  await signIn(page, 'moderator');
  const items = await find(page, 'مفاتيح السوق');
  await expect(items).toHaveCount(2);
  await page.keyboard.press('j');
  const title = page.getByRole('heading', { level: 1 });
  await expect(title).toHaveText('مفاتيح السوق أ');
  await page.keyboard.press('j');
  await expect(title).toHaveText('مفاتيح السوق ب');
  await expect(title).toBeFocused();
  await page.keyboard.press('k');
  await expect(title).toHaveText('مفاتيح السوق أ');
  await expect(page.getByRole('region', { name: d.decide })).toBeVisible();
  await page.keyboard.press('2');
  await expect(page.getByRole('radio', { name: w.staff.decision.request_clarification })).toBeChecked();
  await page.keyboard.press('r');
  const question = page.getByLabel(d.question, { exact: true });
  await expect(question).toBeFocused();
  // inside a text a key is a letter
  await page.keyboard.type('2 j ?');
  await expect(question).toHaveValue('2 j ?');
  await page.getByRole('radio', { name: w.staff.decision.request_clarification }).focus();
  await page.keyboard.press('?');
  const map = page.getByRole('dialog', { name: d.keys.title });
  await expect(map).toBeVisible();
  await accessible(page);
  await map.getByRole('checkbox', { name: d.keys.on }).uncheck();
  await page.keyboard.press('Escape');
  await expect(map).toBeHidden();
  await page.keyboard.press('1');
  await expect(page.getByRole('radio', { name: w.staff.decision.request_clarification })).toBeChecked();
});

test('in French the desk speaks French', async ({ page, request }) => {
  const f = words.fr.staff;
  const { reference } = await submit(
    request,
    {
      title: 'Une fontaine au souk de Zoumi',
      problem: 'Au souk hebdomadaire, ni les marchands ni les clients ne trouvent d’eau.',
      solution: 'Installer une fontaine et l’entretenir avec la commune.',
    },
    'fr',
  );
  await signIn(page, 'moderator', 'fr');
  const items = await find(page, 'Zoumi', 'fr');
  await items.getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(reference));
  await expect(page.getByRole('region', { name: f.desk.decide })).toBeVisible();
  await page.getByRole('radio', { name: f.decision.redirect }).check();
  await page.getByLabel(f.desk.competence, { exact: true }).selectOption({ index: 1 });
  await page.getByLabel(f.desk.body, { exact: true }).fill('Commune de Zoumi');
  await page.getByLabel(f.desk.response).fill('L’eau potable relève de la commune : nous lui transmettons votre idée.');
  await accessible(page);
  await page.getByRole('button', { name: f.desk.confirm }).click();
  await expect(page.getByText(f.desk.decided.split('{reference}')[0] + reference)).toBeVisible();
  // nothing but people's own words is in the other script
  const own = await page.locator('main').evaluate((main) => {
    const copy = main.cloneNode(true) as HTMLElement;
    for (const each of copy.querySelectorAll('[lang=ar], bdi, [dir=auto]')) each.remove();
    return copy.textContent ?? '';
  });
  expect(own).not.toMatch(/\p{Script=Arabic}/u);
});
