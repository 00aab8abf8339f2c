import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

import { ContractError } from './contract-errors.js';

/** Raw keys of 32 bytes, base64url: what is written to files and sent. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

type Curve = 'Ed25519' | 'X25519';

const SEAL_OVERHEAD_BYTES = 48;
const RAW_KEY_BYTES = 32;
const TAG_BYTES = 16;

/** Ed25519, for a site's or the hub's signature. */
export function makeSigningKeys(): KeyPair {
  return rawPair(generateKeyPairSync('ed25519'));
}

/** X25519, for sealing to the hub. */
export function makeSealingKeys(): KeyPair {
  return rawPair(generateKeyPairSync('x25519'));
}

/** @returns the signature, 64 bytes */
export function signBytes(keys: KeyPair, bytes: Uint8Array): Uint8Array {
  return sign(null, bytes, privateKeyOf('Ed25519', keys));
}

export function isSignedBy(publicKey: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, bytes, publicKeyOf('Ed25519', publicKey), signature);
  } catch {
    return false; // a key or signature that cannot be read has signed nothing
  }
}

/**
 * Seals bytes so that only the holder of the hub's private key reads them, and nobody changes them or the header.
 *
 * @param header authenticated, not hidden
 * @returns ephemeral public key (32 bytes), ciphertext, tag (16 bytes)
 */
export function seal(hubKey: string, plain: Uint8Array, header: Uint8Array): Uint8Array {
  const ephemeral = generateKeyPairSync('x25519');
  const ephemeralKey = Buffer.from(rawPublic(ephemeral.publicKey), 'base64url');
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: publicKeyOf('X25519', hubKey) });
  const cipher = createCipheriv('aes-256-gcm', sealKey(shared, ephemeralKey, hubKey), Buffer.alloc(12), {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(header);
  return Buffer.concat([ephemeralKey, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws {ContractError} SEAL_BROKEN if the bytes or the header were changed, or sealed to another key */
export function openSealed(hubKeys: KeyPair, sealed: Uint8Array, header: Uint8Array): Uint8Array {
  try {
    if (sealed.length < SEAL_OVERHEAD_BYTES) throw new RangeError('too short');
    const ephemeralKey = Buffer.from(sealed.subarray(0, RAW_KEY_BYTES));
    const shared = diffieHellman({
      privateKey: privateKeyOf('X25519', hubKeys),
      publicKey: publicKeyOf('X25519', ephemeralKey.toString('base64url')),
    });
    const decipher = createDecipheriv(
      'aes-256-gcm',
      sealKey(shared, ephemeralKey, hubKeys.publicKey),
      Buffer.alloc(12), // a key is used once, so the nonce may be constant
      { authTagLength: TAG_BYTES },
    );
    decipher.setAAD(header);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const body = sealed.subarray(RAW_KEY_BYTES, sealed.length - TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (error) {
    throw new ContractError(
      'SEAL_BROKEN',
      'the sealed table cannot be opened',
      'message body',
      'It was changed on the way or sealed to another hub key: join again if the hub has new keys, then send again.',
      { cause: error },
    );
  }
}

function sealKey(shared: Buffer, ephemeralKey: Buffer, hubKey: string): Uint8Array {
  const salt = Buffer.concat([ephemeralKey, Buffer.from(hubKey, 'base64url')]);
  return new Uint8Array(hkdfSync('sha256', shared, salt, 'concord/seal/1', 32));
}

function rawPair(pair: { publicKey: KeyObject; privateKey: KeyObject }): KeyPair {
  const { d } = pair.privateKey.export({ format: 'jwk' });
  return { publicKey: rawPublic(pair.publicKey), privateKey: d ?? '' };
}

function rawPublic(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x ?? '';
}

function publicKeyOf(curve: Curve, x: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x }, format: 'jwk' });
}

function privateKeyOf(curve: Curve, keys: KeyPair): KeyObject {
  return createPrivateKey({ key: { kty: 'OKP', crv: curve, x: keys.publicKey, d: keys.privateKey }, format: 'jwk' });
}
