import { expect, test } from '@playwright/test';

import { desktop, phone } from './support/browser';
import { accessible, PASSWORD, signIn } from './support/staff';

test.use(desktop);

const reference = /TTA-\d\d-\d{6}/;

test('whoever is not signed in goes there and comes back', async ({ page }) => {
  await page.goto('/ar/drafts/');
  await expect(page).toHaveURL(/\/ar\/sign-in\//);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('دخول أعضاء اللجنة');
  await accessible(page);
  await page.getByLabel('البريد الإلكتروني').fill('moderator@example.org');
  await page.getByLabel('كلمة السر').fill('not the password');
  await page.getByRole('button', { name: 'دخول', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('غير صحيح');
  // a demonstration offers its accounts
  await page.getByRole('button', { name: /سلمى/ }).click();
  await page.getByRole('button', { name: 'دخول', exact: true }).click();
  await expect(page).toHaveURL(/\/ar\/drafts\/$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('مسودات الأهداف');
});

test('from the queue to a decision, and from there to a SMART draft', async ({ page }) => {
  await signIn(page, 'moderator');
  await expect(page.getByRole('heading', { level: 1, name: 'مكتب القراءة' })).toBeVisible();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await accessible(page);

  await page.getByRole('link', { name: 'أبدأ بالأقدم' }).click();
  const title = page.getByRole('heading', { level: 1 });
  await expect(page).toHaveURL(/\/desk\/TTA-/);
  await expect(page.getByRole('region', { name: 'القرار' })).toBeVisible();
  const read = reference.exec(page.url())?.[0] ?? '';
  const idea = (await title.textContent()) ?? '';
  await accessible(page);

  // remarks are saved as they are chosen
  const remark = page.getByRole('button', { name: 'بلا مؤشر' });
  if ((await remark.getAttribute('aria-pressed')) === 'false') {
    await remark.click();
    await expect(page.getByText('حُفظت ملاحظات اللجنة.')).toBeVisible();
  }
  await expect(remark).toHaveAttribute('aria-pressed', 'true');

  // to enrich is the default
  await expect(page.getByRole('radio', { name: /^نحتفظ به/ })).toBeChecked();
  const response = page.getByLabel('الرد المعلل');
  await response.fill('قصير');
  await page.getByRole('button', { name: 'أؤكد وأنتقل إلى التالي' }).click();
  await expect(page.getByRole('alert')).toContainText('20');
  await response.fill('سنقترح مؤشرا يقيس عدد المستفيدين كل سنة.');
  await page.getByRole('button', { name: 'أؤكد وأنتقل إلى التالي' }).click();
  await expect(page.getByText(`حُفظ القرار في ${read}`)).toBeVisible();
  await expect(page).not.toHaveURL(new RegExp(`${read}/`));

  // the retained idea becomes a draft
  await page.goto(`/ar/desk/${read}/`);
  await page.getByRole('link', { name: 'أكتب منه مسودة هدف' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'مسودة جديدة' })).toBeVisible();
  await expect(page.getByRole('checkbox', { name: idea })).toBeChecked();
  await page.getByLabel('عنوان الهدف').fill('هدف من مقترح محتفظ به');
  await accessible(page);
  await page.getByRole('button', { name: 'أنشئ المسودة' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'هدف من مقترح محتفظ به' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'كلمات الناس' })).toBeVisible();
  await accessible(page);

  // the findings follow what is written
  const check = page.getByRole('region', { name: 'ما تقوله الحروف الخمسة' });
  await expect(check.getByRole('link', { name: /اكتب الهدف/ })).toBeVisible();
  await page.getByLabel('الهدف', { exact: true }).fill('رفع عدد المستفيدين إلى الضعف قبل نهاية 2027.');
  await expect(check.getByRole('link', { name: /اكتب الهدف/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'أضيف مؤشرا' }).click();
  await page.getByLabel('ما الذي نلاحظه').fill('عدد المستفيدين');
  await expect(check.getByRole('link', { name: /ما وحدة القياس/ })).toBeVisible();
  await page.getByRole('button', { name: 'أحفظ نسخة جديدة' }).click();
  await expect(page.getByText('حُفظت النسخة 2.')).toBeVisible();
});

test('a colleague was faster: it is said, and nothing typed is lost', async ({ page, playwright, baseURL }) => {
  await signIn(page, 'moderator');
  await page.getByRole('link', { name: 'أبدأ بالأقدم' }).click();
  await expect(page).toHaveURL(/\/desk\/TTA-/);
  await expect(page.getByRole('region', { name: 'القرار' })).toBeVisible();
  const read = reference.exec(page.url())?.[0] ?? '';
  const response = 'نحتفظ بهذا المقترح ونضيف إليه مؤشرا.';
  await page.getByLabel('الرد المعلل').fill(response);

  // meanwhile, a coordinator takes it
  const colleague = await playwright.request.newContext({ baseURL: baseURL ?? '' });
  const headers = { origin: new URL(baseURL ?? '').origin };
  const signed = await colleague.post('/api/v1/session', {
    data: { email: 'coordinator@example.org', password: PASSWORD },
    headers,
  });
  const { account } = (await signed.json()) as { account: { id: number } };
  const seen = await colleague.get(`/api/v1/desk/proposals/${read}`);
  const { version } = (await seen.json()) as { version: number };
  const assigned = await colleague.put(`/api/v1/desk/proposals/${read}/assignment`, {
    data: { account: account.id },
    headers: { ...headers, 'if-match': `"${version}"` },
  });
  expect(assigned.ok()).toBe(true);

  await page.getByRole('button', { name: 'أؤكد وأنتقل إلى التالي' }).click();
  await expect(page.getByRole('alert')).toContainText('سبقك زميل إلى هذا المقترح');
  await expect(page.getByLabel('الرد المعلل')).toHaveValue(response);
  await accessible(page);
  await page.getByRole('button', { name: 'أؤكد وأنتقل إلى التالي' }).click();
  await expect(page.getByText(`حُفظ القرار في ${read}`)).toBeVisible();
  await colleague.dispose();
});

test('a session that ends is renewed over the page', async ({ page, context }) => {
  await signIn(page, 'moderator');
  await page.getByRole('link', { name: 'أبدأ بالأقدم' }).click();
  await expect(page.getByRole('region', { name: 'القرار' })).toBeVisible();
  const note = 'لا أريد أن أفقد هذه الملاحظة.';
  await page.getByLabel('ملاحظة جديدة').fill(note);
  await context.clearCookies();
  await page.getByRole('button', { name: 'أضيف الملاحظة' }).click();
  const dialog = page.getByRole('dialog', { name: 'انتهت جلستك' });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('البريد الإلكتروني').fill('moderator@example.org');
  await dialog.getByLabel('كلمة السر').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'دخول', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel('ملاحظة جديدة')).toHaveValue(note);
});

test.describe('on a phone', () => {
  test.use(phone);

  test('the list, then the proposal', async ({ page }) => {
    await signIn(page, 'moderator');
    await expect(page.getByRole('heading', { level: 1, name: 'مكتب القراءة' })).toBeVisible();
    await page.getByRole('link', { name: 'أبدأ بالأقدم' }).click();
    await expect(page.getByRole('region', { name: 'القرار' })).toBeVisible();
    await expect(page.getByRole('heading', { name: 'المقترحات' })).toBeHidden();
    await accessible(page);
    await page.getByRole('link', { name: 'إلى اللائحة' }).click();
    await expect(page.getByRole('heading', { name: 'المقترحات' })).toBeVisible();
  });
});
