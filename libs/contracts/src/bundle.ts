import {
  bundleDigest,
  type AuditRecord,
  type BundleManifest,
  type BundleRelease,
  type BundleStep,
} from './bundle-manifest.js';
import { canonicalJson, digestOf, sha256, type Digest } from './canonical.js';
import { firstBrokenLink } from './hash-chain.js';
import { isSignedBy } from './keys.js';
import type { MessageHeader } from './message.js';
import { parseProtocol, protocolDigest } from './protocol.js';

/** Something that does not fit: where, and what was found. */
export interface BundleProblem {
  readonly where: string;
  readonly what: string;
}

export interface BundleCheck {
  readonly problems: readonly BundleProblem[];
  readonly objectCount: number;
  readonly signatureCount: number;
  readonly auditEntryCount: number;
}

/** Reads an object of the bundle; null if it is not there. */
export type ReadObject = (digest: Digest) => Promise<Uint8Array | null>;

/** The content of an audit row that its hash covers. */
export function auditContent(entry: AuditRecord): Omit<AuditRecord, 'hash' | 'previousHash'> {
  const { chain, sequence, at, actor, action, subject, details } = entry;
  return { chain, sequence, at, actor, action, subject, details };
}

/** Objects of a bundle and what each is, for people: `features table of site-b`. */
export function bundleObjects(manifest: BundleManifest): Map<Digest, string> {
  const objects = new Map<Digest, string>();
  for (const release of manifest.releases) objects.set(release.tableDigest, `${release.kind} table of ${release.site}`);
  for (const step of manifest.steps) {
    for (const [role, digest] of Object.entries(step.outputs)) {
      if (!objects.has(digest)) objects.set(digest, `${role} of step ${step.name}`);
    }
  }
  return objects;
}

/**
 * Checks a bundle: every object against its name, every release against the site's signature, every step against its
 * inputs, the audit log link by link, and all of it against the hub's signature. Finds a change of one byte and names
 * its place.
 */
export async function checkBundle(manifest: BundleManifest, readObject: ReadObject): Promise<BundleCheck> {
  const objects = bundleObjects(manifest);
  const problems = [
    ...(await objectProblems(objects, readObject)),
    ...protocolProblems(manifest),
    ...manifest.releases.flatMap((release) => releaseProblems(manifest, release)),
    ...manifest.steps.flatMap((step) => stepProblems(manifest, step)),
    ...auditProblems(manifest),
    ...signatureProblems(manifest),
  ];
  return {
    problems,
    objectCount: objects.size,
    signatureCount: manifest.releases.length + 1,
    auditEntryCount: manifest.audit.length,
  };
}

async function objectProblems(objects: Map<Digest, string>, readObject: ReadObject): Promise<BundleProblem[]> {
  const problems: BundleProblem[] = [];
  for (const [digest, role] of objects) {
    const bytes = await readObject(digest);
    const where = `objects/${digest} (${role})`;
    if (bytes === null) problems.push({ where, what: 'the object is missing' });
    else if (sha256(bytes) !== digest) problems.push({ where, what: 'its content is not what its name says' });
  }
  return problems;
}

function protocolProblems(manifest: BundleManifest): BundleProblem[] {
  const where = 'bundle.json: protocol';
  try {
    const actual = protocolDigest(parseProtocol(manifest.protocol));
    return actual === manifest.protocolDigest ? [] : [{ where, what: 'it is not the protocol that was frozen' }];
  } catch (error) {
    return [{ where, what: error instanceof Error ? error.message : 'it cannot be read' }];
  }
}

function releaseProblems(manifest: BundleManifest, release: BundleRelease): BundleProblem[] {
  const where = `release ${release.sequence} of ${release.site} (${release.kind})`;
  const signKey = manifest.sites.find((site) => site.code === release.site)?.signKey;
  if (signKey === undefined) return [{ where, what: 'the site has no key in the bundle' }];
  const bytes = Buffer.from(release.header, 'base64url');
  if (!isSignedBy(signKey, bytes, Buffer.from(release.signature, 'base64url'))) {
    return [{ where, what: 'the site did not sign this' }];
  }
  const header = JSON.parse(bytes.toString('utf8')) as MessageHeader;
  const claims: [string, unknown, unknown][] = [
    ['table', header.tableDigest, release.tableDigest],
    ['site', header.site, release.site],
    ['kind', header.kind, release.kind],
    ['sequence', header.sequence, release.sequence],
    ['study', header.studyId, manifest.studyId],
    ['protocol', header.protocolDigest, manifest.protocolDigest],
  ];
  return claims
    .filter(([, signed, claimed]) => signed !== claimed)
    .map(([name]) => ({ where, what: `the ${name} is not the one that the site signed` }));
}

function stepProblems(manifest: BundleManifest, step: BundleStep): BundleProblem[] {
  const { kind, site, inputs } = step;
  const where = `step ${step.name}`;
  const problems: BundleProblem[] = [];
  if (digestOf({ kind, site, protocolDigest: manifest.protocolDigest, inputs }) !== step.inputDigest) {
    problems.push({ where, what: 'its inputs are not those that were recorded' });
  }
  const entry = manifest.audit.find((row) => row.action === 'step.done' && row.subject === step.name);
  if (entry === undefined || canonicalJson(entry.details['outputs']) !== canonicalJson(step.outputs)) {
    problems.push({ where, what: 'its outputs are not those in the audit log' });
  }
  return problems;
}

function auditProblems(manifest: BundleManifest): BundleProblem[] {
  const { audit } = manifest;
  const misplaced = audit.findIndex((row, index) => row.sequence !== index + 1 || row.chain !== manifest.studyId);
  if (misplaced >= 0) {
    return [{ where: `audit entry ${misplaced + 1}`, what: 'an entry is missing, doubled or of another study' }];
  }
  const broken = firstBrokenLink(audit, auditContent);
  if (broken >= 0) {
    const { sequence, action } = audit[broken];
    return [{ where: `audit entry ${sequence} (${action})`, what: 'it was changed after it was written' }];
  }
  return [];
}

function signatureProblems(manifest: BundleManifest): BundleProblem[] {
  const { hubSignKey, hubSignature } = manifest;
  return isSignedBy(hubSignKey, Buffer.from(bundleDigest(manifest)), Buffer.from(hubSignature, 'base64url'))
    ? []
    : [{ where: 'bundle.json', what: 'it is not what the hub signed' }];
}
