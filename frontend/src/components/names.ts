import type { ConsultationView, Population } from '$api/schema';
import type { I18n } from '$i18n';

/** The name of an axis, as the consultation has it; its code when it has none. */
export function axisName(i: I18n, consultation: ConsultationView | null | undefined, code: string): string {
  const axis = consultation?.axes.find((each) => each.code === code);
  return axis ? i.local(axis.label) : code;
}

/** Its place in the consultation's order, which also chooses its colour. */
export const axisPosition = (consultation: ConsultationView | null | undefined, code: string): number =>
  consultation?.axes.find((each) => each.code === code)?.position ?? 6;

/** The name of a place: a territory, the whole region, outside it, or not stated. */
export function placeName(i: I18n, consultation: ConsultationView | null | undefined, code: string): string {
  if (code === 'whole_region' || code === 'outside_region' || code === 'not_stated') return i.common[code];
  const territory = consultation?.territories.find((each) => each.code === code);
  return territory ? i.local(territory.label) : code;
}

/** The name of a field of competence, as the consultation lists it. */
export function competenceName(i: I18n, consultation: ConsultationView | null | undefined, code: string): string {
  const competence = consultation?.competences.find((each) => each.code === code);
  return competence ? i.local(competence.label) : code;
}

/** Those served, in one sentence: only its first word keeps its capital. */
export const populationNames = (i: I18n, codes: readonly Population[]): string =>
  codes
    .map((code) => i.common.population[code])
    .map((name, n) => (n ? name.charAt(0).toLowerCase() + name.slice(1) : name))
    .join(i.common.comma);
