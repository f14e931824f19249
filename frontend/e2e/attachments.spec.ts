import { expect, test, type Page } from '@playwright/test';

import { phone } from './support/browser';
import { retain } from './support/committee';
import { fillIn, heading, idea, press } from './support/form';
import { expectAccessible, watch, words } from './support/page';
import { signIn } from './support/staff';

test.use({ ...phone });

const w = words.ar;
const p = w.propose.photos;
const numbered = (text: string, n: number) => text.replace('{n}', String(n));

/** What a telephone writes beside the pixels: where it was. */
const PLACE = 'GPSLatitude 35.1688 N GPSLongitude 5.2636 W';

/** A photo with its place, made by the browser itself. */
async function photo(page: Page, width: number, height: number): Promise<Buffer> {
  const jpeg = await page.evaluate(
    ([width, height]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d');
      if (context) {
        context.fillStyle = '#2a7f62';
        context.fillRect(0, 0, width, height / 2);
      }
      return canvas.toDataURL('image/jpeg').split(',')[1] ?? '';
    },
    [width, height] as const,
  );
  const bytes = Buffer.from(jpeg, 'base64');
  const content = Buffer.from(`Exif\0\0${PLACE}`, 'latin1');
  const head = Buffer.from([0xff, 0xe1, 0, content.length + 2]);
  return Buffer.concat([bytes.subarray(0, 2), head, content, bytes.subarray(2)]);
}

test('ar: photos go with a proposal, without the place they were taken at', async ({ page, request, baseURL }) => {
  const expectNoFault = watch(page);
  const sent: Buffer[] = [];
  page.on('request', (one) => {
    if (one.method() === 'POST' && one.url().endsWith('/attachments')) sent.push(one.postDataBuffer() ?? Buffer.of());
  });
  await fillIn(page, 'ar', {
    each: async (step) => {
      if (step !== 'problem') return;
      const choose = page.getByLabel(p.add);
      await choose.setInputFiles({
        name: 'well.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.from('no picture, whatever it is called'),
      });
      await expect(page.getByRole('alert').filter({ hasText: 'well.jpg' })).toContainText(p.notPicture);
      await expectAccessible(page);

      await choose.setInputFiles([
        { name: 'one.jpg', mimeType: 'image/jpeg', buffer: await photo(page, 3000, 1500) },
        { name: 'two.jpg', mimeType: 'image/jpeg', buffer: await photo(page, 400, 600) },
      ]);
      await expect(page.getByRole('status').filter({ hasText: numbered(p.added, 2) })).toBeVisible();
      await expect(page.getByRole('img', { name: numbered(p.alt, 2) })).toBeVisible();
      await expectAccessible(page);
      await press(page, numbered(p.remove, 1));
      await expect(page.getByRole('img', { name: numbered(p.alt, 2) })).toBeHidden();
      await choose.setInputFiles({ name: 'three.jpg', mimeType: 'image/jpeg', buffer: await photo(page, 3000, 1500) });
      await expect(page.getByRole('status').filter({ hasText: numbered(p.added, 2) })).toBeVisible();
    },
  });
  // nothing of it left the device, and no more pixels than are kept
  expect(sent).toHaveLength(3);
  for (const bytes of sent) expect(bytes.toString('latin1')).not.toContain('GPS');

  // the draft keeps them
  await page.reload();
  await expect(page.getByText(p.count.two ?? '')).toBeVisible();
  await press(page, w.propose.send);
  await expect(heading(page, w.receipt.title)).toBeVisible();
  const reference = await page.getByTestId('reference').innerText();

  await page.getByRole('link', { name: w.receipt.follow }).click();
  await press(page, w.follow.open);
  await expect(heading(page, idea.ar.title)).toBeVisible();
  for (const n of [1, 2]) await expect(page.getByRole('img', { name: numbered(p.alt, n) })).toBeVisible();
  await expectAccessible(page);

  const address = `/api/v1/proposals/${reference}/attachments/1`;
  expect((await request.get(address)).status()).toBe(404);

  const shows = async (url: string) => {
    await page.goto(url);
    const picture = page.getByRole('img', { name: numbered(p.alt, 2) });
    await picture.scrollIntoViewIfNeeded();
    const size = () =>
      picture.evaluate((image) => [
        (image as HTMLImageElement).naturalWidth,
        (image as HTMLImageElement).naturalHeight,
      ]);
    await expect.poll(size).toEqual([2560, 1280]);
    await expectAccessible(page);
  };
  await signIn(page, 'moderator');
  await shows(`/ar/desk/${reference}/`);

  await retain(request, baseURL, reference);
  await page.context().clearCookies();
  await shows(`/ar/proposals/${reference}/`);
  const served = await request.get(address);
  expect(served.headers()['content-type']).toBe('image/jpeg');
  expect(served.headers()['content-disposition']).toBe(`inline; filename="${reference}-1.jpg"`);
  const bytes = (await served.body()).toString('latin1');
  for (const secret of ['GPS', 'Exif']) expect(bytes).not.toContain(secret);
  expectNoFault();
});

test('ar: photos the server has forgotten are said so, and the words are kept', async ({ page }) => {
  await fillIn(page, 'ar', {
    each: async (step) => {
      if (step !== 'problem') return;
      await page
        .getByLabel(p.add)
        .setInputFiles({ name: 'one.jpg', mimeType: 'image/jpeg', buffer: await photo(page, 40, 30) });
      await expect(page.getByRole('status').filter({ hasText: numbered(p.added, 1) })).toBeVisible();
    },
  });
  await page.route('**/api/v1/consultations/*/proposals', (route) => {
    const body = route.request().postDataJSON() as Record<string, unknown>;
    return route.continue({ postData: JSON.stringify({ ...body, attachments: ['0'.repeat(64)] }) });
  });
  await press(page, w.propose.send);
  await expect(page.getByRole('alert').filter({ hasText: p.gone })).toBeFocused();
  await expect(page.getByLabel(w.propose.problem.text, { exact: true })).toHaveValue(idea.ar.problem);
  await expectAccessible(page);
  await page.unroute('**/api/v1/consultations/*/proposals');
  await press(page, w.propose.review);
  await press(page, w.propose.send);
  await expect(heading(page, w.receipt.title)).toBeVisible();
});
