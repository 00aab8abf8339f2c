import type { SchemeItem } from './scheme.js';

const SITES = 'the sites';
const ANALYST = 'the data scientist';
const COORDINATOR = 'the coordinator';
const AUTHOR = 'the author, by a signed statement';

/** Who can supply what an item asks for, where the kind of its evidence does not say. */
const BY_ITEM: Readonly<Record<string, string>> = {
  'rqs1.01': SITES,
  'rqs1.02': 'readers at a site',
  'rqs1.03': 'the physicists of the sites',
  'rqs1.04': SITES,
  'rqs1.12': `${COORDINATOR}, by inviting a site`,
  'rqs1.13': `${ANALYST} and the author`,
  'rqs1.07': `${ANALYST} and the author`,
  'rqs1.16': COORDINATOR,
  'rqs2.02': SITES,
  'rqs2.09': SITES,
  'rqs2.20': COORDINATOR,
  'rqs2.21': `${COORDINATOR}, by inviting a site`,
  'metrics.06': SITES,
  'metrics.12': SITES,
  'metrics.27': `${COORDINATOR}, by inviting a site`,
  'metrics.28': COORDINATOR,
  'metrics.29': COORDINATOR,
  'metrics.30': COORDINATOR,
};

/** @returns who can supply the next point; a reviewer, while a statement waits */
export function supplierOf(item: SchemeItem, isWaiting: boolean): string {
  if (isWaiting) return 'a reviewer';
  const { mode } = item.evidence;
  return BY_ITEM[item.id] ?? (mode === 'human' ? AUTHOR : mode === 'auto' ? ANALYST : `${ANALYST} and the author`);
}
