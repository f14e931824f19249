import type { I18n } from '$i18n';
import type { citizen } from '$i18n/ar/citizen';

import type { Wrong } from '../../proposal/draft';

type Words = (typeof citizen)['propose'];

/** What is wrong with a field, in words that name the field; the API's general words where we have none. */
export function wrongMessage(i: I18n, w: Words, { field, code, min, max }: Wrong): string {
  const special: Partial<Record<Wrong['field'], Partial<Record<Wrong['code'], string>>>> = {
    axis: { required: w.axis.required },
    title: { required: w.problem.nameRequired, too_short: w.problem.nameShort, too_long: w.problem.nameLong },
    problem: { required: w.problem.textRequired, too_short: w.problem.textShort, too_long: w.problem.textLong },
    solution: { required: w.solution.textRequired, too_short: w.solution.textShort, too_long: w.solution.textLong },
    expectedChange: { too_long: w.change.textLong },
    territory: { required: w.place.territoryRequired },
    organisation: { too_short: w.about.organisationShort, too_long: w.about.organisationLong },
    email: { invalid: w.contact.emailInvalid },
    photos: { unknown: w.photos.gone, too_long: w.photos.tooMany },
    consent: { required: w.contact.consentRequired },
  };
  const labels: Partial<Record<Wrong['field'], string>> = {
    axis: w.axis.label,
    title: w.problem.name,
    problem: w.problem.text,
    solution: w.solution.text,
    expectedChange: w.change.text,
    territory: w.place.territory,
    populations: w.place.populations,
    ageBand: w.about.age,
    gender: w.about.gender,
    residence: w.about.residence,
    participantType: w.about.type,
    organisation: w.about.organisation,
    email: w.contact.email,
    photos: w.photos.title,
    consent: w.contact.notice,
  };
  const text = special[field]?.[code];
  const label = labels[field];
  const whole =
    text ??
    (label ? `${label.replace(/\s*[?؟]$/, '')}${i.common.colon} ${i.common.field[code]}` : i.common.field[code]);
  return i.t(whole, { min: min === undefined ? '' : i.number(min), max: max === undefined ? '' : i.number(max) });
}

/** What stands under a text: how much is written, and how much is missing or too much. */
export function counterText(i: I18n, w: Words, n: number, { min, max }: { min: number; max: number }): string {
  const count = i.t(w.characters, { n: i.number(n), max: i.number(max) });
  if (n > max) return `${count} · ${i.plural(w.over, n - max)}`;
  if (n > 0 && n < min) return `${count} · ${i.plural(w.more, min - n)}`;
  return count;
}
