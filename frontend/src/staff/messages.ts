import type { I18n } from '$i18n';
import type { common } from '$i18n/ar/common';

interface Wrong {
  code: string;
  min?: number | null | undefined;
  max?: number | null | undefined;
}

/** What is wrong with a field, in the general words of the API's codes. */
export function fieldMessage(i: I18n, { code, min, max }: Wrong): string {
  const words = i.common.field[code as keyof (typeof common)['field']] ?? i.common.field.invalid;
  return i.t(words, {
    min: min === undefined || min === null ? '' : i.number(min),
    max: max === undefined || max === null ? '' : i.number(max),
  });
}

/** A share such as a similarity, in percent. */
export const percent = (i: I18n, share: number): string =>
  i.number(share, { style: 'percent', maximumFractionDigits: 0 });
