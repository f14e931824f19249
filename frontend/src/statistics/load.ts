import { api, call } from '$api/client';

import type { EditionPreviewView, EditionItem, Edition } from './types';

// The specification does not hold these routes yet: this file is where they are asked for, and the only one that has to change.
/* eslint-disable @typescript-eslint/no-explicit-any */
const get = (path: string, params: object) => call<any>((api.GET as any)(path, { params }));

/** How many editions the chooser offers: one a day at most, over the months of a consultation. */
const EDITIONS = 100;

/** One edition; the latest without a number. */
export const fetchEdition = (slug: string, number: string): Promise<Edition> =>
  get('/api/v1/consultations/{slug}/editions/{number}', { path: { slug, number } });

/** The newest editions. */
export const fetchEditions = (slug: string): Promise<{ items: EditionItem[] }> =>
  get('/api/v1/consultations/{slug}/editions', { path: { slug }, query: { limit: EDITIONS } });

/** What the next edition would be. */
export const fetchPreview = (consultation: string): Promise<EditionPreviewView> =>
  get('/api/v1/editions/preview', { query: { consultation } });

/** Publishes it; refused when another one took its number. */
export const publishEdition = (consultation: string, number: number): Promise<Edition> =>
  call<any>((api.POST as any)('/api/v1/editions', { body: { consultation, number } }));
