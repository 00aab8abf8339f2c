import { canonicalJson, sha256, type Digest } from './canonical.js';

/** One link: its hash covers its content and the hash before it, so that no entry can be changed, dropped or moved. */
export interface ChainLink {
  readonly previousHash: Digest;
  readonly hash: Digest;
}

/** The hash before the first entry. */
export const CHAIN_START: Digest = '0'.repeat(64);

export function chainHash(previousHash: Digest, content: unknown): Digest {
  return sha256(`${previousHash}\n${canonicalJson(content)}`);
}

/**
 * @param contentOf the part of an entry that its hash covers
 * @returns the index of the first entry that does not fit, or -1
 */
export function firstBrokenLink<T extends ChainLink>(entries: readonly T[], contentOf: (entry: T) => unknown): number {
  let previous = CHAIN_START;
  for (const [index, entry] of entries.entries()) {
    if (entry.previousHash !== previous || entry.hash !== chainHash(previous, contentOf(entry))) return index;
    previous = entry.hash;
  }
  return -1;
}
