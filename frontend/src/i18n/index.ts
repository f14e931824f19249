import { page } from '$app/state';

import { common as ar } from './ar/common';
import { common as fr } from './fr/common';
import { formatDate, formatDateTime, formatDay, formatMonth } from './dates';
import { direction, isLanguage, type Language } from './languages';
import { fill, fillPlural, formatNumber, type Plural, type Values } from './message';

export { endonyms, languages, type Language } from './languages';

const common = { ar, fr };

/** A text the server holds in the languages it has. */
type Localised = Readonly<Record<string, string>>;

/**
 * The language of the page and everything that depends on it. Call it while a component is set up; the getters follow
 * the address, so a page that switches language keeps its state.
 */
export function useI18n() {
  return {
    get lang(): Language {
      const lang = page.params.lang;
      return isLanguage(lang) ? lang : 'ar';
    },
    get dir() {
      return direction(this.lang);
    },
    /** The words every page shares. */
    get common() {
      return common[this.lang];
    },
    t: (text: string, values?: Values) => fill(text, values),
    plural(forms: Plural, n: number, values?: Values) {
      return fillPlural(this.lang, forms, n, values);
    },
    number(n: number, options?: Intl.NumberFormatOptions) {
      return formatNumber(this.lang, n, options);
    },
    date(instant: string) {
      return formatDate(this.lang, instant);
    },
    dateTime(instant: string) {
      return formatDateTime(this.lang, instant);
    },
    day(day: string) {
      return formatDay(this.lang, day);
    },
    month(month: string) {
      return formatMonth(this.lang, month);
    },
    /** A text of the server in the language of the page, else in one it has. */
    local(text: Localised) {
      return text[this.lang] ?? text.ar ?? Object.values(text)[0] ?? '';
    },
  };
}

export type I18n = ReturnType<typeof useI18n>;
