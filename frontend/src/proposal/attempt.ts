/**
 * One key for one text: a second press or a retry after a broken connection repeats the key, and the API makes one
 * proposal. Another text is another attempt.
 */
export class Attempts {
  #key = '';
  #text = '';

  keyFor(request: unknown): string {
    const text = JSON.stringify(request);
    if (text !== this.#text || !this.#key) {
      this.#text = text;
      this.#key = newKey();
    }
    return this.#key;
  }
}

// crypto.randomUUID exists on secure origins only; a test installation may be plain http
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
