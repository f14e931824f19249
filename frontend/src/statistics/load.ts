import { api, call } from '$api/client';

/** How many editions the chooser offers: one a day at most, over the months of a consultation. */
const EDITIONS = 100;

/** One edition by its number, or `latest`. */
export const fetchEdition = (slug: string, number: string) =>
  call(api.GET('/api/v1/consultations/{slug}/editions/{number}', { params: { path: { slug, number } } }));

/** The newest editions. */
export const fetchEditions = (slug: string) =>
  call(api.GET('/api/v1/consultations/{slug}/editions', { params: { path: { slug }, query: { limit: EDITIONS } } }));

/** What the next edition would be. */
export const fetchPreview = (consultation: string) =>
  call(api.GET('/api/v1/editions/preview', { params: { query: { consultation } } }));

/** Publishes it; refused when another one took its number. */
export const publishEdition = (consultation: string, number: number) =>
  call(api.POST('/api/v1/editions', { body: { consultation, number } }));
