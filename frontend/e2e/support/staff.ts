import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export const PASSWORD = 'tachawor-demo-2026';

/** Signs in through the page, as people do, and waits until one is inside. */
export async function signIn(page: Page, account: string, path = '/ar/sign-in/') {
  await page.goto(path);
  await page.getByLabel('البريد الإلكتروني').fill(`${account}@example.org`);
  await page.getByLabel('كلمة السر').fill(PASSWORD);
  await page.getByRole('button', { name: 'دخول', exact: true }).click();
  await expect(page.getByRole('navigation', { name: 'صفحات اللجنة' })).toBeVisible();
}

/** No accessibility rule is broken on what is shown now. */
export async function accessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual(
    [],
  );
}
