import type { Principal } from '../auth/principal.js';
import { HubError } from '../errors/hub-error.js';

/** A person who speaks for an institution. */
export interface Institutional {
  readonly name: string;
  readonly institution: string;
}

/** @throws {HubError} INSTITUTION_UNKNOWN: nobody could tell whether a reviewer is independent */
export function institutionalOf({ name, institution }: Principal): Institutional {
  if (institution !== null) return { name, institution };
  const fix = 'Ask the coordinator for a token of your own (`issueToken`), with your name and institution.';
  throw new HubError('INSTITUTION_UNKNOWN', `the token of ${name} names no institution`, 'token', fix);
}
