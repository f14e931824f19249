import { expect, test, type Page } from '@playwright/test';

import { imports as ar } from '../src/i18n/ar/imports';
import { imports as fr } from '../src/i18n/fr/imports';
import { desktop, phone } from './support/browser';
import { expectAccessible, watch } from './support/page';
import { accessible, signIn } from './support/staff';

/** A file as a province might keep it: its own headers, its own words, and a slip. */
const head = 'رقم;العنوان;المشكل;الحل المقترح;الإقليم;المحور;الجنس;التاريخ';
const row = (id: string, place: string, axis = 'economic-empowerment') =>
  [
    id,
    `بئر جماعية ${id}`,
    'جفت بئر الدوار كل صيف منذ سنوات',
    'حفر بئر جماعية جديدة في الدوار',
    place,
    axis,
    'أنثى',
    '2026-03-05',
  ].join(';');

const file = (name: string, lines: string[]) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from('\uFEFF' + [head, ...lines].join('\r\n')),
});

async function send(page: Page, what: { name: string; mimeType: string; buffer: Buffer }, label: string) {
  const picker = page.getByLabel(label, { exact: true });
  await expect(picker).toBeEnabled();
  await picker.setInputFiles(what);
}

test.describe('on a desk', () => {
  test.use(desktop);

  test('a file is sent, mapped, mended and taken in, in Arabic', async ({ page }) => {
    const clean = watch(page);
    const mark = String(process.pid);
    await signIn(page, 'coordinator');
    await page.goto('/ar/administration/import/');
    await expect(page.getByRole('heading', { level: 1, name: ar.title })).toBeVisible();
    await accessible(page);
    await send(
      page,
      file('لقاء.csv', [
        row(`${mark}-1`, '«طنجة أصيلة»'),
        row(`${mark}-2`, 'عاصمة البوغاز'),
        row(`${mark}-3`, 'شفشون'),
      ]),
      ar.file,
    );
    await expect(page.getByText(ar.state.mapping)).toBeVisible();
    await expect(page.getByRole('table', { name: ar.beginning })).toContainText('عاصمة البوغاز');
    await expect(page.locator('#column-title')).toHaveValue('العنوان');
    await accessible(page);

    // what is missing is said, and where
    await page.getByRole('button', { name: ar.check }).click();
    await expect(page.locator('#column-channel')).toBeFocused();
    await page.locator('#default-channel').selectOption('territorial_meeting');
    await page.locator('#default-language').selectOption('ar');
    await page.getByRole('button', { name: ar.check }).click();
    await expect(page.getByText(ar.state.checked)).toBeVisible();
    await expect(page.getByRole('table', { name: ar.mistakes })).toContainText('شفشون');
    await accessible(page);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: ar.report }).click();
    expect((await download).suggestedFilename()).toMatch(/^import-\d+\.csv$/);

    // an unknown word is given its meaning
    const word = ar.meaning.replace('{word}', 'عاصمة البوغاز').replace('{column}', ar.column.territory);
    await page.getByLabel(word).selectOption('MA-TNG');
    await page.getByRole('button', { name: ar.check }).click();
    await expect(page.getByRole('table', { name: ar.mistakes })).not.toContainText('عاصمة البوغاز');

    await page.getByRole('button', { name: ar.start.two ?? '' }).click();
    await expect(page.getByText(ar.skipNeeded)).toBeVisible();
    await accessible(page);
    await page.getByRole('checkbox', { name: ar.skip }).check();
    await page.getByRole('button', { name: ar.start.two ?? '' }).click();
    await expect(page.getByText(ar.done.two ?? '')).toBeVisible({ timeout: 15_000 });
    await expectAccessible(page);
    await page.getByRole('link', { name: ar.back }).click();
    await expect(page.getByRole('listitem').filter({ hasText: ar.state.done }).first()).toBeVisible();
    clean();
  });
});

test.describe('on a telephone', () => {
  test.use(phone);

  test('what cannot be read is refused with a reason, and a file is forgotten, in French', async ({ page }) => {
    await signIn(page, 'coordinator', 'fr');
    await page.goto('/fr/administration/import/');
    await send(
      page,
      { name: 'x.xlsx', mimeType: '', buffer: Buffer.from('PK\u0003\u0004 nothing of a workbook') },
      fr.file,
    );
    await expect(page.getByRole('alert')).toContainText(fr.fault.not_a_workbook);
    await expectAccessible(page);

    await send(page, file('réunion.csv', [row('1', 'MA-CHE')]), fr.file);
    await expect(page.getByText(fr.state.mapping)).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: fr.remove }).click();
    await expect(page.getByText(fr.removed)).toBeVisible();
  });

  test('nobody else finds the page', async ({ page }) => {
    await signIn(page, 'moderator', 'fr');
    await page.goto('/fr/administration/import/');
    await expect(page.getByRole('heading', { level: 1, name: fr.title })).toHaveCount(0);
  });
});
