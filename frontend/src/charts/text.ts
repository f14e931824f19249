/**
 * How wide a text is likely to be, in the unit of `size`. SVG does not break lines by itself, and asking the browser would need the
 * fonts to be there first. Errs on the wide side.
 */
export function widthOf(text: string, size: number): number {
  let em = 0;
  for (const letter of text) em += emOf(letter);
  return em * size;
}

function emOf(letter: string): number {
  if (/[\u064b-\u065f\u200e\u200f]/.test(letter)) return 0;
  if (/[ \u00a0\u202f]/.test(letter)) return 0.27;
  if (/[ijlI.,:;'’|!()\-·]/.test(letter)) return 0.33;
  if (/[ادذرزوإأآلبتثنيئ]/.test(letter)) return 0.42;
  if (/[\u0600-\u06ff]/.test(letter)) return 0.66;
  if (/[mwMW%]/.test(letter)) return 0.9;
  if (/[A-ZÀ-Þ]/.test(letter)) return 0.68;
  return 0.58;
}

/** Breaks between words into lines no wider than `max`; a word that is wider stands alone. The last line allowed ends in "…". */
export function wrap(text: string, max: number, size: number, lines = 4): string[] {
  const done: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && widthOf(longer, size) > max) {
      done.push(line);
      line = word;
    } else line = longer;
  }
  if (line) done.push(line);
  return done.length > lines ? [...done.slice(0, lines - 1), `${done[lines - 1]}…`] : done;
}
