import { z } from 'zod';

import { digestOf, type Digest } from './canonical.js';
import { ContractError } from './contract-errors.js';
import type { ChainLink } from './hash-chain.js';

/** A row of the audit log as it leaves the hub. */
export interface AuditRecord extends ChainLink {
  readonly chain: string;
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: Record<string, unknown>;
}

/**
 * A study's records in one folder: `bundle.json` (this) beside `objects/DIGEST` (tables, models, reports). Anyone can
 * check it without an account; nothing in it needs the hub.
 */
export interface BundleManifest {
  readonly format: 'concord.bundle/1';
  readonly studyId: string;
  readonly protocol: unknown;
  readonly protocolDigest: Digest;
  /** Ed25519 public key of the hub, base64url. */
  readonly hubSignKey: string;
  /** The hub's signature over all else in here (`bundleDigest`), base64url. */
  readonly hubSignature: string;
  readonly sites: readonly { readonly code: string; readonly signKey: string }[];
  readonly releases: readonly BundleRelease[];
  readonly steps: readonly BundleStep[];
  readonly lock: { readonly digest: Digest; readonly lockedAt: string } | null;
  readonly audit: readonly AuditRecord[];
}

export interface BundleRelease {
  readonly site: string;
  readonly sequence: number;
  readonly kind: string;
  readonly tableDigest: Digest;
  /** The signed header and its signature, base64url. */
  readonly header: string;
  readonly signature: string;
}

export interface BundleStep {
  readonly name: string;
  readonly kind: string;
  readonly site: string | null;
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly inputDigest: Digest;
  readonly outputs: Readonly<Record<string, Digest>>;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256');
const text = z.string();
const base64url = text.refine(
  (value) => Buffer.from(value, 'base64url').toString('base64url') === value,
  'not Base64 for addresses, in its one spelling',
);
const digests = z.record(text, digest);

const bundleSchema = z.strictObject({
  format: z.literal('concord.bundle/1'),
  studyId: text,
  protocol: z.unknown(),
  protocolDigest: digest,
  hubSignKey: base64url,
  hubSignature: base64url,
  sites: z.array(z.strictObject({ code: text, signKey: base64url })),
  releases: z.array(
    z.strictObject({
      site: text,
      sequence: z.int().min(1),
      kind: text,
      tableDigest: digest,
      header: base64url,
      signature: base64url,
    }),
  ),
  steps: z.array(
    z.strictObject({
      name: text,
      kind: text,
      site: text.nullable(),
      inputs: digests,
      inputDigest: digest,
      outputs: digests,
    }),
  ),
  lock: z.strictObject({ digest, lockedAt: text }).nullable(),
  audit: z.array(
    z.strictObject({
      chain: text,
      sequence: z.int(),
      at: text,
      actor: text,
      action: text,
      subject: text,
      details: z.record(text, z.unknown()),
      previousHash: digest,
      hash: digest,
    }),
  ),
});

/**
 * Takes a bundle's JSON for what it is, or not; whether it is true is for `verifyBundle` to say.
 *
 * @throws {ContractError} BUNDLE_INVALID naming the fields that are missing, too many or of another shape
 */
export function parseBundle(value: unknown): BundleManifest {
  const result = bundleSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'bundle'}: ${issue.message}`);
  throw new ContractError(
    'BUNDLE_INVALID',
    `this is not a bundle as a hub writes it: ${problems.join('; ')}`,
    'bundle.json',
    'Fetch the bundle again; it was changed or cut.',
  );
}

/** What the hub signs: the digest of the whole manifest but the signature itself. */
export function bundleDigest(manifest: Omit<BundleManifest, 'hubSignature'>): Digest {
  return digestOf({ ...manifest, hubSignature: undefined });
}
