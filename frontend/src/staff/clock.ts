import { TIME_ZONE } from '$i18n/dates';

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: TIME_ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** An instant as the region's clocks show it, for a `datetime-local` control: 2026-11-02T09:00. */
export function toLocal(instant: string): string {
  const found = Object.fromEntries(parts.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return `${found.year}-${found.month}-${found.day}T${found.hour}:${found.minute}`;
}

/** The instant at which the region's clocks show `local`; null when it is none. */
export function fromLocal(local: string): string | null {
  const wanted = Date.parse(`${local.slice(0, 16)}Z`);
  if (Number.isNaN(wanted)) return null;
  // the offset at the instant is only known once the instant is: two rounds settle it, also around Ramadan
  let instant = wanted;
  for (let round = 0; round < 2; round++) {
    const offset = Date.parse(`${toLocal(new Date(instant).toISOString())}Z`) - instant;
    instant = wanted - offset;
  }
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

/** The day after a day: 2026-12-31 is followed by 2027-01-01. */
export function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00Z`);
  if (Number.isNaN(next.getTime())) return day;
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}
