import { api, call } from './client';
import type { ConsultationView } from './schema';
import { Resource } from './resource.svelte';

/** The consultation the site is about: the open one, else the latest. Loaded once, shared by all pages. */
class CurrentConsultation extends Resource<ConsultationView | null> {
  /** Loads it if nobody did; call it from onMount, for an effect would ask again after each failure. */
  need(): void {
    if (this.value === undefined && !this.loading) void this.load(fetchCurrent);
  }

  /** Loads it again: its state or its window changed. */
  refresh(): Promise<void> {
    return this.load(fetchCurrent);
  }
}

async function fetchCurrent(): Promise<ConsultationView | null> {
  const { items } = await call(api.GET('/api/v1/consultations', { params: { query: { limit: 100 } } }));
  const newest = [...items].sort((a, b) => b.opens_at.localeCompare(a.opens_at));
  const chosen = newest.find((item) => item.state === 'open') ?? newest.find((item) => item.state !== 'draft');
  if (!chosen) return null;
  return call(api.GET('/api/v1/consultations/{slug}', { params: { path: { slug: chosen.slug } } }));
}

export const consultation = new CurrentConsultation();
