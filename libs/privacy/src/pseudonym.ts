import { createHmac } from 'node:crypto';

import { InvalidKeyError } from './privacy-errors.js';

const KEY_BYTES = 32;
const PSEUDONYM_HEX_DIGITS = 20;

/**
 * The name of a patient in a study: HMAC-SHA-256 by a key that never leaves the site, cut to 80 bits in lower-case hex
 * (20 digits; two of a million patients meet with a chance of 4e-13). The same patient has unrelated names in two
 * studies, and without the key nobody can try all record numbers.
 *
 * @param key 32 random bytes or more
 * @throws {InvalidKeyError} if the key is shorter, or an id is empty
 */
export function pseudonym(key: Uint8Array, studyId: string, patientId: string): string {
  if (key.length < KEY_BYTES) {
    throw new InvalidKeyError(
      `the pseudonym key has ${key.length} bytes, not ${KEY_BYTES} or more`,
      'pseudonym key',
      'Use the key file that the agent made, unchanged.',
    );
  }
  if (studyId === '' || patientId === '') {
    throw new InvalidKeyError('an id is empty', 'pseudonym(key, studyId, patientId)', 'Leave rows without an id out.');
  }
  // Lengths first: no two pairs of ids give the same text.
  const text = `concord-pseudonym/1\n${studyId.length}:${studyId}\n${patientId.length}:${patientId}`;
  return createHmac('sha256', key).update(text, 'utf8').digest('hex').slice(0, PSEUDONYM_HEX_DIGITS);
}

export function isPseudonym(text: string): boolean {
  return text.length === PSEUDONYM_HEX_DIGITS && /^[0-9a-f]+$/.test(text);
}
