import type { Decision, Edge, Language, RefusalReason, Remark, WithholdReason } from '$api/schema';

import { characters } from '../proposal/text';

/** The edges a committee member may take, in the order they are offered; to enrich comes first. */
export const decisionEdges = [
  'retain',
  'request_clarification',
  'merge',
  'redirect',
  'refuse',
  'request_withhold',
  'reopen',
] as const satisfies readonly Edge[];

export type DecisionEdge = (typeof decisionEdges)[number];

/** What is being typed about a proposal: kept whichever decision is looked at, so that changing one's mind loses nothing. */
export interface DecisionForm {
  edge: DecisionEdge | '';
  remarks: Remark[];
  response: string;
  language: Language;
  question: string;
  /** One of the likely duplicates, or 'other' with a typed reference. */
  target: string;
  otherTarget: string;
  competence: string;
  body: string;
  forwardedOn: string;
  refusal: RefusalReason | '';
  withhold: WithholdReason | '';
  note: string;
  reason: string;
}

export const newDecision = (language: Language, today: string): DecisionForm => ({
  edge: '',
  remarks: [],
  response: '',
  language,
  question: '',
  target: '',
  otherTarget: '',
  competence: '',
  body: '',
  forwardedOn: today,
  refusal: '',
  withhold: '',
  note: '',
  reason: '',
});

/** A field that is not right; the names are those of the API's paths. */
export interface Wrong {
  field: string;
  code: 'required' | 'too_short' | 'too_long' | 'not_in_range';
  min?: number;
  max?: number;
}

export const RESPONSE = { min: 20, max: 4000 };
export const QUESTION = { min: 10, max: 2000 };

function length(field: string, text: string, { min, max }: { min: number; max: number }, optional = false): Wrong[] {
  const n = characters(text);
  if (n === 0) return optional ? [] : [{ field, code: 'required' }];
  if (n < min) return [{ field, code: 'too_short', min }];
  if (n > max) return [{ field, code: 'too_long', max }];
  return [];
}

const required = (field: string, value: string): Wrong[] => (value.trim() ? [] : [{ field, code: 'required' }]);

const targetOf = (form: DecisionForm): string =>
  (form.target && form.target !== 'other' ? form.target : form.otherTarget).trim();

/** What can be seen to be wrong before the server is asked. */
export function checkDecision(form: DecisionForm, today: string): Wrong[] {
  const response = (optional: boolean) => length('response.text', form.response, RESPONSE, optional);
  switch (form.edge) {
    case '':
      return [{ field: 'edge', code: 'required' }];
    case 'retain':
      return response(true);
    case 'request_clarification':
      return length('question', form.question, QUESTION);
    case 'merge':
      return [...required('target', targetOf(form)), ...response(true)];
    case 'redirect':
      return [
        ...required('competence', form.competence),
        ...length('body', form.body, { min: 2, max: 200 }),
        ...required('forwarded_on', form.forwardedOn),
        ...(form.forwardedOn > today ? [{ field: 'forwarded_on', code: 'not_in_range' } as const] : []),
        ...response(false),
      ];
    case 'refuse':
      return [...required('reason', form.refusal), ...response(false)];
    case 'request_withhold':
      return [...required('reason', form.withhold), ...length('note', form.note, { min: 1, max: 4000 }, true)];
    case 'reopen':
      return length('reason', form.reason, QUESTION);
  }
}

/** The request body of a form that `checkDecision` finds nothing in. */
export function toDecision(form: DecisionForm): Decision {
  const text = form.response.trim();
  const response = { text, language: form.language };
  const optional = text ? { response } : {};
  switch (form.edge) {
    case 'request_clarification':
      return { edge: 'request_clarification', question: form.question.trim(), language: form.language };
    case 'merge':
      return { edge: 'merge', target: targetOf(form), ...optional };
    case 'redirect':
      return {
        edge: 'redirect',
        competence: form.competence,
        body: form.body.trim(),
        forwarded_on: form.forwardedOn,
        response,
      };
    case 'refuse':
      return { edge: 'refuse', reason: form.refusal as RefusalReason, response };
    case 'request_withhold':
      return {
        edge: 'request_withhold',
        reason: form.withhold as WithholdReason,
        ...(form.note.trim() ? { note: form.note.trim() } : {}),
      };
    case 'reopen':
      return { edge: 'reopen', reason: form.reason.trim() };
    default:
      // a list replaces what was noticed before; none leaves it alone
      return { edge: 'retain', ...(form.remarks.length ? { remarks: form.remarks } : {}), ...optional };
  }
}
