import type {
  AgeBand,
  ConsultationView,
  FieldError,
  Gender,
  NewProposalInput,
  ParticipantType,
  Population,
} from '$api/schema';

import type { Photo } from './photo';
import { characters, languageOf, looksLikeEmail } from './text';

/** The screens of the form, in order. */
export const steps = ['axis', 'problem', 'solution', 'change', 'place', 'about', 'contact', 'check'] as const;
export type Step = (typeof steps)[number];

/** What somebody is writing. Every answer has a value from the start, so that a saved draft is complete. */
export interface Draft {
  axis: string;
  title: string;
  problem: string;
  solution: string;
  expectedChange: string;
  territory: string;
  populations: Population[];
  ageBand: AgeBand | '';
  gender: Gender | '';
  participantType: ParticipantType | '';
  residence: string;
  organisation: string;
  nameOrganisation: boolean;
  email: string;
  photos: Photo[];
  consent: boolean;
  /** Which text was agreed to, and in which language it was read: the API keeps both. */
  consentVersion: string;
  consentLanguage: 'ar' | 'fr';
}

export const emptyDraft = (): Draft => ({
  axis: '',
  title: '',
  problem: '',
  solution: '',
  expectedChange: '',
  territory: '',
  populations: [],
  ageBand: '',
  gender: '',
  participantType: '',
  residence: '',
  organisation: '',
  nameOrganisation: false,
  email: '',
  photos: [],
  consent: false,
  consentVersion: '',
  consentLanguage: 'ar',
});

/** Whether anything was written that would be a pity to lose. */
export const isStarted = (draft: Draft): boolean => JSON.stringify(draft) !== JSON.stringify(emptyDraft());

/** Citizens speak for themselves; everybody else may speak for an organisation. */
export const mayNameOrganisation = (draft: Draft): boolean =>
  draft.participantType !== '' && draft.participantType !== 'citizen' && draft.participantType !== 'not_stated';

export const ORGANISATION = { min: 2, max: 150 };

/** A field of the form that must be put right: `code` is the API's, `min` and `max` belong to it. */
export interface Wrong {
  field: keyof Draft;
  step: Step;
  code: FieldError['code'];
  min?: number;
  max?: number;
}

/** Where each field is asked. */
export const stepOf: Record<keyof Draft, Step> = {
  axis: 'axis',
  title: 'problem',
  problem: 'problem',
  solution: 'solution',
  expectedChange: 'change',
  territory: 'place',
  populations: 'place',
  ageBand: 'about',
  gender: 'about',
  participantType: 'about',
  residence: 'about',
  organisation: 'about',
  nameOrganisation: 'about',
  email: 'contact',
  photos: 'problem',
  consent: 'contact',
  consentVersion: 'contact',
  consentLanguage: 'contact',
};

type Rules = Pick<ConsultationView, 'axes' | 'territories' | 'limits'> & {
  consent: Pick<ConsultationView['consent'], 'version'>;
};

/** Whether the text that stands now is the one that was agreed to: it may have changed since the draft was saved. */
export const agreed = (draft: Draft, { consent }: Pick<Rules, 'consent'>): boolean =>
  draft.consent && draft.consentVersion === consent.version;

/** What the API would refuse, found before sending. */
export function check(draft: Draft, consultation: Rules): Wrong[] {
  const wrong: Wrong[] = [];
  const add = (field: keyof Draft, code: Wrong['code'], bounds: { min?: number; max?: number } = {}) =>
    wrong.push({ field, step: stepOf[field], code, ...bounds });
  const text = (
    field: 'title' | 'problem' | 'solution' | 'expectedChange' | 'organisation',
    min: number,
    max: number,
  ) => {
    const n = characters(draft[field]);
    const optional = field === 'expectedChange' || field === 'organisation';
    if (n === 0) {
      if (!optional) add(field, 'required');
    } else if (n < min) add(field, 'too_short', { min });
    else if (n > max) add(field, 'too_long', { max });
  };
  const { limits } = consultation;

  // an axis or a territory may have been renamed since the draft was saved
  if (!consultation.axes.some((axis) => axis.code === draft.axis)) add('axis', 'required');
  text('title', limits.title.min, limits.title.max);
  text('problem', limits.problem.min, limits.problem.max);
  text('solution', limits.solution.min, limits.solution.max);
  text('expectedChange', 1, limits.expected_change.max);
  if (draft.territory !== 'whole_region' && !consultation.territories.some((each) => each.code === draft.territory)) {
    add('territory', 'required');
  }
  if (mayNameOrganisation(draft)) text('organisation', ORGANISATION.min, ORGANISATION.max);
  if (draft.email.trim() && !looksLikeEmail(draft.email)) add('email', 'invalid');
  if (!agreed(draft, consultation)) add('consent', 'required');
  return wrong;
}

/**
 * The request that sends a draft. Questions without an answer are sent as "not stated". It depends on the draft alone:
 * after a switch of language the same draft makes the same request, and a retry stays a retry.
 */
export function toRequest(draft: Draft): NewProposalInput {
  const organisation = mayNameOrganisation(draft) ? draft.organisation.trim() : '';
  return {
    axis: draft.axis,
    territory: draft.territory,
    language: languageOf(`${draft.title} ${draft.problem} ${draft.solution}`, draft.consentLanguage),
    title: draft.title.trim(),
    problem: draft.problem.trim(),
    solution: draft.solution.trim(),
    expected_change: draft.expectedChange.trim() || null,
    populations: draft.populations,
    demographics: {
      age_band: draft.ageBand || 'not_stated',
      gender: draft.gender || 'not_stated',
      participant_type: draft.participantType || 'not_stated',
      residence: draft.residence || 'not_stated',
    },
    organisation: organisation || null,
    name_organisation: organisation !== '' && draft.nameOrganisation,
    email: draft.email.trim() || null,
    ...(draft.photos.length ? { attachments: draft.photos.map(({ token }) => token) } : {}),
    consent: { version: draft.consentVersion, language: draft.consentLanguage },
  };
}

const fieldOf: Record<string, keyof Draft> = {
  axis: 'axis',
  territory: 'territory',
  title: 'title',
  problem: 'problem',
  solution: 'solution',
  expected_change: 'expectedChange',
  populations: 'populations',
  'demographics.age_band': 'ageBand',
  'demographics.gender': 'gender',
  'demographics.participant_type': 'participantType',
  'demographics.residence': 'residence',
  organisation: 'organisation',
  name_organisation: 'nameOrganisation',
  email: 'email',
  attachments: 'photos',
  consent: 'consent',
  'consent.version': 'consent',
  'consent.language': 'consent',
};

/** The API's field errors as the form's. One that belongs to no field is left out: the summary then says the code. */
export const fromServer = (errors: readonly FieldError[]): Wrong[] =>
  errors.flatMap((error) => {
    const field = fieldOf[error.field.replace(/\[\d+\]$/, '')];
    if (!field) return [];
    return [{ field, step: stepOf[field], code: error.code, min: error.min ?? undefined, max: error.max ?? undefined }];
  });
