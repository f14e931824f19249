import { expect, test, type APIRequestContext, type Page } from '@playwright/test';

import { desktop } from './support/browser';
import { languages, watch, words } from './support/page';
import { PASSWORD, signIn } from './support/staff';

test.use(desktop);

/** Ways to run a script or make an element, each leaving a mark if it comes to anything. */
const act = "window.marked=1,alert('x')";
const payloads = [
  `<script data-xss>${act}</script>`,
  `<img data-xss src=x onerror="${act}">`,
  `<svg data-xss onload="${act}">`,
  `<svg><script data-xss>${act}</script></svg>`,
  `<svg><animate data-xss onbegin="${act}" attributeName=x dur=1s>`,
  `<body data-xss onload="${act}">`,
  `<iframe data-xss src="javascript:${act}"></iframe>`,
  `<iframe data-xss srcdoc="<script>parent.marked=1</script>"></iframe>`,
  `<a data-xss href="javascript:${act}">x</a>`,
  `<a data-xss href="//evil.example">x</a>`,
  `<form data-xss action="https://evil.example"><input name=code></form>`,
  `<input data-xss autofocus onfocus="${act}">`,
  `<details data-xss open ontoggle="${act}">`,
  `<video data-xss><source onerror="${act}"></video>`,
  `<object data-xss data="javascript:${act}"></object>`,
  `<math data-xss><mtext><table><mglyph><style><img src=x onerror="${act}">`,
  `<style data-xss>*{display:none}</style>`,
  `<link data-xss rel=stylesheet href=//evil.example/x.css>`,
  `<meta data-xss http-equiv=refresh content="0;url=//evil.example">`,
  `<base data-xss href=//evil.example/>`,
  `<template data-xss><script>${act}</script></template>`,
  `<noscript><p title="</noscript><img data-xss src=x onerror=${act}>">`,
  `</title><script data-xss>${act}</script>`,
  `</textarea><script data-xss>${act}</script>`,
  `</script><script data-xss>${act}</script>`,
  `--><script data-xss>${act}</script>`,
  `]]><script data-xss>${act}</script>`,
  `"><img data-xss src=x onerror="${act}">`,
  `'><img data-xss src=x onerror='${act}'>`,
  `" data-xss onmouseover="${act}" x="`,
  `' data-xss onfocus='${act}' autofocus x='`,
  `javascript:${act}`,
  `data:text/html,<script>${act}</script>`,
  `{@html '<img data-xss src=x onerror=${act}>'}`,
  '{{constructor.constructor("' + act + '")()}}',
  '${' + act + '}',
  `&lt;img data-xss src=x onerror=${act}&gt;`,
  `&#60;img data-xss src=x onerror=${act}&#62;`,
  `\\u003cimg data-xss src=x onerror=${act}\\u003e`,
  `<ScRiPt data-xss>${act}</sCrIpT>`,
  `نص <b data-xss>عريض</b> <img data-xss src=x onerror="${act}"> نص`,
];
const all = payloads.join('\n');
/** What fits a line of up to 150 characters. */
const lines = payloads.filter((payload) => payload.length <= 120 && payload.length >= 5);

async function post(request: APIRequestContext, base: string, path: string, data: unknown, headers = {}) {
  const answer = await request.post(`/api/v1${path}`, { data, headers: { origin: new URL(base).origin, ...headers } });
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
  return (await answer.json().catch(() => null)) as Record<string, unknown>;
}

const enter = (request: APIRequestContext, base: string, who: string) =>
  post(request, base, '/session', { email: `${who}@example.org`, password: PASSWORD });

/** Nothing that people wrote became anything but text. */
async function expectInert(page: Page, dialogs: string[]) {
  await expect(page.getByText(words.ar.common.loading)).toHaveCount(0);
  await expect(page.getByText(words.fr.common.loading)).toHaveCount(0);
  const made = () => page.locator('[data-xss]').count();
  expect(await made(), page.url()).toBe(0);
  expect(await page.evaluate(() => 'marked' in window), page.url()).toBe(false);
  expect(dialogs, page.url()).toEqual([]);
}

test(
  'words of people stay words on every page that shows them',
  { tag: '@page' },
  async ({ page, playwright, baseURL }) => {
    test.setTimeout(180_000);
    const base = baseURL ?? '';
    const quiet = watch(page);
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const citizen = await playwright.request.newContext({ baseURL: base });
    const staff = await playwright.request.newContext({ baseURL: base });
    const admin = await playwright.request.newContext({ baseURL: base });

    // every field that takes text, by the way in that takes it
    const list = (await (await citizen.get('/api/v1/consultations')).json()) as { items: { slug: string }[] };
    const slug = list.items[0]?.slug ?? '';
    const shown = (await (await citizen.get(`/api/v1/consultations/${slug}`)).json()) as {
      axes: { code: string }[];
      consent: { version: string };
    };
    const proposals = [];
    for (const title of lines) {
      const sent = await post(citizen, base, `/consultations/${slug}/proposals`, {
        axis: shown.axes[0]?.code,
        territory: 'whole_region',
        language: 'ar',
        title,
        problem: all.slice(0, 3900),
        solution: all.slice(-3900),
        expected_change: all.slice(0, 1900),
        demographics: { participant_type: 'civil_society' },
        organisation: lines[0],
        name_organisation: true,
        consent: { version: shown.consent.version, language: 'ar' },
        acknowledged_personal_data: true,
      });
      proposals.push(sent as { reference: string; code: string });
    }
    const [first, second] = proposals;
    if (!first || !second) throw new Error('nothing was sent');
    await enter(staff, base, 'coordinator');
    const version = async (reference: string) =>
      ((await (await staff.get(`/api/v1/desk/proposals/${reference}`)).json()) as { version: number }).version;
    const decide = async (reference: string, decision: Record<string, unknown>) =>
      post(staff, base, `/desk/proposals/${reference}/decision`, decision, {
        'if-match': `"${await version(reference)}"`,
      });
    await decide(first.reference, { edge: 'request_clarification', question: all.slice(0, 1000), language: 'ar' });
    await post(citizen, base, '/receipts/answer', { code: first.code, answer: all.slice(0, 3900) });
    await post(staff, base, `/desk/proposals/${first.reference}/notes`, { text: all.slice(0, 1900) });
    for (const { reference } of proposals.slice(-20))
      await decide(reference, {
        edge: 'refuse',
        reason: 'not_feasible',
        response: { text: all.slice(0, 1900), language: 'ar' },
      });
    await decide(second.reference, { edge: 'retain' });
    const draft = await post(staff, base, '/drafts', {
      consultation: slug,
      axis: shown.axes[0]?.code,
      title: lines[1],
      sources: [{ reference: second.reference, link: 'as_is' }],
    });
    await enter(admin, base, 'administrator');
    await post(admin, base, '/admin/accounts', {
      email: `xss.${process.pid}@example.org`,
      name: lines[2],
      role: 'moderator',
      axes: null,
      territories: null,
      language: 'ar',
    });

    let pages = 0;
    const see = async (path: string) => {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
      await expectInert(page, dialogs);
      pages += 1;
    };
    const reflect = async () => {
      // what an address says is words as well
      for (const payload of lines.slice(0, 3)) {
        await see(`/ar/proposals/?text=${encodeURIComponent(payload)}&axis=${encodeURIComponent(payload)}`);
      }
      for (const path of ['', 'numbers/', 'about/', 'ledger/', 'receipt/', 'follow-up/', 'propose/', 'sign-in/'])
        await see(
          `/ar/${path}?to=${encodeURIComponent('javascript:alert(1)')}&step=${encodeURIComponent(lines[0] ?? '')}#${encodeURIComponent(lines[1] ?? '')}`,
        );
    };
    const refused = proposals.at(-1)?.reference ?? '';
    for (const lang of languages) {
      await see(`/${lang}/proposals/`);
      await see(`/${lang}/proposals/${refused}/`);
      await page.goto(`/${lang}/follow-up/`);
      await page.getByLabel(words[lang].follow.code).fill(first.code);
      await page.getByRole('button', { name: words[lang].follow.open, exact: true }).click();
      await expect(page.getByText('data-xss').first()).toBeVisible();
      await expectInert(page, dialogs);
      pages += 1;
      // the templates are the same in both languages; what reads the address is walked through in one
      if (lang === 'ar') await reflect();
      await signIn(page, 'coordinator', lang);
      for (const path of ['desk/', `desk/${first.reference}/`, 'drafts/', `drafts/${String(draft.id)}/`])
        await see(`/${lang}/${path}`);
      await see(`/${lang}/administration/audit/`);
      await page.context().clearCookies();
      await signIn(page, 'administrator', lang);
      await see(`/${lang}/administration/`);
      await page.context().clearCookies();
    }
    test.info().annotations.push({ type: 'S04', description: `${pages} pages, ${payloads.length} payloads` });
    expect(pages).toBeGreaterThan(25);
    quiet();
    await Promise.all([citizen.dispose(), staff.dispose(), admin.dispose()]);
  },
);
