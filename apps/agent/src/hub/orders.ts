import {
  isDigest,
  isSumsKind,
  MINIMUM_SUMS_SITES,
  parseProtocol,
  protocolDigest,
  SUMS_KINDS,
  TABLE_KINDS,
  type ReleaseKind,
  type Sharing,
  type SiteOrders,
  type StudyProtocol,
} from '@concord/contracts';

import { AgentError, type Problem } from '../agent-errors.js';

const ORDER_FIELDS = [
  'format',
  'studyId',
  'site',
  'protocol',
  'protocolDigest',
  'wanted',
  'received',
  'isFinished',
  'pooledDigest',
];
const KINDS: readonly string[] = [...TABLE_KINDS, ...SUMS_KINDS];

/**
 * Takes the hub's orders apart and believes nothing that was not agreed: the site's own study, a protocol whose digest
 * it computes itself, and only the kinds of table it knows. A hub cannot ask for a column: those are the protocol's.
 *
 * @param value the reply's JSON, its signature already checked
 * @throws {AgentError} ORDERS_REFUSED naming what was asked too much
 */
export function parseOrders(value: unknown, own: { readonly studyId: string; readonly site: string }): SiteOrders {
  const orders = recordOf(value, 'orders');
  const unknown = Object.keys(orders).find((field) => !ORDER_FIELDS.includes(field));
  if (unknown !== undefined) throw refused(`they hold a field "${unknown}" that this agent does not know`);
  if (orders['format'] !== 'concord.orders/1') throw refused('they are of another format');
  if (orders['studyId'] !== own.studyId || orders['site'] !== own.site)
    throw refused('they are for another site or study');
  const protocol = protocolOf(orders, own);
  const digest = orders['protocolDigest'] as string | null;
  return {
    format: 'concord.orders/1',
    ...own,
    protocol,
    protocolDigest: digest,
    wanted: listOf(orders['wanted'], 'wanted').map((item) => wantedOf(item, protocol, own.site)),
    received: listOf(orders['received'], 'received').map(receiptOf),
    isFinished: orders['isFinished'] === true,
    ...pooledOf(orders['pooledDigest']),
  };
}

/** What a site shares: of the protocol and its own setting the stricter. */
export function sharingOf(protocol: StudyProtocol, own: Sharing | null): Sharing {
  return own === 'sums' || protocol.sharing === 'sums' ? 'sums' : 'vectors';
}

/**
 * The orders as a site that shares sums follows them: in place of the rows of its features it sends the sums that
 * harmonisation needs of them; other rows it does not send. A site that shares vectors follows them as they are.
 */
export function ordersUnder(orders: SiteOrders, own: Sharing | null): SiteOrders {
  const { protocol, site } = orders;
  if (protocol === null || sharingOf(protocol, own) === 'vectors') return orders;
  if (sumsObstacle(protocol, site) !== null) return { ...orders, wanted: [] };
  const isWanted = orders.wanted.some(({ kind }) => kind !== 'outcomes');
  return { ...orders, wanted: isWanted ? [{ kind: 'harmonization-sums', lockDigest: null }] : [] };
}

/** Why nothing can leave a site that shares sums only, or null. */
export function sumsObstacle(protocol: StudyProtocol, site: string): Problem | null {
  const development = protocol.sites.filter(({ role }) => role === 'development').length;
  if (protocol.sites.find(({ code }) => code === site)?.role !== 'development') {
    return {
      code: 'SUMS_NOT_USABLE',
      what: 'this site validates, which needs a row a patient; it shares sums only, so nothing leaves',
      where: 'CONCORD_AGENT_SHARING or the protocol',
      fix: 'Tell the coordinator; only this site can decide to share vectors instead.',
    };
  }
  if (development >= MINIMUM_SUMS_SITES) return null;
  return {
    code: 'SUMS_NOT_USABLE',
    what: `sums of ${development} development sites hide no site from the others; ${MINIMUM_SUMS_SITES} are needed`,
    where: 'protocol, sites',
    fix: 'Ask the coordinator for a study with more development sites.',
  };
}

function pooledOf(digest: unknown): { pooledDigest?: string } {
  if (digest === undefined) return {};
  if (typeof digest !== 'string' || !isDigest(digest)) throw refused('they name a pooled fit by what is no digest');
  return { pooledDigest: digest };
}

function protocolOf(orders: Record<string, unknown>, own: { studyId: string; site: string }): StudyProtocol | null {
  const digest = orders['protocolDigest'] ?? null;
  if (orders['protocol'] === null || orders['protocol'] === undefined) {
    if (digest !== null) throw refused('they name a digest without its protocol');
    return null;
  }
  let protocol: StudyProtocol;
  try {
    protocol = parseProtocol(orders['protocol']);
  } catch (error) {
    throw refused('their protocol is not a valid one', error);
  }
  if (protocolDigest(protocol) !== digest) throw refused('their protocol is not the one that its digest names');
  if (protocol.studyId !== own.studyId) throw refused('their protocol is of another study');
  if (!protocol.sites.some((site) => site.code === own.site)) throw refused('their protocol does not name this site');
  return protocol;
}

function wantedOf(item: unknown, protocol: StudyProtocol | null, site: string): SiteOrders['wanted'][number] {
  const { kind, lockDigest = null, ...rest } = recordOf(item, 'wanted');
  if (protocol === null) throw refused('they want data before there is a protocol');
  if (typeof kind !== 'string' || !KINDS.includes(kind))
    throw refused('they want a kind of table that no protocol has');
  if (Object.keys(rest).length > 0) throw refused('they want more than a kind of table');
  if (lockDigest !== null && (typeof lockDigest !== 'string' || !isDigest(lockDigest))) {
    throw refused('they name a lock that is no digest');
  }
  const role = protocol.sites.find(({ code }) => code === site)?.role;
  const isOfSums = protocol.sharing === 'sums';
  if (isOfSums !== isSumsKind(kind as ReleaseKind)) {
    throw refused(`they want what the protocol does not let out: ${isOfSums ? 'rows of patients' : 'sums'}`);
  }
  if (kind === 'outcomes' && role === 'externalValidation' && lockDigest === null) {
    throw refused('they want the outcomes of a validation site before the model is locked');
  }
  return { kind: kind as ReleaseKind, lockDigest };
}

function receiptOf(item: unknown): SiteOrders['received'][number] {
  const { sequence, kind, tableDigest, messageDigest } = recordOf(item, 'received');
  const isReceipt =
    typeof sequence === 'number' &&
    Number.isSafeInteger(sequence) &&
    typeof kind === 'string' &&
    KINDS.includes(kind) &&
    typeof tableDigest === 'string' &&
    isDigest(tableDigest) &&
    typeof messageDigest === 'string' &&
    isDigest(messageDigest);
  if (!isReceipt) throw refused('they hold a receipt that is none');
  return { sequence, kind: kind as ReleaseKind, tableDigest, messageDigest };
}

function recordOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refused(`${name} is not an object`);
}

function listOf(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw refused(`${name} is not a list`);
}

function refused(why: string, cause?: unknown): AgentError {
  return new AgentError(
    'ORDERS_REFUSED',
    `the hub's orders are not followed: ${why}`,
    'orders of the hub',
    'Nothing leaves under them. Ask the coordinator what was changed.',
    { cause },
  );
}
