import createClient from 'openapi-fetch';

import type { FieldError, Problem as ProblemBody, ProblemCode, paths } from './schema';

/** What went wrong: a code of the API, or `network` when no answer came. The code is the key of the translation. */
export interface Problem {
  code: ProblemCode | 'network';
  status: number;
  /** What each field got wrong, by its path in the request. */
  errors: FieldError[];
  /** What was wrong in this very request, if the answer said so: for one problem, a code. */
  detail?: string | null;
  /** How many seconds to wait before it is worth trying again, if the answer said so. */
  retryAfter: number | null;
  /** What to quote to those who run the site. */
  requestId: string | null;
}

/** Thrown by `call`. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** A request that hangs is a network failure like any other. */
const TIMEOUT_MS = 30_000;

export const api = createClient<paths>({
  baseUrl: '',
  credentials: 'same-origin',
  headers: { accept: 'application/json, application/problem+json' },
  fetch: (request) => fetch(new Request(request, { signal: AbortSignal.timeout(TIMEOUT_MS) })),
});

/** The body of a successful answer; anything else is thrown as a `Failure`. */
export async function call<Body>(
  request: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<Body> {
  let answer;
  try {
    answer = await request;
  } catch {
    throw new Failure({ code: 'network', status: 0, errors: [], retryAfter: null, requestId: null });
  }
  if (!answer.response.ok) throw new Failure(problemOf(answer.error, answer.response));
  return answer.data as Body;
}

function problemOf(body: unknown, response: Response): Problem {
  const requestId = response.headers.get('x-request-id');
  const retryAfter = Number(response.headers.get('retry-after')) || null;
  if (typeof body !== 'object' || body === null || !('code' in body)) {
    // not from our API: a proxy in between, or nobody behind it
    const code = response.status >= 502 && response.status <= 504 ? 'unavailable' : 'internal';
    return { code, status: response.status, errors: [], retryAfter, requestId };
  }
  const problem = body as ProblemBody;
  return {
    code: problem.code,
    status: response.status,
    errors: problem.errors ?? [],
    detail: problem.detail ?? null,
    retryAfter,
    requestId,
  };
}

/** The problem in whatever was thrown. */
export const toProblem = (thrown: unknown): Problem => {
  if (thrown instanceof Failure) return thrown.problem;
  throw thrown;
};

/** The header that lets a write through only if nobody was faster. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` });
