import { readFile } from 'node:fs/promises';

import { expect, test, type Locator, type Page } from '@playwright/test';

import fixture from '../src/statistics/fixture.json' with { type: 'json' };
import type { EditionPreviewView } from '../src/statistics/types';
import { desktop, phone } from './support/browser';
import { haveEdition } from './support/edition';
import { heading, press } from './support/form';
import { expectAccessible, expectLanguage, languages, watch, words } from './support/page';
import { signIn } from './support/staff';

const numberIn = (text: string | null) => Number((text ?? '').replace(/\D/g, ''));
const chart = (page: Page, what: string) => page.getByRole('figure', { name: what, exact: true });

/** What the numbers of a column of a chart's table are; hidden ones are left out. */
async function column(figure: Locator, table: string, at: number): Promise<number[]> {
  const rows = figure.getByRole('table').locator('tbody tr');
  await figure.locator('summary').filter({ hasText: table }).click();
  const texts = await rows.locator(`td:nth-child(${at + 1})`).allTextContents();
  return texts.filter((text) => /\d/.test(text)).map(numberIn);
}

/** What is saved when a button of the chart is pressed. */
async function saved(page: Page, figure: Locator, kind: 'SVG' | 'PNG') {
  const downloading = page.waitForEvent('download');
  await figure.getByRole('button', { name: kind }).click();
  const download = await downloading;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

for (const lang of languages) {
  const w = words[lang].numbers;

  test.describe(lang, () => {
    test.use(phone);

    test('an edition tells each finding with its unit, base and table', async ({ page, request, baseURL }) => {
      const number = await haveEdition(request, baseURL);
      const expectNoFault = watch(page);
      await page.goto(`/${lang}/numbers/`);
      await expectLanguage(page, lang);
      await expect(heading(page, w.title)).toBeVisible();
      await expect(page.getByRole('heading', { name: w.edition.title.replace('{n}', String(number)) })).toBeVisible();

      // what is counted at this moment adds up, and the finding says so
      const base = numberIn(await page.getByRole('main').locator('dd').first().textContent());
      expect(base).toBeGreaterThan(0);
      const states = chart(page, w.became.state);
      await expect(states.getByRole('heading')).toContainText(String(base));
      const counted = await column(states, w.chart.table, 1);
      expect(counted.reduce((sum, n) => sum + n, 0)).toBe(base);

      for (const what of [
        w.about.axis,
        w.about.territory,
        w.who.type,
        w.where.attendance,
        w.when.week,
        w.became.channel,
      ]) {
        const figure = chart(page, what);
        await expect(figure.getByRole('heading')).not.toBeEmpty();
        await expect(figure.getByRole('img', { name: what })).toBeVisible();
        const unit = what === w.where.attendance ? w.unit.people : w.unit.participations;
        await expect(figure).toContainText(unit.split('{n}')[0] ?? '');
        await figure.locator('summary').click();
        await expect(figure.getByRole('table')).toBeVisible();
      }
      await expectAccessible(page);
      expectNoFault();
    });

    test('no hidden cell is written as a number, and none below the threshold is written', async ({
      page,
      request,
      baseURL,
    }) => {
      await haveEdition(request, baseURL);
      await page.goto(`/${lang}/numbers/`);
      for (const n of await column(chart(page, w.who.type), w.chart.table, 1)) expect(n === 0 || n >= 5).toBe(true);
      const select = page.getByLabel(w.cross.choose, { exact: true });
      for (const option of await select.locator('option').all()) {
        await select.selectOption((await option.getAttribute('value')) ?? '');
        const cells = page.locator('#cross').getByRole('img');
        await expect(cells).toBeVisible();
        const texts = await page.locator('#cross tbody td').allTextContents();
        expect(texts.length).toBeGreaterThan(0);
        for (const text of texts) expect(text === w.chart.hidden || numberIn(text) % 5 === 0).toBe(true);
      }
    });

    test('the eight meetings: where attendance was highest and lowest', async ({ page, request, baseURL }) => {
      await haveEdition(request, baseURL);
      await page.goto(`/${lang}/numbers/`);
      const map = chart(page, w.where.attendance);
      // 54 of 100,789 and 44 of 1,494,413
      await expect(map.getByRole('heading')).toContainText('53,6');
      await expect(map.getByRole('heading')).toContainText('2,9');
      await expect(map.getByRole('listitem')).toHaveCount(8);
      await expect(map.getByRole('listitem').first()).toContainText('53,6');
      await expect(map.getByText('OpenStreetMap')).toBeVisible();
    });

    test('every kind of chart, of an edition large enough for all of them', async ({ page, request, baseURL }) => {
      await haveEdition(request, baseURL);
      const expectNoFault = watch(page);
      await page.route('**/editions/latest', (route) => route.fulfill({ json: fixture.edition }));
      await page.goto(`/${lang}/numbers/`);
      const { participations } = w.like.what;
      const kinds = [w.who.pyramid, w.where.participation, w.when.week, w.became.flow];
      for (const what of [
        ...kinds,
        `${participations} ${w.like.by.residence}`,
        `${participations} ${w.like.by.gender}`,
      ])
        await expect(chart(page, what).getByRole('img')).toBeVisible();
      // what is hidden has the word where a number would stand, and a place of its own in the list
      await expect(chart(page, w.where.participation).getByRole('listitem').last()).toContainText(w.chart.hidden);
      await chart(page, w.who.pyramid).locator('summary').click();
      await expect(chart(page, w.who.pyramid).getByRole('table')).toContainText(w.chart.hidden);
      await expectAccessible(page);
      expectNoFault();
    });

    test('an edition that is not there, and none at all', async ({ page, request, baseURL }) => {
      await haveEdition(request, baseURL);
      await page.goto(`/${lang}/numbers/?edition=999999`);
      await expect(page.getByText(w.edition.missing)).toBeVisible();
      await expectAccessible(page);
      await page.getByRole('link', { name: w.edition.latest }).click();
      await expect(chart(page, w.about.axis)).toBeVisible();

      const missing = { type: 'urn:tachawor:problem:not_found', title: '', status: 404, code: 'not_found' };
      await page.route('**/editions/latest', (route) =>
        route.fulfill({ status: 404, contentType: 'application/problem+json', json: missing }),
      );
      await page.reload();
      await expect(page.getByText(w.edition.none)).toBeVisible();
      await expect(page.getByText(w.edition.noneText)).toBeVisible();
      await expectAccessible(page);
    });
  });

  test.describe(`${lang}, at a desk`, () => {
    test.use(desktop);

    test('a chart is taken away as a drawing and as a picture', async ({ page, request, baseURL }) => {
      await haveEdition(request, baseURL);
      const expectNoFault = watch(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(`/${lang}/numbers/`);
      const map = chart(page, w.where.attendance);
      await expect(map.getByRole('img')).toBeVisible();
      const finding = await map.getByRole('heading').innerText();

      const drawing = await saved(page, map, 'SVG');
      expect(drawing.name).toMatch(/^tachawor-\d+-attendance\.svg$/);
      const text = drawing.bytes.toString('utf8');
      expect(text).toContain(`direction="${lang === 'ar' ? 'rtl' : 'ltr'}"`);
      expect(text).toContain('OpenStreetMap');
      expect(text).toContain(finding.split(' ')[0]);
      // by itself: nothing that only the page's style sheets understand, on white paper although the screen is dark
      expect(text).not.toMatch(/class=|style=|var\(|color-mix|oklab/);
      expect(text).toContain('fill="#ffffff"');

      const picture = await saved(page, map, 'PNG');
      expect(picture.bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
      expect(picture.bytes.length).toBeGreaterThan(10_000);
      expectNoFault();
    });

    test('an analyst sees what would be published, what would not, and why', async ({ page, request, baseURL }) => {
      const number = await haveEdition(request, baseURL);
      // as an hour after the last one
      await page.route('**/api/v1/editions/preview*', async (route) => {
        const answer = await route.fetch();
        const preview = (await answer.json()) as EditionPreviewView;
        const early = { may_publish: false, refused: ['too_soon'], next_at: '2027-01-04T09:30:00Z' };
        await route.fulfill({ response: answer, json: { ...preview, ...early } });
      });
      await signIn(page, 'analyst', lang);
      await page.getByRole('link', { name: w.staff.link }).click();
      await expect(heading(page, w.staff.title)).toBeVisible();
      await expect(page.getByRole('heading', { name: w.staff.next.replace('{n}', String(number + 1)) })).toBeVisible();
      await expect(page.getByRole('region', { name: w.staff.hiddenTitle })).toContainText(
        w.staff.whyOf.below_threshold,
      );
      await expect(chart(page, w.about.axis)).toBeVisible();
      await expect(page.getByText(w.staff.mayNot)).toBeVisible();
      await expect(page.getByText(w.staff.refused.too_soon)).toBeVisible();
      await expect(page.getByText('2027')).toBeVisible();
      await expect(page.getByRole('button', { name: w.staff.publish.replace('{n}', String(number + 1)) })).toHaveCount(
        0,
      );
      await expectAccessible(page);
    });

    test('publishing asks first, and says when somebody else was faster', async ({ page, request, baseURL }) => {
      const number = (await haveEdition(request, baseURL)) + 1;
      const named = (text: string) => text.replace('{n}', String(number));
      // as on the day after
      await page.route('**/api/v1/editions/preview*', async (route) => {
        const answer = await route.fetch();
        const preview = (await answer.json()) as EditionPreviewView;
        await route.fulfill({ response: answer, json: { ...preview, may_publish: true, refused: [], next_at: null } });
      });
      const refuse = (status: number, code: string) =>
        page.route(
          '**/api/v1/editions',
          (route) =>
            route.fulfill({
              status,
              contentType: 'application/problem+json',
              json: { type: `urn:tachawor:problem:${code}`, title: code, status, code },
            }),
          { times: 1 },
        );
      await signIn(page, 'analyst', lang);
      await page.goto(`/${lang}/analysis/edition/`);

      await press(page, named(w.staff.publish));
      const dialog = page.getByRole('dialog', { name: named(w.staff.confirmTitle) });
      await expect(dialog).toBeVisible();
      await expectAccessible(page);
      await press(page, words[lang].common.cancel);
      await expect(dialog).toBeHidden();

      await refuse(409, 'version_conflict');
      await press(page, named(w.staff.publish));
      await press(page, w.staff.confirm);
      await expect(page.getByRole('alert')).toHaveText(w.staff.conflict);
      await expectAccessible(page);

      await refuse(409, 'edition_too_few');
      await press(page, named(w.staff.publish));
      await press(page, w.staff.confirm);
      await expect(page.getByRole('alert')).toContainText(words[lang].common.problem.edition_too_few);

      await page.route('**/api/v1/editions', (route) => route.abort(), { times: 1 });
      await press(page, named(w.staff.publish));
      await press(page, w.staff.confirm);
      await expect(page.getByRole('alert')).toContainText(words[lang].common.problem.network);
    });
  });
}

test.describe('on paper', () => {
  test.use(desktop);

  test('charts keep their numbers and lose their buttons', async ({ page, request, baseURL }) => {
    await haveEdition(request, baseURL);
    await page.goto('/fr/numbers/');
    const figure = chart(page, words.fr.numbers.about.axis);
    await expect(figure.getByRole('img')).toBeVisible();
    await page.emulateMedia({ media: 'print' });
    await expect(figure.getByRole('button')).toHaveCount(0);
    await expect(figure.getByRole('img')).toBeVisible();
  });
});
