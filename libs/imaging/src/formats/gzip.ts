import { gunzipSync, constants } from 'node:zlib';
import { ImagingError } from '../imaging-error.js';

const MAX_UNPACKED_BYTES = 2 ** 32;
/** Deflate cannot do better: 258 bytes in two bits. */
const MAX_DEFLATE_RATIO = 1032;
/** Masks of large images do pack a thousandfold, but no image of this size does. */
const SUSPECT_BYTES = 2 ** 29;
const MAX_SUSPECT_RATIO = 250;
/** Programs may write a little after the voxels. */
const SLACK_BYTES = 2 ** 20;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The first bytes that a gzip stream unpacks to: at least `count`, unless it ends before. Little more of the stream is
 * unpacked than that takes.
 *
 * @throws {ImagingError} `CORRUPT`
 */
export function gunzipHead(packed: Uint8Array, count: number, where: string): Uint8Array {
  for (let taken = 4096; ; taken *= 4) {
    const head = unpack(packed.subarray(0, taken), where, { finishFlush: constants.Z_SYNC_FLUSH });
    if (head.length >= count || taken >= packed.length) return head;
  }
}

/**
 * Unpacks a gzip stream of a size known beforehand.
 *
 * @param claimedBytes what the header says there is; a little more may follow
 * @throws {ImagingError} `TRUNCATED` if the stream cannot hold that much or ends early, `TOO_LARGE` if the claim is over
 *   4 GiB or a bomb's (over 512 MiB, packed over 250 to 1), `CORRUPT` if the stream is broken or holds far more
 */
export function gunzipClaimed(packed: Uint8Array, claimedBytes: number, where: string): Uint8Array {
  if (claimedBytes > MAX_UNPACKED_BYTES) throw tooLarge('it claims to unpack to over 4 GiB', where);
  if (claimedBytes > (packed.length + 64) * MAX_DEFLATE_RATIO) throw truncatedFile(where);
  if (claimedBytes > SUSPECT_BYTES && claimedBytes > packed.length * MAX_SUSPECT_RATIO) {
    throw tooLarge('it claims to unpack to over 512 MiB from less than a 250th of that', where);
  }
  // One chunk for all: nothing is joined. A byte more, so that no second chunk is made for nothing.
  const unpacked = unpack(packed, where, {
    chunkSize: Math.max(64, claimedBytes + 1),
    maxOutputLength: claimedBytes + SLACK_BYTES,
  });
  if (unpacked.length < claimedBytes) throw truncatedFile(where);
  return unpacked;
}

function unpack(packed: Uint8Array, where: string, options: Parameters<typeof gunzipSync>[1]): Uint8Array {
  try {
    return gunzipSync(packed, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw truncatedFile(where);
    const what =
      code === 'ERR_BUFFER_TOO_LARGE' ? 'it unpacks to far more than its header says' : 'the gzip stream is broken';
    throw new ImagingError('CORRUPT', what, where, 'Copy or write the file again.', { cause: error });
  }
}

export function truncatedFile(where: string): ImagingError {
  return new ImagingError(
    'TRUNCATED',
    'the file ends before its voxels do',
    where,
    'Copy the file again; it is incomplete.',
  );
}

function tooLarge(what: string, where: string): ImagingError {
  return new ImagingError('TOO_LARGE', what, where, 'Crop the image, or save its voxels in fewer bytes.');
}
