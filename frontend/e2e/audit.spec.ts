import { expect, test } from '@playwright/test';

import { invitationTo } from './support/account';
import { audit as ar } from '../src/i18n/ar/audit';
import { audit as fr } from '../src/i18n/fr/audit';
import { submit } from './support/citizen';
import { desktop, phone } from './support/browser';
import { expectAccessible, watch, words } from './support/page';
import { enter, signIn } from './support/staff';

test.use(desktop);

const admin = words.ar.staff.admin;

test('a crafted name and title lie still in the log, which is searched by address', async ({
  page,
  browser,
  request,
}) => {
  const check = watch(page);
  page.on('dialog', () => {
    throw new Error('a script ran');
  });
  const name = '<img src=x onerror=alert(1)>';
  const email = `crafted.${process.pid}@example.org`;
  const password = 'a long phrase to keep';
  const { reference } = await submit(request, {
    title: '<script>alert(2)</script> عنوان',
    problem: '<svg onload=alert(3)> مشكل يعيشه الناس كل يوم',
    solution: 'javascript:alert(4) حل يقترحه صاحبه هنا',
  });
  await signIn(page, 'administrator');
  await page.getByRole('button', { name: admin.new }).click();
  const dialog = page.getByRole('dialog', { name: admin.new });
  await dialog.getByLabel(admin.email).fill(email);
  await dialog.getByLabel(admin.name, { exact: true }).fill(name);
  await dialog.getByRole('button', { name: admin.create }).click();
  await expect(page.getByText(admin.created)).toBeVisible();

  // the crafted account opens the crafted proposal
  const reader = await (await browser.newContext(phone)).newPage();
  const { invitation } = words.ar.staff;
  await reader.goto(await invitationTo(email));
  await reader.getByLabel(invitation.password).fill(password);
  await reader.getByRole('button', { name: invitation.submit }).click();
  await expect(reader.getByText(invitation.done)).toBeVisible();
  await reader.goto('/fr/sign-in/');
  await enter(reader, email, 'fr', password);
  await expect(reader.getByRole('navigation', { name: words.fr.staff.navigation })).toBeVisible();
  await reader.goto(`/fr/desk/${reference}/`);
  await expect(reader.getByRole('heading', { level: 1 })).toContainText('<script>');
  // what is not theirs is refused at the door, and the server says so in its log too
  await reader.goto('/fr/administration/audit/');
  await expect(reader.getByRole('heading', { name: words.fr.staff.forbidden.title })).toBeVisible();
  await reader.context().close();

  const coordinator = await (await browser.newContext(desktop)).newPage();
  const still = watch(coordinator);
  await signIn(coordinator, 'coordinator');
  await coordinator.getByRole('link', { name: words.ar.staff.nav.audit }).click();
  await expect(coordinator.getByRole('heading', { level: 1, name: ar.title })).toBeVisible();
  await expect(coordinator.getByRole('listitem').filter({ hasText: name }).first()).toBeVisible();
  await expectAccessible(coordinator);

  const filters = coordinator.getByRole('form', { name: ar.filters });
  await filters.getByLabel(ar.key).fill(reference);
  await filters.getByLabel(ar.what, { exact: true }).selectOption('open_proposal');
  await filters.getByLabel(ar.key).press('Enter');
  await expect(coordinator).toHaveURL(
    new RegExp(`action=open_proposal.*key=${reference}|key=${reference}.*action=open_proposal`),
  );
  const entries = coordinator.getByRole('region', { name: ar.entries }).getByRole('listitem');
  await expect(entries).toHaveCount(1);
  await expect(entries.first()).toContainText(name);
  await expect(entries.first()).toContainText(ar.action.open_proposal);
  // the address says it all: opened again, and in the other language, it shows the same
  await coordinator.reload();
  await expect(entries).toHaveCount(1);
  await expect(filters.getByLabel(ar.key)).toHaveValue(reference);
  await expectAccessible(coordinator);

  // a day on which nothing was done
  await filters.getByLabel(ar.from).fill('2001-01-01');
  await filters.getByLabel(ar.to).fill('2001-01-01');
  await filters.getByRole('button', { name: ar.search }).click();
  await expect(coordinator.getByText(ar.emptyFiltered)).toBeVisible();
  await expectAccessible(coordinator);
  await coordinator.getByRole('region', { name: ar.entries }).getByRole('link', { name: ar.clear }).click();
  await expect(entries.first()).toBeVisible();

  await coordinator.setViewportSize(phone.viewport);
  await coordinator.goto('/fr/administration/audit/?object=account');
  await expect(coordinator.getByText(fr.action.create_account).last()).toBeVisible();
  await expectAccessible(coordinator);
  still();
  check();
  await coordinator.context().close();
});

test('an administrator downloads once what both coordinators have signed', async ({ page, browser }) => {
  const w = ar.approvals;
  const reason = `لتقرير المجلس السنوي ${process.pid}`;
  await signIn(page, 'administrator');
  await page.getByRole('link', { name: words.ar.staff.nav.exports }).click();
  await page.getByLabel(w.reason).fill('قصير');
  await page.getByRole('button', { name: w.send }).click();
  await expect(page.getByLabel(w.reason)).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel(w.reason)).toHaveValue('قصير');
  await expectAccessible(page);
  await page.getByLabel(w.reason).fill(reason);
  await page.getByRole('button', { name: w.send }).click();
  await expect(page.getByText(w.sent)).toBeVisible();
  const mine = page.getByRole('listitem').filter({ hasText: reason });
  await expect(mine).toContainText(w.missing.two ?? '');
  await expect(mine.getByRole('button')).toHaveCount(0);

  for (const account of ['coordinator', 'coordinator2']) {
    const signer = await (await browser.newContext(phone)).newPage();
    await signIn(signer, account);
    await signer.goto('/ar/administration/exports/');
    const request = signer.getByRole('listitem').filter({ hasText: reason });
    await request.getByRole('button').click();
    await expect(signer.getByText(w.signed_now)).toBeVisible();
    await expect(request.getByRole('button')).toHaveCount(0);
    await expectAccessible(signer);
    await signer.context().close();
  }

  await page.reload();
  await expect(mine).toContainText(w.state.ready);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    mine.getByRole('button', { name: w.fetch }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/-proposals\.csv$/);
  await expect(page.getByText(w.fetched)).toBeVisible();
  await expect(mine).toContainText(w.state.used);
  await expect(mine.getByRole('button')).toHaveCount(0);
  await expectAccessible(page);
});
