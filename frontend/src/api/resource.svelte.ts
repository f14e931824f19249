import { toProblem, type Problem } from './client';

/**
 * Something loaded from the API: its value, whether it is on its way, what went wrong, and `reload`. A value stays
 * while a newer one is loaded, and an answer that comes after a newer request is dropped.
 */
export class Resource<Value> {
  value = $state.raw<Value>();
  problem = $state.raw<Problem>();
  loading = $state(false);
  #turn = 0;

  async load(request: () => Promise<Value>): Promise<void> {
    const turn = ++this.#turn;
    this.#request = request;
    this.loading = true;
    this.problem = undefined;
    try {
      const value = await request();
      if (turn === this.#turn) this.value = value;
    } catch (thrown) {
      if (turn === this.#turn) this.problem = toProblem(thrown);
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  #request: (() => Promise<Value>) | undefined;

  /** The last request once more, after a failure. */
  reload = async (): Promise<void> => {
    if (this.#request) await this.load(this.#request);
  };
}
