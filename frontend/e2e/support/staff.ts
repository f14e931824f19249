import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

import { words, type Language } from './page';

export const PASSWORD = 'une region a l ecoute';

/** Fills the sign-in form of the page as it stands and sends it. */
export async function enter(page: Page, email: string, lang: Language = 'ar', password = PASSWORD) {
  const w = words[lang].staff.signIn;
  await page.getByLabel(w.email).fill(email);
  await page.getByLabel(w.password).fill(password);
  await page.getByRole('button', { name: w.submit, exact: true }).click();
}

/** Signs in through the page, as people do, and waits until one is inside. */
export async function signIn(page: Page, account: string, lang: Language = 'ar') {
  await page.goto(`/${lang}/sign-in/`);
  await enter(page, account.includes('@') ? account : `${account}@example.org`, lang);
  await expect(page.getByRole('navigation', { name: words[lang].staff.navigation })).toBeVisible();
}

/** No accessibility rule is broken on what is shown now. */
export async function accessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual(
    [],
  );
}
