import { tags, type Language } from './languages';

/** Instants are stored in UTC and shown on the region's clock. */
export const TIME_ZONE = 'Africa/Casablanca';

const style = (language: Language, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(tags[language], { numberingSystem: 'latn', ...options });

/** The day of an instant: "4 دجنبر 2026". */
export const formatDate = (language: Language, instant: string): string =>
  style(language, { timeZone: TIME_ZONE, day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(instant));

/** Day and time of an instant. */
export const formatDateTime = (language: Language, instant: string): string =>
  style(language, {
    timeZone: TIME_ZONE,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(instant));

/** A calendar day "2026-12-04": it has no time zone, so none may move it. */
export const formatDay = (language: Language, day: string): string =>
  style(language, { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' }).format(
    new Date(`${day}T00:00:00Z`),
  );

/** A month "2026-12". */
export const formatMonth = (language: Language, month: string): string =>
  style(language, { timeZone: 'UTC', month: 'long', year: 'numeric' }).format(new Date(`${month}-01T00:00:00Z`));

/** The calendar day of an instant in the region, as YYYY-MM-DD. */
export const dayOf = (instant: string | Date): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(instant),
  );

/** Whole calendar days in the region from `from` to `to`; 0 on the same day. */
export const daysBetween = (from: string | Date, to: string | Date): number =>
  Math.round((Date.parse(`${dayOf(to)}T00:00:00Z`) - Date.parse(`${dayOf(from)}T00:00:00Z`)) / 86_400_000);
