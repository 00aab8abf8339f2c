import { ContractError, type Digest } from '@concord/contracts';

/** A chunk that does not follow what is there; tells where to go on. */
export class UploadOffsetError extends ContractError {
  constructor(
    digest: Digest,
    readonly receivedByteCount: number,
  ) {
    super(
      'UPLOAD_OFFSET',
      `the hub has ${receivedByteCount} bytes of this message`,
      `upload ${digest}`,
      `Go on at offset ${receivedByteCount}.`,
    );
  }
}
