import { expect, type APIRequestContext } from '@playwright/test';

import type { EditionPreviewView } from '../../src/statistics/types';
import { submit } from './citizen';
import { idea } from './form';
import { PASSWORD } from './staff';

/** What an edition needs at least; twice as many leave room for a rule that is stricter. */
const ENOUGH = 20;

/** The site has an edition afterwards: the one it had, else one that an analyst publishes now. Its number. */
export async function haveEdition(request: APIRequestContext, baseURL: string | undefined): Promise<number> {
  const list = await request.get('/api/v1/consultations');
  const slug = ((await list.json()) as { items: { slug: string }[] }).items[0]?.slug ?? '';
  const latest = await request.get(`/api/v1/consultations/${slug}/editions/latest`);
  if (latest.ok()) return ((await latest.json()) as { number: number }).number;
  expect(latest.status()).toBe(404);

  const headers = { origin: new URL(baseURL ?? '').origin };
  const data = { email: 'analyst@example.org', password: PASSWORD };
  expect((await request.post('/api/v1/session', { data, headers })).ok()).toBe(true);
  const seen = async () =>
    (await (await request.get(`/api/v1/editions/preview?consultation=${slug}`)).json()) as EditionPreviewView;
  let preview = await seen();
  for (let n = 0; n < ENOUGH && !preview.may_publish; n++) {
    await submit(request, idea.ar);
    preview = await seen();
  }
  const published = await request.post('/api/v1/editions', {
    data: { consultation: slug, number: preview.edition.number },
    headers,
  });
  expect(published.status(), await published.text()).toBe(201);
  return preview.edition.number;
}
