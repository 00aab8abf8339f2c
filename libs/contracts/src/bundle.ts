import type { AuditRecord, BundleManifest } from './bundle-manifest.js';
import type { Digest } from './canonical.js';

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
