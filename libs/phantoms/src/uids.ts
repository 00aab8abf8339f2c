import { createHash } from 'node:crypto';

/** UID of the program that writes phantoms: `2.25.` and the UUID 9f0c0a5e-4f0b-4a57-8f86-6c1f0d6b7a01, decimal. */
export const IMPLEMENTATION_UID = `2.25.${BigInt('0x9f0c0a5e4f0b4a578f866c1f0d6b7a01')}`;

/**
 * A UID of one purpose, always the same for the same seed: `2.25.` and 128 bits of a SHA-256 in decimal.
 *
 * @see DICOM PS3.5 annex B.2
 */
export function phantomUid(seed: number, ...purpose: readonly (string | number)[]): string {
  const digest = createHash('sha256')
    .update(['concord.phantoms/uid', seed, ...purpose].join('/'))
    .digest('hex');
  return `2.25.${BigInt(`0x${digest.slice(0, 32)}`)}`;
}
