import { api, call } from '$api/client';
import { Resource } from '$api/resource.svelte';
import type {
  AssigneesView,
  Channel,
  DeskSummary,
  DeskSummaryView,
  PageDeskSummary as DeskPage,
  ProposalState,
} from '$api/schema';

import type { DecisionForm } from './decision';

export const filterNames = ['text', 'axis', 'territory', 'channel', 'state', 'assigned', 'attention'] as const;

export type Filters = Record<(typeof filterNames)[number] | 'cursor', string>;

const KEYS = 'tachawor.desk-keys.1';

/** What the list and the reading pane share: the queue, how far the committee is, and what was typed but not sent. */
class Desk {
  queue = new Resource<DeskPage>();
  summary = new Resource<DeskSummaryView>();
  colleagues = new Resource<AssigneesView>();
  /** What happened last, said to everybody. */
  said = $state('');
  /** Decisions being written, by reference: leaving a proposal and coming back loses nothing. */
  typed = new Map<string, DecisionForm>();

  /** Whether single keys do something: whoever speaks to the computer, or leans on the keys, can switch them off. */
  #keys = $state(true);
  get keys() {
    return this.#keys;
  }
  set keys(on: boolean) {
    this.#keys = on;
    try {
      localStorage.setItem(KEYS, on ? 'on' : 'off');
    } catch {
      // a device that keeps nothing: the choice lasts as long as the page
    }
  }
  readKeys(): void {
    try {
      this.#keys = localStorage.getItem(KEYS) !== 'off';
    } catch {
      // as above
    }
  }

  load(slug: string, filters: Filters): void {
    const { text, axis, territory, channel, state, assigned, attention, cursor } = filters;
    const query = {
      consultation: slug,
      text: text || undefined,
      axis: axis || undefined,
      territory: territory || undefined,
      channel: (channel || undefined) as Channel | undefined,
      state: (state || undefined) as ProposalState | undefined,
      assigned: (assigned || undefined) as 'me' | 'none' | undefined,
      // in whatever state they are, unless one is asked for too
      withhold_requested: attention === 'withhold_requested' || undefined,
      appealed: attention === 'appealed' || undefined,
      personal_data: attention === 'personal_data' || undefined,
      suspicious: attention === 'suspicious' || undefined,
      copies: attention === 'copies' || undefined,
      cursor: cursor || undefined,
      limit: 50,
    };
    void this.queue.load(() => call(api.GET('/api/v1/desk/queue', { params: { query } })));
  }

  summarise(slug: string): void {
    const query = { consultation: slug };
    void this.summary.load(() => call(api.GET('/api/v1/desk/summary', { params: { query } })));
  }

  needColleagues(): void {
    if (this.colleagues.value === undefined && !this.colleagues.loading)
      void this.colleagues.load(() => call(api.GET('/api/v1/desk/assignees')));
  }

  /** After a decision: the numbers and the list are no longer true. */
  refresh(): void {
    void this.queue.reload();
    void this.summary.reload();
  }

  /** Somebody else signed in. */
  forget(): void {
    this.typed.clear();
    this.said = '';
    this.queue.value = undefined;
    this.summary.value = undefined;
  }

  /** The one to read after `reference`: the next in the list, else the first that is left. */
  after(reference: string): DeskSummary | undefined {
    const items = this.queue.value?.items ?? [];
    const index = items.findIndex((item) => item.reference === reference);
    return items[index + 1] ?? items.find((item) => item.reference !== reference);
  }
}

export const desk = new Desk();
