import { readFile } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { desktop } from './support/browser';
import { words } from './support/page';
import { accessible, signIn } from './support/staff';

test.use(desktop);

test('numbers with their unit, base and total, and files without anybody in them', async ({ page }) => {
  await signIn(page, 'analyst');
  await expect(page.getByRole('heading', { level: 1, name: 'تحليل المشاركة' })).toBeVisible();
  await expect(page.getByText(/الوحدة: المشاركات/).first()).toBeVisible();
  await accessible(page);

  await page.getByLabel('الأسطر').selectOption('territory');
  await expect(page).toHaveURL(/rows=territory/);
  await page.getByLabel('الأعمدة').selectOption('gender');
  await expect(page).toHaveURL(/columns=gender/);
  const crossed = page.getByRole('figure', { name: 'المشاركات: المكان المعني حسب الجنس' });
  await crossed.locator('summary').click();
  const table = crossed.getByRole('table');
  await expect(table).toBeVisible();
  await accessible(page);

  // the cells of the last row but the total add up to the total
  const cells = await table.getByRole('row').last().getByRole('cell').allTextContents();
  const numbers = cells.map((text) => Number(text.replace(/\D/g, '')));
  const total = numbers.pop() ?? 0;
  expect(total).toBeGreaterThan(0);
  expect(numbers.reduce((sum, n) => sum + n, 0)).toBe(total);

  const [counts] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'هذا الجدول (CSV)' }).click(),
  ]);
  expect(await readFile(await counts.path(), 'utf8')).toContain('MA-TNG');

  const [proposals] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'المقترحات (CSV)' }).click(),
  ]);
  const file = await readFile(await proposals.path(), 'utf8');
  expect(file).toMatch(/TTA-\d\d-\d{6}/);
  expect(file.split('\n')[0]).not.toMatch(/age_band|gender|residence/);
});

test('a large file is asked for, written and taken away', async ({ page }) => {
  await signIn(page, 'analyst');
  const w = words.ar.openData;
  await page.getByLabel(w.prepared.form).selectOption('parquet');
  await page.getByRole('button', { name: w.prepared.ask }).click();
  await expect(page.getByText(w.prepared.asked)).toBeVisible();
  const file = page.getByRole('link', { name: `${w.prepared.dataset.proposals} · ${w.format.parquet}` });
  await expect(file).toBeVisible({ timeout: 15_000 });
  await accessible(page);
  const [download] = await Promise.all([page.waitForEvent('download'), file.click()]);
  expect((await readFile(await download.path())).subarray(0, 4).toString()).toBe('PAR1');
});

test('an analyst decides nothing', async ({ page }) => {
  await signIn(page, 'analyst');
  await page.goto('/ar/desk/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('هذه الصفحة ليست ضمن صلاحياتك');
  await accessible(page);
});
