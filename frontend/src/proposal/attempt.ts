/**
 * One key for one text, of which only a digest is kept: it may hold an address. A second press, a retry after a broken connection, and one after the page was closed in between
 * repeat the key, and the API makes one proposal. Another text is another attempt. Where the device keeps nothing the
 * key lives as long as the page.
 */
export class Attempts {
  #last = { key: '', text: '' };

  keyFor(slug: string, request: unknown): string {
    const text = digest(JSON.stringify(request));
    if (this.#last.text !== text) this.#last = load(slug) ?? this.#last;
    if (this.#last.text !== text) {
      this.#last = { key: newKey(), text };
      save(slug, this.#last);
    }
    return this.#last.key;
  }

  /** The proposal has arrived: the same words once more would be another one. */
  forget(slug: string): void {
    this.#last = { key: '', text: '' };
    try {
      localStorage.removeItem(storageKey(slug));
    } catch {
      // nothing was kept
    }
  }
}

const storageKey = (slug: string) => `tachawor.attempt.1.${slug}`;

function load(slug: string): { key: string; text: string } | null {
  try {
    const saved = JSON.parse(localStorage.getItem(storageKey(slug)) ?? '{}') as Record<string, unknown>;
    const { key, text } = saved;
    return typeof key === 'string' && typeof text === 'string' ? { key, text } : null;
  } catch {
    return null;
  }
}

function save(slug: string, attempt: { key: string; text: string }): void {
  try {
    localStorage.setItem(storageKey(slug), JSON.stringify(attempt));
  } catch {
    // it stays in memory
  }
}

/** Tells texts apart, no more: two 32-bit FNV-1a hashes. `crypto.subtle` exists on secure origins only. */
function digest(text: string): string {
  let [one, two] = [0x811c9dc5, 0x9747b28c];
  for (const byte of new TextEncoder().encode(text)) {
    one = Math.imul(one ^ byte, 0x01000193);
    two = Math.imul(two ^ byte, 0x01000193) ^ (one >>> 15);
  }
  return [one, two].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}

// crypto.randomUUID exists on secure origins only; a test installation may be plain http
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
