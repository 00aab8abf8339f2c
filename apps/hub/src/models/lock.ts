import type { Digest } from '@concord/contracts';

/** Model, threshold and harmonisation of a study, fixed before validation outcomes are opened. */
export interface Lock {
  readonly studyId: string;
  /** Of the record, as bytes of an object. */
  readonly digest: Digest;
  readonly record: object;
  readonly lockedAt: Date;
}
