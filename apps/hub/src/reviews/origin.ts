import type { AuditRecord, Digest } from '@concord/contracts';

/** Where a record comes from: enough to find it without asking anybody. */
export interface Origin {
  /** `step validate`, `release of site-b`, `lock`, `protocol`, `statement`. */
  readonly what: string;
  readonly at: Date;
  /** The site that signed it; null for what the hub made. */
  readonly site: string | null;
  /** Ed25519 signature of that site, Base64 for addresses; null for what the hub made. */
  readonly signature: string | null;
  /** The entry of the audit log that names it; null if none does. */
  readonly auditSequence: number | null;
  /** Whether `/objects/DIGEST` hands it out. */
  readonly isObject: boolean;
}

interface StudyRows {
  readonly protocolDigest: string | null;
  readonly frozenAt: Date | null;
  readonly lock: { readonly digest: string; readonly lockedAt: Date } | null;
  readonly releases: readonly {
    readonly siteCode: string;
    readonly kind: string;
    readonly tableDigest: string;
    readonly signature: Uint8Array;
    readonly receivedAt: Date;
  }[];
  readonly steps: readonly {
    readonly name: string;
    readonly finishedAt: Date | null;
    readonly outputs: Readonly<Record<string, Digest>>;
  }[];
  readonly entries: readonly AuditRecord[];
}

/** Every record of a study by its digest; what comes later in here says more of it, and wins. */
export function originsOf({
  protocolDigest,
  frozenAt,
  lock,
  releases,
  steps,
  entries,
}: StudyRows): Map<Digest, Origin> {
  const origins = new Map<Digest, Origin>();
  const hub = { site: null, signature: null, isObject: true };
  const logged = entries.map(({ sequence, details }) => ({ sequence, text: JSON.stringify(details) }));
  const sequenceOf = (digest: Digest) => logged.find(({ text }) => text.includes(digest))?.sequence ?? null;
  const add = (digest: Digest, origin: Omit<Origin, 'auditSequence'>, auditSequence = sequenceOf(digest)) =>
    origins.set(digest, { ...origin, auditSequence });
  for (const { hash, subject, action, at, sequence } of entries) {
    add(hash, { ...hub, isObject: false, what: `${action} ${subject}`, at: new Date(at) }, sequence);
  }
  for (const { name, finishedAt, outputs } of steps) {
    for (const digest of Object.values(outputs)) {
      if (finishedAt !== null) add(digest, { ...hub, what: `step ${name}`, at: finishedAt });
    }
  }
  for (const { siteCode: site, kind, tableDigest, signature, receivedAt: at } of releases) {
    const signed = Buffer.from(signature).toString('base64url');
    add(tableDigest, { what: `${kind} released by ${site}`, at, site, signature: signed, isObject: true });
  }
  if (lock !== null) {
    const entry = entries.find(({ action }) => action === 'model.locked');
    add(lock.digest, { ...hub, what: 'lock of model, harmonization and cut-off', at: lock.lockedAt }, entry?.sequence);
  }
  if (protocolDigest !== null && frozenAt !== null) {
    add(protocolDigest, { ...hub, isObject: false, what: 'frozen protocol', at: frozenAt });
  }
  return origins;
}
