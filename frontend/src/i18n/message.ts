import { tags, type Language } from './languages';

/** A text that depends on a number; `{n}` is the number. Arabic distinguishes six forms, French three. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

export type Values = Readonly<Record<string, string | number>>;

/** Lets a catalogue hold fewer forms than another one. */
export const plural = (forms: Plural): Plural => forms;

/** Puts values in the place of `{name}`. A placeholder without a value stays visible: better ugly than wrong. */
export const fill = (text: string, values: Values = {}): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

const rules = new Map<Language, Intl.PluralRules>();

/** Picks the form for `n` and fills it; the number is written with the language's separators. */
export function fillPlural(language: Language, forms: Plural, n: number, values: Values = {}): string {
  let rule = rules.get(language);
  if (!rule) rules.set(language, (rule = new Intl.PluralRules(tags[language])));
  // "none" is said in words wherever there are words for it
  return fill((n === 0 ? forms.zero : undefined) ?? forms[rule.select(n)] ?? forms.other, {
    n: formatNumber(language, n),
    ...values,
  });
}

/** Latin digits in both languages, as in Moroccan use; no separator under ten thousand, where "4.000" reads as 4. */
export const formatNumber = (language: Language, n: number, options: Intl.NumberFormatOptions = {}): string =>
  new Intl.NumberFormat(tags[language], { numberingSystem: 'latn', useGrouping: 'min2', ...options }).format(n);
