import { expect, type APIRequestContext } from '@playwright/test';

import { PASSWORD } from './staff';

/** Signs the coordinator in; the headers that a write then needs. */
async function enter(request: APIRequestContext, baseURL: string | undefined) {
  const headers = { origin: new URL(baseURL ?? '').origin };
  const signed = await request.post('/api/v1/session', {
    data: { email: 'coordinator@example.org', password: PASSWORD },
    headers,
  });
  expect(signed.ok()).toBe(true);
  return headers;
}

/** Signs the ledger now: by itself it is signed once a minute. */
export async function signLedger(request: APIRequestContext, baseURL: string | undefined): Promise<void> {
  const headers = await enter(request, baseURL);
  const signed = await request.post('/api/v1/ledger/checkpoints', { headers });
  expect(signed.status()).toBe(201);
}

/** What the committee does to a proposal while its author is away. */
async function decide(
  request: APIRequestContext,
  baseURL: string | undefined,
  reference: string,
  decision: Record<string, unknown>,
): Promise<void> {
  const headers = await enter(request, baseURL);
  const seen = await request.get(`/api/v1/desk/proposals/${reference}`);
  const { version } = (await seen.json()) as { version: number };
  const decided = await request.post(`/api/v1/desk/proposals/${reference}/decision`, {
    data: decision,
    headers: { ...headers, 'if-match': `"${version}"` },
  });
  expect(decided.ok(), await decided.text()).toBe(true);
}

export const question = 'أي مقطع من الطريق تقصد؟ وكم طفلا يمر منه كل يوم؟';

export const askAuthor = (request: APIRequestContext, baseURL: string | undefined, reference: string) =>
  decide(request, baseURL, reference, { edge: 'request_clarification', question, language: 'ar' });

export const response = 'يقوم بهذا العمل برنامج قائم، وسنخبرك بموعد وصوله إلى دواركم.';

export const refuse = (request: APIRequestContext, baseURL: string | undefined, reference: string) =>
  decide(request, baseURL, reference, {
    edge: 'refuse',
    reason: 'duplicate_of_existing_programme',
    response: { text: response, language: 'ar' },
  });

export const retain = (request: APIRequestContext, baseURL: string | undefined, reference: string) =>
  decide(request, baseURL, reference, { edge: 'retain' });
