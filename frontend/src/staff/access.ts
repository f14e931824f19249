import type { Role } from '$api/schema';

/** The pages behind the sign-in and who may open them; the server decides, this only spares a closed door. */
export const access = {
  desk: ['moderator', 'coordinator'],
  drafts: ['moderator', 'coordinator', 'analyst'],
  analysis: ['analyst', 'coordinator'],
  administration: ['administrator'],
  consultation: ['administrator', 'coordinator'],
  imports: ['coordinator'],
  exports: ['administrator', 'coordinator'],
  audit: ['coordinator'],
} as const satisfies Record<string, readonly Role[]>;

export type StaffPageName = keyof typeof access;

export const mayOpen = (role: Role | undefined, name: StaffPageName): boolean =>
  (access[name] as readonly (Role | undefined)[]).includes(role);

/** Where each role's work begins. */
export const homeOf = (role: Role): 'desk' | 'analysis' | 'administration' =>
  role === 'analyst' ? 'analysis' : role === 'administrator' ? 'administration' : 'desk';

/** Writing drafts is the committee's. */
export const mayWriteDrafts = (role: Role | undefined): boolean => role === 'moderator' || role === 'coordinator';

/** Only a page of ours: an address that came in a link must not lead elsewhere. */
export const localPath = (path: string | null): string | null =>
  path && /^\/(ar|fr)\/(?!\/)[\w\-./?=&%+:]*$/.test(path) && !path.includes('//') ? path : null;
