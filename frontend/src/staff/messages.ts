import type { Finding } from '$api/schema';
import type { I18n } from '$i18n';
import type { common } from '$i18n/ar/common';
import { staff } from '$i18n/staff';

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

/** What is wrong with a field of a decision: some of them deserve words of their own. */
export function decisionMessage(i: I18n, wrong: Wrong & { field: string }): string {
  const words = staff[i.lang].desk;
  if (wrong.field === 'edge') return words.chooseDecision;
  if (wrong.field === 'forwarded_on' && wrong.code === 'not_in_range') return words.forwardedFuture;
  if (wrong.field === 'target' && wrong.code === 'unknown') return words.unknownTarget;
  if (wrong.field === 'target' && wrong.code === 'not_allowed') return words.badTarget;
  return fieldMessage(i, wrong);
}

/** A finding in words, with the indicator or milestone it is about: several may have the same. */
export function findingMessage(i: I18n, { field, code }: Finding): string {
  const { drafts, finding } = staff[i.lang];
  const group = /^(indicators|milestones)\[(\d+)\]/.exec(field);
  if (!group) return finding[code];
  const name = i.t(group[1] === 'indicators' ? drafts.indicator : drafts.milestone, {
    n: i.number(Number(group[2]) + 1),
  });
  return `${name}${i.common.colon} ${finding[code]}`;
}

/** A share such as a similarity, in percent. */
export const percent = (i: I18n, share: number): string =>
  i.number(share, { style: 'percent', maximumFractionDigits: 0 });
