import { api, call } from '$api/client';
import type { FormTokenView, ProofInput } from '$api/schema';

import type { Sum } from './sum';

/** How long whoever sends waits for the sum at most: a proposal without it is taken too, and looked at apart. */
const PATIENCE_MS = 15_000;
/** A token this near its end is not begun with. */
const MARGIN_MS = 10 * 60_000;

const KEPT = 'tachawor.form-token.1';

const isGood = (token: FormTokenView) => Date.parse(token.expires_at) - MARGIN_MS > Date.now();

/** The one of before a reload: who sends right after it has been writing for longer than that. */
function load(): FormTokenView | undefined {
  try {
    const token = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as FormTokenView | null;
    return token && isGood(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

function save(token: FormTokenView | undefined): void {
  try {
    if (token) sessionStorage.setItem(KEPT, JSON.stringify(token));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // a device that keeps nothing: it lasts as long as the page
  }
}

/**
 * The token of the form, asked for when it is opened, and the answer to its sum, looked for while somebody writes. No
 * failure keeps anybody from sending.
 */
export class Proof {
  #token: FormTokenView | undefined;
  #answer: Promise<number | null> = Promise.resolve(null);
  #asking: Promise<void> | undefined;
  #worker: Worker | undefined;

  /** Asks for a token if there is none that is still good. */
  async open(): Promise<void> {
    if (this.#token && isGood(this.#token)) return;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      this.#token = load() ?? (await call(api.GET('/api/v1/form-token')));
      save(this.#token);
      this.#answer = this.#solve(this.#token);
    } catch {
      this.#token = undefined;
    }
  }

  #solve(sum: Sum): Promise<number | null> {
    this.close();
    return new Promise((resolve) => {
      try {
        const worker = new Worker(new URL('./sum.worker.ts', import.meta.url), { type: 'module' });
        this.#worker = worker;
        worker.onmessage = ({ data }: MessageEvent<number | null>) => resolve(data);
        worker.onerror = () => resolve(null);
        worker.postMessage({ token: sum.token, challenge: sum.challenge, most: sum.most } satisfies Sum);
      } catch {
        // a browser without workers of this kind
        resolve(null);
      }
    });
  }

  /** What goes with the proposal; `null` if there was no token to be had. */
  async take(): Promise<ProofInput | null> {
    await this.open();
    if (!this.#token) return null;
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
    return { token: this.#token.token, answer: await Promise.race([this.#answer, late]) };
  }

  /** A token is good once. */
  spend(): void {
    this.#token = undefined;
    save(undefined);
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
