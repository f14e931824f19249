import { expect, test, type Page } from '@playwright/test';

import { desktop, phone } from '../support/browser';
import { languages, words } from '../support/page';
import { enter, signIn } from '../support/staff';

const folder = '../screenshots';
const problem = (status: number, code: string) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ type: `urn:tachawor:${code}`, title: code, status, code, errors: [] }),
});

// What is decided, saved or refused here is answered by the picture itself, so that a second run finds the same data.
for (const [size, device] of Object.entries({ phone, desktop })) {
  for (const lang of languages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test.describe(`${size} ${lang} ${colorScheme}`, () => {
        test.use({ ...device, colorScheme });
        const w = words[lang];
        const d = w.staff.desk;

        async function picture(page: Page, name: string, fullPage = true) {
          await expect(page.getByText(w.common.loading)).toHaveCount(0);
          // neither what the pointer is on nor the caret is the page's own look
          await page.mouse.move(0, 0);
          await page.screenshot({ path: `${folder}/staff-${name}-${size}-${lang}-${colorScheme}.png`, fullPage });
        }
        const heading = (page: Page, level = 1) => expect(page.getByRole('heading', { level })).toHaveCount(1);
        const radio = (page: Page, name: string) => page.getByRole('radio', { name: new RegExp(`^${name}`) });

        test('the door', async ({ page }) => {
          await page.goto(`/${lang}/sign-in/`);
          await expect(page.getByRole('heading', { name: w.staff.signIn.demoTitle })).toBeVisible();
          await enter(page, 'nobody@example.org', lang, 'not the password');
          await expect(page.getByRole('alert')).toBeVisible();
          await picture(page, 'sign-in');
          await signIn(page, 'analyst', lang);
          await page.goto(`/${lang}/sign-in/password/`);
          await heading(page);
          await picture(page, 'password');
          await page.goto(`/${lang}/desk/`);
          await heading(page);
          await picture(page, 'forbidden');
        });

        test('the desk', async ({ page }) => {
          await signIn(page, 'moderator', lang);
          await expect(page.getByRole('link', { name: d.start })).toBeVisible();
          await picture(page, 'desk');
          await page.goto(`/${lang}/desk/?text=qqqqzzzz`);
          await expect(page.getByText(d.emptyTitle)).toBeVisible();
          await picture(page, 'desk-nothing-found');

          const queue = '**/api/v1/desk/queue?*';
          await page.route(queue, (route) => route.fulfill({ json: { items: [], next: null } }));
          await page.goto(`/${lang}/desk/`);
          await expect(page.getByText(d.emptyAllTitle)).toBeVisible();
          await picture(page, 'desk-empty');
          await page.unroute(queue);

          await page.goto(`/${lang}/desk/`);
          await page.getByRole('checkbox', { name: d.selectAll }).check();
          await page.getByRole('button', { name: d.together }).click();
          const dialog = page.getByRole('dialog');
          await dialog.getByLabel(d.response).fill(w.staff.decisionHint.retain);
          await picture(page, 'bulk-write', false);
          await page.getByRole('button', { name: d.bulkPreviewButton }).click();
          await expect(page.getByRole('button', { name: d.bulkConfirm })).toBeVisible();
          await picture(page, 'bulk-preview', false);
          await page.route('**/api/v1/desk/decisions', async (route) => {
            const { items } = route.request().postDataJSON() as { items: { reference: string; version: number }[] };
            await route.fulfill({
              json: {
                items: items.map(({ reference, version }, index) =>
                  index % 3 === 1
                    ? {
                        reference,
                        outcome: 'refused',
                        version: null,
                        problem: { type: '', title: '', status: 409, code: 'version_conflict', errors: [] },
                      }
                    : { reference, outcome: 'done', version: version + 1, problem: null },
                ),
              },
            });
          });
          await page.getByRole('button', { name: d.bulkConfirm }).click();
          await expect(page.getByRole('button', { name: d.bulkClose })).toBeVisible();
          await picture(page, 'bulk-result', false);
          await page.unroute('**/api/v1/desk/decisions');

          await page.goto(`/${lang}/desk/?state=merged`);
          await page.getByRole('region', { name: d.queue }).getByRole('listitem').getByRole('link').first().click();
          await expect(page.getByRole('region', { name: d.decide })).toBeVisible();
          await picture(page, 'proposal-merged');
        });

        test('a proposal and its decision', async ({ page }) => {
          await signIn(page, 'moderator', lang);
          await page.getByRole('link', { name: d.start }).click();
          await expect(page.getByRole('region', { name: d.decide })).toBeVisible();
          await picture(page, 'proposal-retain');
          for (const edge of ['request_clarification', 'merge', 'redirect', 'refuse', 'request_withhold'] as const) {
            await radio(page, w.staff.decision[edge]).check();
            await picture(page, `proposal-${edge}`);
          }
          await radio(page, w.staff.decision.refuse).check();
          await page.getByRole('button', { name: d.confirm }).click();
          await expect(page.getByRole('alert')).toBeVisible();
          await picture(page, 'proposal-errors');

          await radio(page, w.staff.decision.retain).check();
          await page.getByLabel(d.response).fill(w.staff.decisionHint.retain);
          await page.route('**/decision', (route) => route.fulfill(problem(409, 'version_conflict')));
          await page.getByRole('button', { name: d.confirm }).click();
          await expect(page.getByText(d.conflictTitle)).toBeVisible();
          await picture(page, 'proposal-conflict');
          await page.unroute('**/decision');

          // one that has a likely duplicate
          await page.goto(`/${lang}/desk/TTA-24-000036/`);
          await page.getByRole('button', { name: d.compare }).first().click();
          await expect(page.getByRole('region', { name: d.thatOne })).toBeVisible();
          await picture(page, 'proposal-compare', false);
          await page.keyboard.press('Escape');
          await picture(page, 'proposal-duplicates');

          await page.context().clearCookies();
          await signIn(page, 'coordinator', lang);
          await page.route('**/api/v1/desk/proposals/TTA-24-000037', async (route) => {
            const response = await route.fetch();
            const view = (await response.json()) as Record<string, unknown>;
            const request = {
              by: { id: 1, name: 'سلمى (عضو اللجنة)' },
              at: '2026-11-20T09:00:00Z',
              reason: 'personal_data',
              mine: false,
            };
            await route.fulfill({
              json: { ...view, withhold_request: request, allowed: ['withhold', 'cancel_withhold'] },
            });
          });
          await page.goto(`/${lang}/desk/TTA-24-000037/`);
          await expect(page.getByRole('button', { name: d.withholdConfirm })).toBeVisible();
          await picture(page, 'proposal-withhold');
        });

        test('SMART drafts', async ({ page }) => {
          const s = w.staff.drafts;
          await signIn(page, 'moderator', lang);
          await page.goto(`/${lang}/drafts/`);
          await heading(page);
          await picture(page, 'drafts');
          await page.goto(`/${lang}/drafts/?state=set_aside`);
          await expect(page.getByText(s.emptyFiltered)).toBeVisible();
          await picture(page, 'drafts-none');
          await page.goto(`/${lang}/drafts/new/?axis=economic-empowerment&from=TTA-23-000001`);
          await expect(page.getByRole('checkbox').first()).toBeVisible();
          await picture(page, 'draft-new');
          for (const [name, id] of Object.entries({ incomplete: 1, half: 2, complete: 3, ratified: 4 })) {
            await page.goto(`/${lang}/drafts/${id}/`);
            await expect(page.getByRole('region', { name: s.check })).toBeVisible();
            await picture(page, `draft-${name}`);
          }
          // read, and saved once more since
          await page.route('**/api/v1/drafts/2', async (route) => {
            if (route.request().method() !== 'GET') return route.fallback();
            const view = (await (await route.fetch()).json()) as { versions: object[] };
            const remark = { author: 'نادية (منسقة)', at: '2026-11-21T10:00:00Z', text: 'نذكر الأقاليم بالاسم.' };
            const remarks = [
              { ...remark, id: 1, field: 'objective', closed_by_version: null },
              { ...remark, id: 2, field: 'indicators', closed_by_version: 2 },
            ];
            const versions = [{ ...view.versions[0], version: 2 }, ...view.versions];
            await route.fulfill({ json: { ...view, remarks, versions, text_version: 2 } });
          });
          await page.goto(`/${lang}/drafts/2/`);
          await expect(page.getByRole('region', { name: s.check })).toBeVisible();
          await picture(page, 'draft-remarks');
          await page
            .getByRole('button', { name: new RegExp(`^${s.remarkAddShort} ?: ${s.field.objective}$`) })
            .first()
            .click();
          await picture(page, 'draft-remark', false);
          await page.keyboard.press('Escape');
          await page
            .getByRole('button', { name: s.versionView.replace('{n}', '1') })
            .first()
            .click();
          await expect(page.getByRole('dialog').getByRole('definition').first()).toBeVisible();
          await picture(page, 'draft-version', false);
          await page.keyboard.press('Escape');
          await page.getByRole('button', { name: s.editSources }).click();
          await expect(page.getByRole('dialog', { name: s.sourcesTitle })).toBeVisible();
          await picture(page, 'draft-sources', false);
          await page.keyboard.press('Escape');

          await page.getByLabel(s.field.objective, { exact: true }).fill(w.staff.finding.objective_missing);
          await page.route('**/api/v1/drafts/2', async (route) => {
            if (route.request().method() === 'PUT') await route.fulfill(problem(409, 'version_conflict'));
            else await route.fallback();
          });
          await page.getByRole('button', { name: s.save }).click();
          await expect(page.getByText(s.conflictTitle)).toBeVisible();
          await picture(page, 'draft-conflict');
          await page.unroute('**/api/v1/drafts/2');
        });

        test('the numbers', async ({ page }) => {
          await signIn(page, 'analyst', lang);
          const table = page.locator('summary').filter({ hasText: w.numbers.chart.table });
          await expect(table).toBeVisible();
          await picture(page, 'analysis');
          await table.click();
          await picture(page, 'analysis-table');
          await page.goto(`/${lang}/analysis/?rows=age_band&columns=gender`);
          await expect(page.getByRole('table').first()).toBeVisible();
          await picture(page, 'analysis-two-way');
          await page.goto(`/${lang}/analysis/edition/`);
          await expect(page.getByRole('heading', { name: w.numbers.staff.previewTitle })).toBeVisible();
          await picture(page, 'analysis-edition');
        });

        test('administration', async ({ page }) => {
          const a = w.staff.admin;
          await signIn(page, 'administrator', lang);
          await expect(page.getByRole('listitem').filter({ hasText: 'analyst@example.org' })).toBeVisible();
          await picture(page, 'accounts');
          await page.getByRole('button', { name: a.new }).click();
          await page.getByRole('button', { name: a.create }).click();
          await expect(page.getByRole('alert')).toBeVisible();
          await picture(page, 'account-new', false);
          await page.keyboard.press('Escape');
          await page.getByRole('listitem').filter({ hasText: 'moderator@example.org' }).getByRole('button').click();
          await picture(page, 'account-edit', false);
          await page.goto(`/${lang}/administration/consultation/`);
          await expect(page.getByRole('button', { name: w.staff.settings.save })).toBeVisible();
          await picture(page, 'settings');
        });
      });
    }
  }
}
