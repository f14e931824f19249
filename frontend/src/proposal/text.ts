/** Characters as the API counts them: code points of the normalised text without outer blanks. */
export const characters = (text: string): number => [...text.normalize('NFC').trim()].length;

/** The language most of a text's letters belong to; `fallback` when it has none. */
export function languageOf(text: string, fallback: 'ar' | 'fr'): 'ar' | 'fr' {
  const arabic = text.match(/\p{Script=Arabic}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (arabic === latin) return fallback;
  return arabic > latin ? 'ar' : 'fr';
}

/** Good enough to catch a slip; the API decides. */
export const looksLikeEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(text.trim());
