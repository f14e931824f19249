import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Attempts } from './attempt';
import { check, emptyDraft, fromServer, isStarted, toRequest, type Draft } from './draft';
import { forgetDraft, loadDraft, saveDraft } from './saved';

const consultation = {
  axes: [{ code: 'environment', position: 1, label: { ar: '', fr: '' }, hint: { ar: '', fr: '' } }],
  territories: [{ code: 'MA-HOC', kind: 'province' as const, label: { ar: '', fr: '' } }],
  consent: { version: 'v1' },
  limits: {
    title: { min: 5, max: 150 },
    problem: { min: 20, max: 4000 },
    solution: { min: 20, max: 4000 },
    expected_change: { min: 1, max: 2000 },
  },
};

const complete = (): Draft => ({
  ...emptyDraft(),
  axis: 'environment',
  title: 'إنارة الطريق',
  problem: 'الطريق بين الدوار والمدرسة مظلمة في الشتاء.',
  solution: 'تركيب أعمدة إنارة بالطاقة الشمسية على الطريق.',
  territory: 'MA-HOC',
  consent: true,
  consentVersion: 'v1',
});

const fields = (draft: Draft) => check(draft, consultation).map(({ field, code }) => `${field}: ${code}`);

test('a complete draft has nothing wrong', () => {
  expect(fields(complete())).toEqual([]);
  expect(fields({ ...complete(), territory: 'whole_region' })).toEqual([]);
});

test('an empty draft says what is needed, and nothing that is optional', () => {
  expect(fields(emptyDraft())).toEqual([
    'axis: required',
    'title: required',
    'problem: required',
    'solution: required',
    'territory: required',
    'consent: required',
  ]);
});

test('limits include their ends', () => {
  expect(fields({ ...complete(), title: 'a'.repeat(5) })).toEqual([]);
  expect(fields({ ...complete(), title: 'a'.repeat(4) })).toEqual(['title: too_short']);
  expect(fields({ ...complete(), problem: 'a'.repeat(4000) })).toEqual([]);
  expect(fields({ ...complete(), problem: 'a'.repeat(4001) })).toEqual(['problem: too_long']);
  expect(fields({ ...complete(), expectedChange: 'a'.repeat(2001) })).toEqual(['expectedChange: too_long']);
});

test('an axis or a place that no longer exists is asked again', () => {
  expect(fields({ ...complete(), axis: 'gone', territory: 'gone' })).toEqual(['axis: required', 'territory: required']);
});

test('a text that changed since it was agreed to is asked again', () => {
  expect(fields({ ...complete(), consentVersion: 'v0' })).toEqual(['consent: required']);
});

test('every error knows its screen', () => {
  expect(check({ ...complete(), email: 'nom@' }, consultation)).toEqual([
    { field: 'email', step: 'contact', code: 'invalid' },
  ]);
});

describe('the request', () => {
  test('unanswered questions are sent as not stated, empty texts as nothing', () => {
    const request = toRequest(complete());
    expect(request.demographics).toEqual({
      age_band: 'not_stated',
      gender: 'not_stated',
      participant_type: 'not_stated',
      residence: 'not_stated',
    });
    expect(request).toMatchObject({ expected_change: null, organisation: null, name_organisation: false, email: null });
    expect(request.consent).toEqual({ version: 'v1', language: 'ar' });
  });

  test('the language is that of the words, whatever the page', () => {
    const request = toRequest({ ...complete(), consentLanguage: 'fr' });
    expect(request.language).toBe('ar');
    expect(request.consent).toEqual({ version: 'v1', language: 'fr' });
  });

  test('a citizen names no organisation, even one typed before', () => {
    const draft = { ...complete(), organisation: 'جمعية', nameOrganisation: true };
    expect(toRequest({ ...draft, participantType: 'citizen' })).toMatchObject({
      organisation: null,
      name_organisation: false,
    });
    expect(toRequest({ ...draft, participantType: 'civil_society' })).toMatchObject({
      organisation: 'جمعية',
      name_organisation: true,
    });
  });
});

test('field errors of the API lead to the field and its screen', () => {
  expect(
    fromServer([
      { field: 'expected_change', code: 'too_long', max: 2000 },
      { field: 'demographics.age_band', code: 'unknown' },
      { field: 'populations[2]', code: 'duplicate' },
      { field: 'consent.version', code: 'unknown' },
      { field: 'something_new', code: 'invalid' },
    ]).map(({ field, step, code }) => [field, step, code]),
  ).toEqual([
    ['expectedChange', 'change', 'too_long'],
    ['ageBand', 'about', 'unknown'],
    ['populations', 'place', 'duplicate'],
    ['consent', 'contact', 'unknown'],
  ]);
});

const store = new Map<string, string>();
beforeEach(() => {
  store.clear();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => store.set(key, value),
    removeItem: (key: string) => store.delete(key),
  });
});

describe('the key of an attempt', () => {
  test('is kept by one text, and another text gets another', () => {
    const attempts = new Attempts();
    const first = attempts.keyFor('one', { title: 'a' });
    expect(first).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
    expect(attempts.keyFor('one', { title: 'a' })).toBe(first);
    const second = attempts.keyFor('one', { title: 'b' });
    expect(second).not.toBe(first);
  });

  test('outlives the page, until the proposal has arrived', () => {
    const first = new Attempts().keyFor('one', { title: 'a' });
    expect(new Attempts().keyFor('one', { title: 'a' })).toBe(first);
    const attempts = new Attempts();
    attempts.forget('one');
    expect(attempts.keyFor('one', { title: 'a' })).not.toBe(first);
  });

  test('leaves nothing of the text on the device', () => {
    const attempts = new Attempts();
    attempts.keyFor('one', { email: 'amina@example.org', title: 'الماء' });
    const kept = JSON.stringify(localStorage.getItem('tachawor.attempt.1.one'));
    expect(kept).toContain('key');
    expect(kept).not.toMatch(/amina|الماء/);
  });

  test('needs no storage', () => {
    vi.stubGlobal('localStorage', undefined);
    const attempts = new Attempts();
    const first = attempts.keyFor('one', { title: 'a' });
    expect(attempts.keyFor('one', { title: 'a' })).toBe(first);
    attempts.forget('one');
    expect(attempts.keyFor('one', { title: 'a' })).not.toBe(first);
  });
});

describe('the saved draft', () => {
  test('comes back as it was, for its consultation alone', () => {
    expect(saveDraft('one', complete())).toBe(true);
    expect(loadDraft('one')).toEqual(complete());
    expect(loadDraft('two')).toBeNull();
    forgetDraft('one');
    expect(loadDraft('one')).toBeNull();
  });

  test('of an older form keeps what is still asked', () => {
    store.set(
      'tachawor.draft.1.one',
      JSON.stringify({ title: 'a title', gone: 1, consent: 'yes', populations: 'women' }),
    );
    expect(loadDraft('one')).toEqual({ ...emptyDraft(), title: 'a title' });
  });

  test('that cannot be read is none', () => {
    store.set('tachawor.draft.1.one', '{');
    expect(loadDraft('one')).toBeNull();
  });

  test('a device that keeps nothing says so', () => {
    vi.stubGlobal('localStorage', undefined);
    expect(saveDraft('one', complete())).toBe(false);
    expect(loadDraft('one')).toBeNull();
  });

  test('an untouched form is not worth keeping', () => {
    expect(isStarted(emptyDraft())).toBe(false);
    expect(isStarted({ ...emptyDraft(), title: 'a' })).toBe(true);
  });
});
