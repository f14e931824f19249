import { api, call } from '$api/client';
import type { FoundView, NewProposalInput, PersonalKind } from '$api/schema';

import { stepOf, type Draft, type Step } from './draft';

/** The texts of a proposal that all will read, by the API's names; an organisation only if it is to be named. */
export const publicTexts = (request: NewProposalInput): { field: keyof Draft; text: string }[] =>
  [
    { field: 'title' as const, text: request.title },
    { field: 'problem' as const, text: request.problem },
    { field: 'solution' as const, text: request.solution },
    { field: 'expectedChange' as const, text: request.expected_change ?? '' },
    { field: 'organisation' as const, text: request.name_organisation ? (request.organisation ?? '') : '' },
  ].filter(({ text }) => text !== '');

/** What looks like personal data in a field of the form, in the author's own words. */
export interface Found {
  field: keyof Draft;
  step: Step;
  kind: PersonalKind;
  words: string;
}

/**
 * What the API finds in texts before they are sent. `null` if it could not be asked: a slow line must not keep anybody from
 * sending, and what nobody acknowledged is looked at by a person before it is shown.
 */
export async function look(texts: string[]): Promise<FoundView[] | null> {
  if (!texts.length) return [];
  try {
    return (await call(api.POST('/api/v1/text-check', { body: { texts } }))).personal_data;
  } catch {
    return null;
  }
}

/** The same for a whole proposal. */
export async function lookThrough(request: NewProposalInput): Promise<Found[] | null> {
  const texts = publicTexts(request);
  const found = await look(texts.map(({ text }) => text));
  return (
    found?.flatMap(({ text, kind, start, end }) => {
      const at = texts[text];
      return at ? [{ field: at.field, step: stepOf[at.field], kind, words: at.text.slice(start, end) }] : [];
    }) ?? null
  );
}

/** A text cut where something was found in it: pieces with a kind are to be marked. */
export function pieces<Kind>(
  text: string,
  found: readonly { kind: Kind; start: number; end: number }[],
): { text: string; kind?: Kind }[] {
  const all: { text: string; kind?: Kind }[] = [];
  let at = 0;
  for (const { kind, start, end } of found) {
    if (start < at) continue;
    if (start > at) all.push({ text: text.slice(at, start) });
    all.push({ text: text.slice(start, end), kind });
    at = end;
  }
  if (at < text.length) all.push({ text: text.slice(at) });
  return all;
}
