import type { EventView } from '$api/schema';
import type { I18n } from '$i18n';

/** The words of a reason code, whichever list it is from; a reason that is no code is already words. */
export function reasonText(i: I18n, reason: string | null | undefined): string | null {
  if (!reason) return null;
  const known: Record<string, string> = { ...i.common.refusalReason, ...i.common.withholdReason };
  return known[reason] ?? reason;
}

const decisions: EventView['edge'][] = ['retain', 'merge', 'redirect', 'refuse', 'withhold'];

/** The decision that stands; none while the proposal waits to be read, for the first time or again. */
export function standingDecision<Event extends Pick<EventView, 'edge' | 'to'>>(
  history: readonly Event[],
): Event | undefined {
  const last = history[history.length - 1];
  if (!last || last.to === 'submitted' || last.to === 'clarification_requested') return undefined;
  return history.findLast((event) => decisions.includes(event.edge));
}
