import type { CompetenceClass, DraftContent, DraftView, IndicatorKind, Principle } from '$api/schema';

/** A SMART draft while it is being written: every control holds text, lists of names are one a line. */
export interface DraftForm {
  title: string;
  axis: string;
  objective: string;
  problem: string;
  beneficiaries: string;
  territories: string[];
  indicators: IndicatorForm[];
  competence_class: CompetenceClass | '';
  competence_reason: string;
  responsible: string;
  partners: string;
  budget_mad: string;
  budget_source: string;
  principles: Principle[];
  planning_links: string;
  sdgs: string[];
  start: string;
  end: string;
  milestones: MilestoneForm[];
}

export interface IndicatorForm {
  /** Only for this page: which group is which while they are added and removed. */
  key: number;
  name: string;
  kind: IndicatorKind;
  unit: string;
  baseline_value: string;
  baseline_year: string;
  target: string;
  target_text: string;
  source: string;
}

export interface MilestoneForm {
  key: number;
  title: string;
  deliverable: string;
  due: string;
}

let nextKey = 0;

export const newIndicator = (): IndicatorForm => ({
  key: nextKey++,
  name: '',
  kind: 'quantitative',
  unit: '',
  baseline_value: '',
  baseline_year: '',
  target: '',
  target_text: '',
  source: '',
});

export const newMilestone = (): MilestoneForm => ({ key: nextKey++, title: '', deliverable: '', due: '' });

const shown = (value: number | string | null | undefined): string =>
  value === null || value === undefined ? '' : String(value);

export function toForm(title: string, axis: string, content: DraftContent): DraftForm {
  return {
    title,
    axis,
    objective: content.objective,
    problem: content.problem,
    beneficiaries: content.beneficiaries.join('\n'),
    territories: [...content.territories],
    indicators: content.indicators.map((each) => ({
      key: nextKey++,
      name: each.name,
      kind: each.kind,
      unit: shown(each.unit),
      baseline_value: shown(each.baseline_value),
      baseline_year: shown(each.baseline_year),
      target: shown(each.target),
      target_text: shown(each.target_text),
      source: shown(each.source),
    })),
    competence_class: content.competence_class ?? '',
    competence_reason: content.competence_reason,
    responsible: content.responsible,
    partners: content.partners.join('\n'),
    budget_mad: shown(content.budget_mad),
    budget_source: content.budget_source,
    principles: [...content.principles],
    planning_links: content.planning_links.join('\n'),
    sdgs: content.sdgs.map(String),
    start: shown(content.start),
    end: shown(content.end),
    milestones: content.milestones.map((each) => ({
      key: nextKey++,
      title: each.title,
      deliverable: each.deliverable ?? '',
      due: shown(each.due),
    })),
  };
}

/** A number as people type it: Arabic digits, spaces between thousands, a comma for the decimals. */
export function parseNumber(text: string): number | null {
  const latin = text
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace(/[,\u066b]/, '.');
  return /^-?\d+(\.\d+)?$/.test(latin) ? Number(latin) : null;
}

const MONTH = /^[12]\d{3}-(0[1-9]|1[0-2])$/;
const month = (text: string): string | null => (MONTH.test(text.trim()) ? text.trim() : null);
const whole = (text: string): number | null => {
  const number = parseNumber(text);
  return number !== null && Number.isInteger(number) ? number : null;
};
const words = (text: string): string | null => text.trim() || null;
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

export function toContent(form: DraftForm): DraftContent {
  return {
    objective: form.objective.trim(),
    problem: form.problem.trim(),
    beneficiaries: lines(form.beneficiaries),
    territories: [...form.territories],
    indicators: form.indicators.map((each) => {
      const number = each.kind === 'quantitative';
      return {
        name: each.name.trim(),
        kind: each.kind,
        unit: number ? words(each.unit) : null,
        baseline_value: number ? parseNumber(each.baseline_value) : null,
        baseline_year: number ? whole(each.baseline_year) : null,
        target: number ? parseNumber(each.target) : null,
        target_text: words(each.target_text),
        source: words(each.source),
      };
    }),
    competence_class: form.competence_class || null,
    competence_reason: form.competence_reason.trim(),
    responsible: form.responsible.trim(),
    partners: lines(form.partners),
    budget_mad: whole(form.budget_mad),
    budget_source: form.budget_source.trim(),
    principles: [...form.principles],
    planning_links: lines(form.planning_links),
    sdgs: form.sdgs.map(Number),
    start: month(form.start),
    end: month(form.end),
    milestones: form.milestones.map((each) => ({
      title: each.title.trim(),
      deliverable: each.deliverable.trim(),
      due: month(each.due),
    })),
  };
}

/** What was typed that no number or month can be made of: it would be lost without a word. */
export function unreadable(form: DraftForm): { field: string; kind: 'number' | 'month' }[] {
  const found: { field: string; kind: 'number' | 'month' }[] = [];
  const number = (field: string, text: string, parse: (text: string) => number | null) => {
    if (text.trim() && parse(text) === null) found.push({ field, kind: 'number' });
  };
  const date = (field: string, text: string) => {
    if (text.trim() && month(text) === null) found.push({ field, kind: 'month' });
  };
  form.indicators.forEach((each, index) => {
    if (each.kind !== 'quantitative') return;
    number(`indicators[${index}].baseline_value`, each.baseline_value, parseNumber);
    number(`indicators[${index}].baseline_year`, each.baseline_year, whole);
    number(`indicators[${index}].target`, each.target, parseNumber);
  });
  number('budget_mad', form.budget_mad, whole);
  date('start', form.start);
  date('end', form.end);
  form.milestones.forEach((each, index) => date(`milestones[${index}].due`, each.due));
  return found;
}

/** The id of the control a path of the API speaks of: `indicators[0].unit` is `draft-indicators-0-unit`. */
export function controlId(field: string): string {
  // lists of names are one control
  const path = /^(beneficiaries|partners|planning_links)\[/.test(field) ? field.replace(/\[.*$/, '') : field;
  return `draft-${path.replace(/\[(\d+)\]/g, '-$1').replace(/\./g, '-')}`;
}

/** Whether two drafts say the same. */
export const sameContent = (a: DraftForm, b: DraftForm): boolean =>
  a.title.trim() === b.title.trim() &&
  a.axis === b.axis &&
  JSON.stringify(toContent(a)) === JSON.stringify(toContent(b));

export const formOf = (view: DraftView): DraftForm => toForm(view.title, view.axis, view.content);

/** The parts in which two drafts differ, by the name of the field. */
export function differences(a: DraftForm, b: DraftForm): (keyof DraftContent | 'title' | 'axis')[] {
  const x = toContent(a);
  const y = toContent(b);
  const fields = Object.keys(x) as (keyof DraftContent)[];
  const changed: (keyof DraftContent | 'title' | 'axis')[] = fields.filter(
    (field) => JSON.stringify(x[field]) !== JSON.stringify(y[field]),
  );
  if (a.axis !== b.axis) changed.unshift('axis');
  if (a.title.trim() !== b.title.trim()) changed.unshift('title');
  return changed;
}
