import type { Language } from '$i18n/languages';

/** The address of a page: `to('ar', 'proposals', 'TTA-26-000123')`. Every internal link is made here. */
export const to = (lang: Language, ...segments: (string | number)[]): string =>
  `/${[lang, ...segments].map((segment) => encodeURIComponent(segment)).join('/')}/`;

/** The same page in another language, filters included. */
export const inLanguage = (lang: Language, url: { pathname: string; search: string }): string =>
  url.pathname.replace(/^\/[^/]*/, `/${lang}`) + url.search;

/** A query string without the empty values; '' when nothing is left. */
export function query(values: Record<string, string | null | undefined>): string {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => !!entry[1]);
  return entries.length ? `?${new URLSearchParams(entries)}` : '';
}
