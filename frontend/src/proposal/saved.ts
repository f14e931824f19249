import type { ReceiptView } from '$api/schema';

import { emptyDraft, type Draft } from './draft';
import { stillKept } from './photo';

/**
 * What is kept on the device: the draft until it is sent, the receipt until the tab is closed. A device may refuse to
 * keep anything; then nothing here throws, and the form says so.
 */
const draftKey = (slug: string) => `tachawor.draft.1.${slug}`;
const RECEIPT = 'tachawor.receipt.1';

export function loadDraft(slug: string): Draft | null {
  try {
    const text = localStorage.getItem(draftKey(slug));
    if (!text) return null;
    const saved: unknown = JSON.parse(text);
    if (typeof saved !== 'object' || saved === null) return null;
    // only fields we know, with the type we know: the form may have changed since
    const draft = emptyDraft();
    for (const [field, value] of Object.entries(draft)) {
      const kept = (saved as Record<string, unknown>)[field];
      if (typeof kept === typeof value && Array.isArray(kept) === Array.isArray(value))
        Object.assign(draft, { [field]: kept });
    }
    draft.photos = stillKept(draft.photos, Date.now());
    return draft;
  } catch {
    return null;
  }
}

/** Whether it could be kept. */
export function saveDraft(slug: string, draft: Draft): boolean {
  try {
    localStorage.setItem(draftKey(slug), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function forgetDraft(slug: string): void {
  try {
    localStorage.removeItem(draftKey(slug));
  } catch {
    // nothing was kept
  }
}

/** A receipt, and whether its author wanted it by mail too. */
export type KeptReceipt = ReceiptView & { email_wanted: boolean };

function loadReceipt(): KeptReceipt | null {
  try {
    const text = sessionStorage.getItem(RECEIPT);
    return text ? (JSON.parse(text) as KeptReceipt) : null;
  } catch {
    return null;
  }
}

let current: KeptReceipt | null = null;

/** The receipt of this visit: in memory where the device keeps nothing. */
export const receipt = {
  get: (): KeptReceipt | null => current ?? loadReceipt(),
  set(value: KeptReceipt): void {
    current = value;
    try {
      sessionStorage.setItem(RECEIPT, JSON.stringify(value));
    } catch {
      // it stays in memory, which is enough to reach the receipt page
    }
  },
};
