import { expect, test } from '@playwright/test';

import { invitationTo } from './support/account';
import { desktop, phone } from './support/browser';
import { words } from './support/page';
import { accessible, enter, PASSWORD, signIn } from './support/staff';

test.use(desktop);

const w = words.ar;
const a = w.staff.admin;
const s = w.staff.settings;

test('an account is made, works, is suspended, and its session dies', async ({ page, browser }) => {
  const email = `reader.${process.pid}@example.org`;
  const password = 'a long phrase to keep';
  await signIn(page, 'administrator');
  await page.getByRole('button', { name: a.new }).click();
  const dialog = page.getByRole('dialog', { name: a.new });
  await dialog.getByRole('button', { name: a.create }).click();
  await expect(dialog.getByRole('alert')).toBeFocused();
  await accessible(page);
  // the address of a colleague is refused at its field, and what was typed stays
  await dialog.getByLabel(a.email).fill('moderator@example.org');
  await dialog.getByLabel(a.name).fill('قارئة جديدة');
  await dialog.getByRole('checkbox').first().check();
  await dialog.getByRole('button', { name: a.create }).click();
  await expect(dialog.getByText(a.emailTaken).first()).toBeVisible();
  await expect(dialog.getByLabel(a.name)).toHaveValue('قارئة جديدة');
  await dialog.getByLabel(a.email).fill(email);
  await dialog.getByRole('button', { name: a.create }).click();
  await expect(page.getByText(a.created)).toBeVisible();
  const account = page.getByRole('listitem').filter({ hasText: email });
  await expect(account).toBeVisible();
  await accessible(page);

  const reader = await (await browser.newContext(phone)).newPage();
  await reader.goto(await invitationTo(email));
  await reader.getByLabel(w.staff.invitation.password).fill(password);
  await reader.getByRole('button', { name: w.staff.invitation.submit }).click();
  await reader.getByRole('link', { name: w.staff.invitation.signIn }).click();
  await enter(reader, email, 'ar', password);
  await expect(reader.getByRole('heading', { level: 1, name: w.staff.desk.title })).toBeVisible();

  await account.getByRole('button').click();
  const edit = page.getByRole('dialog', { name: a.editTitle.replace('{name}', 'قارئة جديدة') });
  await edit.getByRole('checkbox', { name: a.disable }).check();
  await accessible(page);
  await edit.getByRole('button', { name: a.save, exact: true }).click();
  await expect(page.getByText(a.saved)).toBeVisible();
  await expect(account.getByText(a.disabled)).toBeVisible();

  // the session is over at the next step, and the door stays closed
  await reader.getByRole('link', { name: w.staff.desk.start }).click();
  await expect(reader.getByRole('dialog', { name: w.staff.expired.title })).toBeVisible();
  await reader.goto('/ar/desk/');
  await expect(reader).toHaveURL(/\/ar\/sign-in\//);
  await enter(reader, email, 'ar', password);
  await expect(reader.getByRole('alert')).toContainText(w.staff.signIn.bad);
  await reader.context().close();
});

test('the closing date moves; who saves second is told, and loses nothing', async ({ page, playwright, baseURL }) => {
  await signIn(page, 'administrator');
  await page.goto('/ar/administration/consultation/');
  const closes = page.getByLabel(s.closes);
  await expect(closes).toHaveValue(/^\d{4}-/);
  const before = await closes.inputValue();
  await accessible(page);

  const colleague = await playwright.request.newContext({ baseURL: baseURL ?? '' });
  const headers = { origin: new URL(baseURL ?? '').origin };
  const data = { email: 'administrator@example.org', password: PASSWORD };
  await colleague.post('/api/v1/session', { data, headers });
  const list = await colleague.get('/api/v1/consultations');
  const slug = ((await list.json()) as { items: { slug: string }[] }).items[0]?.slug ?? '';
  const title = 'Plan d’action 2024-2026, deuxième tour';
  const path = `/api/v1/admin/consultations/${slug}`;
  const shown = (await (await colleague.get(path)).json()) as Record<string, object> & {
    version: number;
    axes: { position?: number }[];
  };
  for (const axis of shown.axes) delete axis.position;
  const names = ['description', 'opens_at', 'moderation', 'consent', 'axes', 'territories', 'competences'];
  const settings = Object.fromEntries(names.map((name) => [name, shown[name]]));
  const saved = await colleague.put(path, {
    headers: { ...headers, 'if-match': `"${shown.version}"` },
    data: { ...settings, title: { ...shown.title, fr: title }, closes_at: '2026-12-20T23:00:00Z' },
  });
  expect(saved.ok()).toBe(true);

  const wanted = `${Number(before.slice(0, 4)) + 1}${before.slice(4)}`;
  await closes.fill(wanted);
  await page.getByRole('button', { name: s.save }).click();
  await expect(page.getByRole('alert')).toContainText(s.conflict);
  await expect(closes).toHaveValue(wanted);
  // what only the colleague changed is taken over; what both did is told
  await expect(page.getByLabel(s.titleIn.fr)).toHaveValue(title);
  await expect(page.getByRole('alert')).toContainText('2026-12-20');
  await expect(page.getByRole('alert')).not.toContainText(title);
  await accessible(page);
  await page.getByRole('button', { name: s.save }).click();
  await expect(page.getByText(s.saved)).toBeVisible();
  await page.reload();
  await expect(closes).toHaveValue(wanted);

  // the end before the beginning is refused before anything is sent
  await closes.fill('2020-01-01T00:00');
  await page.getByRole('button', { name: s.save }).click();
  await expect(page.getByText(s.reversed).first()).toBeVisible();
  await closes.fill(before);
  await page.getByRole('button', { name: s.save }).click();
  await expect(page.getByText(s.saved)).toBeVisible();
  await colleague.dispose();
});

test('a consultation that nobody has opened yet is found and prepared', async ({ page, playwright, baseURL }) => {
  await signIn(page, 'administrator');
  await page.goto('/ar/administration/consultation/');
  await expect(page.getByLabel(s.closes)).toHaveValue(/^\d{4}-/);
  await expect(page.getByLabel(s.which)).toHaveCount(0);

  const office = await playwright.request.newContext({ baseURL: baseURL ?? '' });
  const headers = { origin: new URL(baseURL ?? '').origin };
  await office.post('/api/v1/session', { data: { email: 'administrator@example.org', password: PASSWORD }, headers });
  const text = { ar: 'خطة 2027-2029', fr: 'Plan 2027-2029' };
  const made = await office.post('/api/v1/admin/consultations', {
    headers,
    data: {
      slug: '2027-2029',
      prefix: 'TTB',
      settings: {
        title: text,
        description: text,
        opens_at: '2027-01-10T08:00:00Z',
        closes_at: '2027-03-10T08:00:00Z',
        moderation: 'before',
        consent: { version: '2027-01', text },
        axes: [{ code: 'water', label: { ar: 'الماء', fr: 'Eau' }, hint: {} }],
        territories: [{ code: 'MA-CHE', kind: 'province', label: { ar: 'شفشاون', fr: 'Chefchaouen' } }],
        competences: [],
      },
    },
  });
  expect(made.ok()).toBe(true);

  await page.reload();
  await page.getByLabel(s.which).selectOption('2027-2029');
  await expect(page.getByRole('heading', { level: 2, name: text.ar })).toBeVisible();
  await expect(page.getByLabel(s.titleIn.fr)).toHaveValue(text.fr);
  await accessible(page);
  await page.getByLabel(s.titleIn.fr).fill('Plan 2027-2029, ensemble');
  await page.getByRole('button', { name: s.save }).click();
  await expect(page.getByText(s.saved)).toBeVisible();
  await page.reload();
  // the one that people see now stands first
  await expect(page.getByLabel(s.titleIn.fr)).not.toHaveValue(/2027/);
  await office.dispose();
});
