/** The parts of a study, each with an address that can be sent. */
export const STUDY_PARTS = ['overview', 'validation', 'scanner-effect', 'quality', 'audit', 'protocol'] as const;
export type StudyPart = (typeof STUDY_PARTS)[number];

export type Route =
  | { readonly page: 'studies' }
  | { readonly page: 'study'; readonly id: string; readonly part: StudyPart }
  | { readonly page: 'unknown' };

/** @param path of an address, as `location.pathname` gives it */
export function routeOf(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.length === 0 || (parts.length === 1 && parts[0] === 'studies')) return { page: 'studies' };
  const [first, id = '', part = 'overview'] = parts;
  const isPart = (STUDY_PARTS as readonly string[]).includes(part) && !(parts.length === 3 && part === 'overview');
  if (first !== 'studies' || parts.length > 3 || !isPart) return { page: 'unknown' };
  return /^[a-z0-9-]+$/.test(id) ? { page: 'study', id, part: part as StudyPart } : { page: 'unknown' };
}

export function studyPath(id: string, part: StudyPart = 'overview'): string {
  return `/studies/${encodeURIComponent(id)}${part === 'overview' ? '' : `/${part}`}`;
}

/** `#token=…`, as the hub prints it at the first start; null if there is none. */
export function tokenInHash(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token === null || token.trim() === '' ? null : token.trim();
}
