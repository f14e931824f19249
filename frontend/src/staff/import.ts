import { api, call } from '$api/client';
import type { ConsultationView, ImportColumn, ImportView, Mapping } from '$api/schema';
import { placeName } from '$components/names';
import type { I18n } from '$i18n';

/** Our columns in the order of the form, and which of them no row can do without. */
export const columns = [
  'title',
  'problem',
  'solution',
  'axis',
  'territory',
  'submitted_on',
  'channel',
  'language',
  'expected_change',
  'external_id',
  'title_ar',
  'title_fr',
  'populations',
  'age_band',
  'gender',
  'participant_type',
  'residence',
  'organisation',
] as const satisfies readonly ImportColumn[];

const required: readonly ImportColumn[] = columns.slice(0, 8);
export const isRequired = (column: ImportColumn): boolean => required.includes(column);

/** What is the same for a whole meeting may be said once. */
const shared: readonly ImportColumn[] = ['channel', 'language', 'axis', 'territory', 'submitted_on'];
export const mayBeShared = (column: ImportColumn): boolean => shared.includes(column);

/** A mapping of which every part is there. */
export type WholeMapping = Required<Mapping>;

export const whole = ({ columns = {}, values = {}, defaults = {} }: Mapping): WholeMapping => ({
  columns: { ...columns },
  values: Object.fromEntries(Object.entries(values).map(([column, words]) => [column, { ...words }])),
  defaults: { ...defaults },
});

/** Puts a value in its place, or takes it away when there is none. */
export const put = (record: Record<string, string>, key: string, value: string): Record<string, string> =>
  Object.fromEntries([...Object.entries(record).filter(([other]) => other !== key), ...(value ? [[key, value]] : [])]);

/** Which of our columns the file still lacks. */
export const missing = (mapping: WholeMapping): ImportColumn[] =>
  required.filter((column) => !mapping.columns[column] && !mapping.defaults[column]);

/** The codes of a column with their names; none for a column of texts. */
export function codesOf(
  i: I18n,
  consultation: ConsultationView | undefined,
  column: ImportColumn,
): { value: string; label: string }[] {
  const named = (names: Readonly<Record<string, string>>) =>
    Object.entries(names).map(([value, label]) => ({ value, label }));
  const places = (consultation?.territories ?? []).map(({ code, label }) => ({ value: code, label: i.local(label) }));
  const special = (...codes: string[]) =>
    codes.map((code) => ({ value: code, label: placeName(i, consultation, code) }));
  switch (column) {
    case 'axis':
      return (consultation?.axes ?? []).map(({ code, label }) => ({ value: code, label: i.local(label) }));
    case 'territory':
      return [...places, ...special('whole_region')];
    case 'residence':
      return [...places, ...special('outside_region', 'not_stated')];
    case 'channel':
      return named(i.common.channel);
    case 'language':
      return named(i.common.language);
    case 'populations':
      return named(i.common.population);
    case 'age_band':
      return named(i.common.ageBand);
    case 'gender':
      return named(i.common.gender);
    case 'participant_type':
      return named(i.common.participantType);
    default:
      return [];
  }
}

/** Sends a file as it is. It may take as long as the line needs: the server ends what takes too long. */
export const sendFile = (consultation: string, file: Blob): Promise<ImportView> =>
  call(
    api.POST('/api/v1/imports', {
      params: { query: { consultation } },
      // the description of the API says that bytes are a string
      body: file as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
      headers: { 'Content-Type': 'application/octet-stream' },
      fetch: (request) => fetch(request),
    }),
  );
