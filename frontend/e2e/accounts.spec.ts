import { expect, test, type Page } from '@playwright/test';

import { codeOf, invitationTo } from './support/account';
import { desktop, phone } from './support/browser';
import { expectAccessible, words } from './support/page';
import { enter, signIn } from './support/staff';

test.use(desktop);

const password = 'douze puits du douar';

for (const lang of ['ar', 'fr'] as const) {
  const s = words[lang].staff;

  async function give(page: Page, code: string) {
    await page.getByLabel(s.factor.code).fill(code);
    await page.getByRole('button', { name: s.factor.present }).click();
  }

  test(`invitation, password, second factor, sign-in, sessions (${lang})`, async ({ page, browser }) => {
    const email = `hind.${lang}.${process.pid}@example.org`;
    await signIn(page, 'administrator', lang);
    await page.getByRole('button', { name: s.admin.new }).click();
    const dialog = page.getByRole('dialog', { name: s.admin.new });
    await dialog.getByLabel(s.admin.email).fill(email);
    await dialog.getByLabel(s.admin.name, { exact: true }).fill('Hind');
    await dialog.getByRole('button', { name: s.admin.create }).click();
    await expect(page.getByText(s.admin.created)).toBeVisible();
    const row = page.getByRole('listitem').filter({ hasText: email });
    await expect(row.getByText(s.admin.pending)).toBeVisible();
    await expectAccessible(page);

    const hind = await (await browser.newContext(phone)).newPage();
    const link = await invitationTo(email);
    expect(link.startsWith(`/${lang}/`)).toBe(true);
    await hind.goto(link);
    await expect(hind.getByText('Hind')).toBeVisible();
    expect(hind.url(), 'the token leaves the address').not.toContain('#');
    await expectAccessible(hind);
    // what everybody tries first is refused, and stays to be mended
    await hind.getByLabel(s.invitation.password).fill('password1234');
    await hind.getByRole('button', { name: s.invitation.submit }).click();
    await expect(hind.getByText(words[lang].common.field.too_common)).toBeVisible();
    await expect(hind.getByLabel(s.invitation.password)).toHaveValue('password1234');
    await expect(hind.getByLabel(s.invitation.password)).toBeFocused();
    await hind.getByLabel(s.invitation.password).fill(password);
    await hind.getByRole('button', { name: s.invitation.submit }).click();
    await expect(hind.getByText(s.invitation.done)).toBeVisible();
    const again = await (await browser.newContext(phone)).newPage();
    await again.goto(link);
    await expect(again.getByText(s.invitation.over)).toBeVisible();
    await expectAccessible(again);

    await hind.getByRole('link', { name: s.invitation.signIn }).click();
    await enter(hind, email, lang, password);
    await expect(hind.getByRole('navigation', { name: s.navigation })).toBeVisible();
    await hind.goto(`/${lang}/account/`);
    await hind.getByRole('button', { name: s.account.setUpFactor }).click();
    await expect(hind.getByRole('img', { name: s.factor.qr })).toBeVisible();
    await expectAccessible(hind);
    const secret = (await hind.locator('.secret').textContent()) ?? '';
    await hind.getByLabel(s.factor.firstCode).fill('000');
    await hind.getByRole('button', { name: s.factor.confirm }).click();
    await expect(hind.getByText(s.factor.wrong)).toBeVisible();
    await hind.getByLabel(s.factor.firstCode).fill(codeOf(secret));
    await hind.getByRole('button', { name: s.factor.confirm }).click();
    await expect(hind.getByRole('heading', { name: s.factor.recoveryTitle })).toBeFocused();
    await expectAccessible(hind);
    const codes = await hind
      .getByRole('region', { name: s.factor.recoveryTitle })
      .getByRole('listitem')
      .allTextContents();
    expect(codes).toHaveLength(10);
    await hind.getByRole('button', { name: s.factor.keptThem }).click();
    await expect(hind.getByText(s.account.factorOn)).toBeVisible();
    await expectAccessible(hind);

    // on another device: the password alone opens nothing, a wrong code neither; then a recovery code, or the app's next
    await again.goto(`/${lang}/desk/`);
    await enter(again, email, lang, password);
    await expect(again.getByLabel(s.factor.code)).toBeFocused();
    await expectAccessible(again);
    await again.reload();
    await give(again, codeOf(secret, 100));
    await expect(again.getByText(s.factor.wrong)).toBeVisible();
    await give(again, codes[0] ?? '');
    await expect(again.getByRole('heading', { level: 1, name: s.desk.title })).toBeVisible();

    await hind.reload();
    const sessions = hind.getByRole('region', { name: s.account.sessions });
    await expect(sessions.getByRole('listitem')).toHaveCount(2);
    await sessions.getByRole('listitem').getByRole('button').click();
    await expect(hind.getByText(s.account.ended)).toBeVisible();
    await expect(sessions.getByRole('listitem')).toHaveCount(1);
    await again.reload();
    await expect(again).toHaveURL(/\/sign-in\//);

    // whoever lost the app and the codes is helped by an administrator, and has to begin again
    await page.reload();
    await expect(row.getByText(s.admin.hasFactor)).toBeVisible();
    await row.getByRole('button').click();
    await page.getByRole('dialog').getByRole('button', { name: s.admin.resetFactor }).click();
    await expect(page.getByText(s.admin.factorReset)).toBeVisible();
    await hind.reload();
    await expect(hind).toHaveURL(/\/sign-in\//);

    // and whoever forgot the password helps themselves
    await hind.getByRole('button', { name: s.signIn.forgot }).click();
    await expect(hind.getByLabel(s.signIn.email)).toBeFocused();
    await expect(hind.getByText(s.signIn.forgotEmail)).toBeVisible();
    await hind.getByLabel(s.signIn.email).fill(email.toUpperCase());
    await hind.getByRole('button', { name: s.signIn.forgot }).click();
    await expect(hind.getByText(s.signIn.forgotSent)).toBeVisible();
    await expectAccessible(hind);
    await expect.poll(() => invitationTo(email), { timeout: 15_000 }).not.toBe(link);
    await hind.goto(await invitationTo(email));
    await hind.getByLabel(s.invitation.password).fill(`${password} 2`);
    await hind.getByRole('button', { name: s.invitation.submit }).click();
    await hind.getByRole('link', { name: s.invitation.signIn }).click();
    await enter(hind, email, lang, `${password} 2`);
    await expect(hind.getByRole('navigation', { name: s.navigation })).toBeVisible();
    await hind.context().close();
    await again.context().close();
  });
}
