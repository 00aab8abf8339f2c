import { z } from 'zod';

import { canonicalJson, digestOf, type Digest } from './canonical.js';
import { ContractError } from './contract-errors.js';
import { isSignedBy, signBytes, type KeyPair } from './keys.js';

const count = z.int().min(0).max(1_000_000);

/** What the hub reads of a certificate; whatever else the engine writes into it is kept with it. */
const certificateSchema = z.looseObject({
  format: z.literal('concord.conformance/1'),
  concordVersion: z.string().min(1).max(50),
  /** Whether every computed value agrees with its reference. */
  holds: z.boolean(),
  families: z.array(z.looseObject({ family: z.string().max(100), holding: count, checked: count })).max(200),
});

/** The outcome of the reference cases on a site's own machine (`concord conformance`). */
export type Certificate = z.infer<typeof certificateSchema>;

const signedSchema = z.strictObject({
  format: z.literal('concord.signed-certificate/1'),
  certificate: certificateSchema,
  /** Ed25519 by the site's key over the certificate's canonical JSON, base64url. */
  signature: z.string().max(100),
});

export type SignedCertificate = z.infer<typeof signedSchema>;

/** A site's certificate, with the site's signature: it can be believed without knowing how it came. */
export function signCertificate(certificate: Certificate, siteKeys: KeyPair): SignedCertificate {
  const signature = Buffer.from(signBytes(siteKeys, Buffer.from(canonicalJson(certificate)))).toString('base64url');
  return { format: 'concord.signed-certificate/1', certificate, signature };
}

/** SHA-256 of a certificate as it was signed. */
export function certificateDigest(certificate: Certificate): Digest {
  return digestOf(certificate);
}

/**
 * @param value plain JSON
 * @throws {ContractError} CERTIFICATE_INVALID if it is none, or a reference value is missed; SIGNATURE_INVALID
 */
export function verifyCertificate(value: unknown, siteKey: string): Certificate {
  const where = 'conformance certificate';
  const parsed = signedSchema.safeParse(value);
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new ContractError(
      'CERTIFICATE_INVALID',
      `it cannot be read: ${places}`,
      where,
      'Use an agent of the same version as the hub.',
    );
  }
  const { certificate, signature } = parsed.data;
  if (!isSignedBy(siteKey, Buffer.from(canonicalJson(certificate)), Buffer.from(signature, 'base64url'))) {
    throw new ContractError(
      'SIGNATURE_INVALID',
      'the certificate is not signed by the site that sends it',
      where,
      'Start the agent again: it makes a new one.',
    );
  }
  const missed = certificate.families.filter(({ holding, checked }) => holding !== checked);
  const checkedCount = certificate.families.reduce((sum, { checked }) => sum + checked, 0);
  if (!certificate.holds || missed.length > 0 || checkedCount === 0) {
    const names = missed.map(({ family, holding, checked }) => `${family} ${holding} of ${checked}`).join(', ');
    throw new ContractError(
      'CERTIFICATE_INVALID',
      checkedCount === 0 ? 'no value was checked' : `reference values are missed: ${names || 'it says so itself'}`,
      where,
      'Install this version of Concord again; if the reference values are still missed, report the machine it runs on.',
    );
  }
  return certificate;
}
