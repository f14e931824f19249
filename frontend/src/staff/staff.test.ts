import { describe, expect, test } from 'vitest';

import type { DraftContent } from '$api/schema';

import { localPath } from './access';
import { dayAfter, fromLocal, toLocal } from './clock';
import { checkDecision, newDecision, toDecision } from './decision';
import { controlId, differences, parseNumber, sameContent, toContent, toForm, unreadable } from './draft';

const today = '2026-11-23';
const long = 'جواب معلل طويل بما يكفي ليقرأه صاحبه.';

describe('a decision', () => {
  test('to retain needs no response, but a short one is told', () => {
    const form = { ...newDecision('ar', today), edge: 'retain' as const };
    expect(checkDecision(form, today)).toEqual([]);
    expect(toDecision(form)).toEqual({ edge: 'retain' });
    expect(toDecision({ ...form, remarks: ['original'] })).toEqual({ edge: 'retain', remarks: ['original'] });
    expect(checkDecision({ ...form, response: 'قصير' }, today)).toEqual([
      { field: 'response.text', code: 'too_short', min: 20 },
    ]);
  });

  test('to redirect names every field that is missing, and no day to come', () => {
    const form = { ...newDecision('ar', today), edge: 'redirect' as const, forwardedOn: '2026-11-24' };
    expect(checkDecision(form, today).map(({ field }) => field)).toEqual([
      'competence',
      'body',
      'forwarded_on',
      'response.text',
    ]);
  });

  test('to merge takes a likely duplicate or a typed reference', () => {
    const form = { ...newDecision('fr', today), edge: 'merge' as const, otherTarget: ' TTA-26-000002 ' };
    expect(checkDecision({ ...form, otherTarget: '' }, today)).toHaveLength(1);
    expect(toDecision(form)).toEqual({ edge: 'merge', target: 'TTA-26-000002' });
    expect(toDecision({ ...form, target: 'TTA-26-000009' })).toEqual({ edge: 'merge', target: 'TTA-26-000009' });
  });

  test('to refuse carries the reason and the language of the response', () => {
    const form = {
      ...newDecision('ar', today),
      edge: 'refuse' as const,
      refusal: 'not_feasible' as const,
      response: long,
    };
    expect(toDecision(form)).toEqual({
      edge: 'refuse',
      reason: 'not_feasible',
      response: { text: long, language: 'ar' },
    });
  });
});

const content: DraftContent = {
  objective: 'a',
  problem: '',
  beneficiaries: ['b', 'c'],
  territories: ['MA-HOC'],
  indicators: [
    {
      name: 'n',
      kind: 'quantitative',
      unit: '%',
      baseline_value: 0,
      baseline_year: 2025,
      target: 12.5,
      target_text: null,
      source: null,
    },
  ],
  competence_class: null,
  competence_reason: '',
  responsible: '',
  partners: [],
  budget_mad: 0,
  budget_source: '',
  principles: ['inclusion'],
  planning_links: [],
  sdgs: [4],
  start: '2027-01',
  end: null,
  milestones: [{ title: 'm', deliverable: '', due: null }],
};

describe('a draft as a form', () => {
  test('gives back what it was made of', () => {
    expect(toContent(toForm('t', 'x', content))).toEqual(content);
  });

  test('reads numbers as people type them', () => {
    expect(parseNumber('١٢٫٥')).toBe(12.5);
    expect(parseNumber('1 200')).toBe(1200);
    expect(parseNumber('12,5')).toBe(12.5);
    expect(parseNumber('a lot')).toBeNull();
    expect(parseNumber('')).toBeNull();
  });

  test('tells what it cannot read rather than dropping it', () => {
    const form = toForm('t', 'x', content);
    form.budget_mad = 'much';
    form.end = '2027';
    expect(unreadable(form)).toEqual([
      { field: 'budget_mad', kind: 'number' },
      { field: 'end', kind: 'month' },
    ]);
  });

  test('knows what differs from a colleague’s', () => {
    const mine = toForm('t', 'x', content);
    const theirs = toForm('u', 'x', { ...content, objective: 'z' });
    expect(sameContent(mine, toForm('t', 'x', content))).toBe(true);
    expect(differences(mine, theirs)).toEqual(['title', 'objective']);
  });

  test('leads from a path to its control', () => {
    expect(controlId('indicators[0].unit')).toBe('draft-indicators-0-unit');
    expect(controlId('partners[3]')).toBe('draft-partners');
  });
});

test('the region’s clock is read and written without moving the instant', () => {
  for (const instant of ['2026-11-02T08:00:00Z', '2027-02-20T22:59:00Z', '2026-07-01T12:30:00Z'])
    expect(fromLocal(toLocal(instant))).toBe(instant);
  expect(fromLocal('')).toBeNull();
  expect(dayAfter('2026-12-31')).toBe('2027-01-01');
  expect(dayAfter('2028-02-28')).toBe('2028-02-29');
});

test('only a page of ours is gone back to', () => {
  expect(localPath('/ar/desk/TTA-26-000001/?axis=a&text=%D9%85')).not.toBeNull();
  for (const bad of [
    'https://example.org/',
    '//example.org/ar/',
    '/ar//example.org',
    '/en/desk/',
    'javascript:1',
    null,
  ])
    expect(localPath(bad)).toBeNull();
});
