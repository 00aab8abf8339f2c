import { UnknownSchemeError } from '../errors.js';
import type { Scheme } from '../scheme.js';
import { clear, ibsiReporting, tripodAi } from './checklists.js';
import { metrics } from './metrics.js';
import { rqs1, rqs2 } from './rqs.js';

/** Every scheme that can be answered, by id. */
export const schemes: Readonly<Record<string, Scheme>> = {
  rqs1,
  rqs2,
  metrics,
  clear,
  'tripod-ai': tripodAi,
  'ibsi-reporting': ibsiReporting,
};

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
