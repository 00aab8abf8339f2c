import { UnknownSchemeError } from '../errors.js';
import type { Scheme } from '../scheme.js';
import { rqs1 } from './rqs1.js';

/** Every scheme that can be scored, by id. */
export const schemes: Readonly<Record<string, Scheme>> = { rqs1 };

/** @throws {UnknownSchemeError} if there is no scheme of this id */
export function findScheme(id: string): Scheme {
  const scheme = Object.hasOwn(schemes, id) ? schemes[id] : undefined;
  if (scheme) return scheme;
  throw new UnknownSchemeError(
    `there is no scheme ${id}`,
    'scheme',
    `Choose one of: ${Object.keys(schemes).join(', ')}.`,
  );
}
