import { expect, test, type APIRequestContext, type Page } from '@playwright/test';

import { desktop } from './support/browser';
import { submit } from './support/citizen';
import { words } from './support/page';
import { accessible, PASSWORD, signIn } from './support/staff';

test.use(desktop);

const w = words.ar;
const s = w.staff.drafts;

const idea = {
  title: 'مواقف للدراجات أمام الإدارات',
  problem: 'من يأتي بدراجته إلى الإدارة لا يجد مكانا آمنا يتركها فيه.',
  solution: 'تهيئة موقف صغير ومحروس أمام كل إدارة جهوية.',
};

/** A draft that the check has nothing against, made as its author would, without the screen. */
async function complete(request: APIRequestContext, baseURL: string): Promise<number> {
  const headers = { origin: new URL(baseURL).origin };
  const { reference } = await submit(request, idea);
  await request.post('/api/v1/session', { data: { email: 'moderator@example.org', password: PASSWORD }, headers });
  const shown = await request.get(`/api/v1/desk/proposals/${reference}`);
  const { version, proposal } = (await shown.json()) as { version: number; proposal: { axis: string } };
  const retained = await request.post(`/api/v1/desk/proposals/${reference}/decision`, {
    headers: { ...headers, 'if-match': `"${version}"` },
    data: { edge: 'retain' },
  });
  expect(retained.ok()).toBe(true);
  const list = await request.get('/api/v1/consultations');
  const consultation = ((await list.json()) as { items: { slug: string }[] }).items[0]?.slug;
  const made = await request.post('/api/v1/drafts', {
    headers,
    data: {
      consultation,
      axis: proposal.axis,
      title: 'تهيئة مواقف للدراجات أمام الإدارات',
      sources: [{ reference, link: 'as_is' }],
    },
  });
  expect(made.status()).toBe(201);
  const draft = (await made.json()) as { id: number; version: number; title: string; axis: string };
  const content = {
    objective: 'تهيئة 20 موقفا للدراجات قبل نهاية 2027.',
    problem: 'لا مكان آمنا للدراجات أمام الإدارات.',
    beneficiaries: ['المرتفقات والمرتفقون'],
    territories: ['MA-TNG'],
    indicators: [
      {
        name: 'عدد المواقف',
        kind: 'quantitative',
        unit: 'موقف',
        baseline_value: 0,
        baseline_year: 2026,
        target: 20,
        target_text: null,
        source: 'محاضر التسليم',
      },
    ],
    competence_class: 'own',
    competence_reason: 'تدبير المباني الإدارية للجهة.',
    responsible: 'مجلس الجهة',
    partners: [],
    budget_mad: 400000,
    budget_source: 'ميزانية الجهة',
    principles: ['inclusion'],
    planning_links: ['برنامج التنمية الجهوية'],
    sdgs: [11],
    start: '2027-01',
    end: '2027-12',
    milestones: [{ title: 'أول عشرة مواقف', deliverable: 'محضر التسليم', due: '2027-06' }],
  };
  const saved = await request.put(`/api/v1/drafts/${draft.id}`, {
    headers: { ...headers, 'if-match': `"${draft.version}"` },
    data: { title: draft.title, axis: draft.axis, content, closes_remarks: [] },
  });
  expect(((await saved.json()) as { findings: { severity: string }[] }).findings).not.toContainEqual(
    expect.objectContaining({ severity: 'blocking' }),
  );
  return draft.id;
}

/** Another member of the committee sits down at the draft. */
async function open(page: Page, account: string, id: number) {
  await page.context().clearCookies();
  await signIn(page, account);
  await page.goto(`/ar/drafts/${id}/`);
  await expect(page.getByRole('region', { name: s.steps })).toBeVisible();
}

async function step(page: Page, name: string) {
  await page.getByRole('region', { name: s.steps }).getByRole('button', { name }).click();
  const dialog = page.getByRole('dialog', { name });
  await accessible(page);
  await dialog.getByRole('button', { name: s.confirm, exact: true }).click();
  await expect(dialog).toBeHidden();
}

test('read, remarked on, answered by a version, signed by both', async ({ page, playwright, baseURL }) => {
  const { submit_for_review: review, ratify } = w.staff.draftEdge;
  const request = await playwright.request.newContext({ baseURL: baseURL ?? '' });
  const id = await complete(request, baseURL ?? '');
  await request.dispose();

  await open(page, 'moderator', id);
  await step(page, review);
  await expect(page.getByText(s.stepDone.replace('{step}', review))).toBeVisible();

  // a coordinator remarks on a field
  await open(page, 'coordinator', id);
  await page.getByRole('button', { name: new RegExp(`${s.remarkAddShort} ?: ${s.field.objective}$`) }).click();
  const dialog = page.getByRole('dialog', { name: s.remarkAdd.replace('{field}', s.field.objective) });
  await expect(dialog.getByLabel(s.remarkText)).toBeFocused();
  const text = 'نذكر الأقاليم بالاسم في الهدف.';
  await dialog.getByLabel(s.remarkText).fill(text);
  await accessible(page);
  await dialog.getByRole('button', { name: s.remarkSave }).click();
  const remarks = page.getByRole('region', { name: s.remarks });
  await expect(remarks.getByText(text, { exact: true })).toBeVisible();
  await expect(remarks.getByText(s.remarkOpen)).toBeVisible();
  await expect(remarks.getByText(s.field.objective, { exact: true })).toBeVisible();

  // an unfinished text cannot be signed: the button is not offered, and the reason is said
  const steps = page.getByRole('region', { name: s.steps });
  await page.getByLabel(s.field.responsible).fill('');
  await page.getByRole('button', { name: s.save }).click();
  await expect(page.getByText(s.saved.replace('{n}', '3'))).toBeVisible();
  await expect(steps.getByText(s.blockedByFindings)).toBeVisible();
  await expect(steps.getByRole('button', { name: ratify })).toHaveCount(0);
  await expect(remarks.getByText(s.remarkOpen)).toBeVisible();
  await accessible(page);

  // the version that answers the remark closes it
  await page.getByLabel(s.field.responsible).fill('مجلس الجهة');
  await page.getByLabel(s.field.objective, { exact: true }).fill('تهيئة 20 موقفا للدراجات بطنجة أصيلة قبل نهاية 2027.');
  await remarks.getByRole('checkbox', { name: new RegExp(text) }).check();
  await page.getByRole('button', { name: s.save }).click();
  await expect(remarks.getByText(s.remarkClosed.replace('{n}', '4'))).toBeVisible();
  const versions = page.getByRole('region', { name: s.versions });
  await versions.getByRole('button', { name: s.versionView.replace('{n}', '2') }).click();
  await expect(page.getByRole('dialog').getByText('تهيئة 20 موقفا للدراجات قبل نهاية 2027.')).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');

  // one signature is not enough, and nobody signs twice
  const signatures = page.getByRole('region', { name: s.signatures });
  await expect(signatures.getByText(s.missingSignatures.two ?? '')).toBeVisible();
  await step(page, ratify);
  await expect(signatures.getByText(s.missingSignatures.one ?? '')).toBeVisible();
  await expect(steps.getByRole('button', { name: ratify })).toHaveCount(0);

  await open(page, 'coordinator2', id);
  await step(page, ratify);
  await expect(page.getByText(w.staff.draftState.ratified).first()).toBeVisible();
  await expect(page.getByRole('region', { name: s.signatures }).getByRole('listitem')).toHaveCount(2);
  await accessible(page);
});
