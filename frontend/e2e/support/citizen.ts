import { expect, type APIRequestContext, type Page } from '@playwright/test';

import { words, type Language } from './page';

export interface Idea {
  title: string;
  problem: string;
  solution: string;
}

/** Fills the form on screen and sends it; the receipt's reference and secret code. */
export async function propose(page: Page, lang: Language, idea: Idea, email?: string) {
  const w = words[lang].propose;
  const next = () => page.getByRole('button', { name: w.next, exact: true }).click();
  const screen = (name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeFocused();
  await page.goto(`/${lang}/propose/`);
  await page.getByRole('radio').first().check();
  await next();
  await screen(w.problem.title);
  await page.getByLabel(w.problem.name).fill(idea.title);
  await page.getByLabel(w.problem.text, { exact: true }).fill(idea.problem);
  await next();
  await screen(w.solution.title);
  await page.getByLabel(w.solution.text).fill(idea.solution);
  await next();
  await screen(w.change.title);
  await next();
  await screen(w.place.title);
  await page.getByLabel(w.place.territory).selectOption({ index: 1 });
  await next();
  await screen(w.about.title);
  await page.getByRole('radio', { name: words[lang].common.gender.female }).check();
  await next();
  await screen(w.contact.title);
  if (email) await page.getByLabel(w.contact.email).fill(email);
  await page.getByRole('checkbox', { name: w.contact.consent }).check();
  await page.getByRole('button', { name: w.review, exact: true }).click();
  await screen(w.check.title);
  await page.getByRole('button', { name: w.send }).click();
  await expect(page.getByRole('heading', { level: 1, name: words[lang].receipt.title })).toBeVisible();
  const code = (await page.getByTestId('code').innerText()).replace(/\s/g, '');
  const reference = /TTA-\d\d-\d{6}/.exec(await page.locator('main').innerText())?.[0] ?? '';
  expect(reference).not.toBe('');
  return { code, reference };
}

/** Opens the follow-up page of a receipt by its code alone, as on another device. */
export async function followUp(page: Page, lang: Language, code: string, title: string) {
  const w = words[lang].follow;
  await page.goto(`/${lang}/follow-up/`);
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByLabel(w.code).fill(code);
  await page.getByRole('button', { name: w.open, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

/** Sends a proposal straight to the API: a journey about what comes after need not type it. */
export async function submit(request: APIRequestContext, idea: Idea, lang: Language = 'ar') {
  const list = await request.get('/api/v1/consultations');
  const slug = ((await list.json()) as { items: { slug: string }[] }).items[0]?.slug ?? '';
  const shown = await request.get(`/api/v1/consultations/${slug}`);
  const { axes, consent } = (await shown.json()) as {
    axes: { code: string }[];
    consent: { version: string };
  };
  const key = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const answer = await request.post(`/api/v1/consultations/${slug}/proposals`, {
    headers: { 'idempotency-key': key },
    data: {
      ...idea,
      axis: axes[0]?.code,
      territory: 'whole_region',
      language: lang,
      consent: { version: consent.version, language: lang },
    },
  });
  expect(answer.status()).toBe(201);
  return (await answer.json()) as { reference: string; code: string };
}
