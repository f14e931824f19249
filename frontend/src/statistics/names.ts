import type { AgeBand, Channel, ConsultationView, Gender, ParticipantType, ProposalState, Remark } from '$api/schema';
import { axisName, axisPosition, placeName } from '$components/names';
import type { I18n } from '$i18n';
import { statistics } from '$i18n/statistics';

import type { Dimension } from './types';

type Consultation = ConsultationView | null | undefined;

/** What a code of a dimension is called; the code itself when it has no name. */
export function codeName(i: I18n, consultation: Consultation, dimension: Dimension, code: string): string {
  const w = statistics[i.lang];
  if (code === 'not_stated') return w.chart.notStated;
  if (code === 'none') return w.none;
  switch (dimension) {
    case 'axis':
      return axisName(i, consultation, code);
    case 'age_band':
      return i.common.ageBand[code as AgeBand] ?? code;
    case 'gender':
      return i.common.gender[code as Gender] ?? code;
    case 'participant_type':
      return i.common.participantType[code as ParticipantType] ?? code;
    case 'channel':
      return i.common.channel[code as Channel] ?? code;
    case 'state':
      return i.common.state[code as ProposalState] ?? code;
    case 'language':
      return i.common.language[code as 'ar' | 'fr'] ?? code;
    case 'remark':
      return w.remark[code as Remark] ?? code;
    case 'visibility':
      return w.visibility[code as 'public' | 'not_public'] ?? code;
    case 'first_answer_days':
    case 'decision_days':
      return /^\d+$/.test(code) ? i.plural(w.when.days, Number(code)) : code;
    case 'day':
    case 'week':
      return /^\d{4}-\d\d-\d\d$/.test(code) ? i.day(code) : code;
    case 'residence':
    case 'territory':
      return placeName(i, consultation, code);
  }
}

/** The colour of a code where it has one: axes have. */
export const codeColour = (consultation: Consultation, dimension: Dimension, code: string): string | undefined =>
  dimension === 'axis' && code !== 'not_stated'
    ? `var(--axis-${((axisPosition(consultation, code) - 1) % 6) + 1})`
    : undefined;
