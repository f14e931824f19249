import { api, call } from './client';
import type { AboutView } from './schema';
import { Resource } from './resource.svelte';

/** What this installation says of itself; asked once. */
class About extends Resource<AboutView> {
  need(): void {
    if (this.value === undefined && !this.loading) void this.load(() => call(api.GET('/api/v1/about')));
  }
}

export const about = new About();
