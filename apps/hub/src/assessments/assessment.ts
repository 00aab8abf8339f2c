import type { Digest } from '@concord/contracts';

/** A quality score of a study, written from the hub's own records. */
export interface Assessment {
  readonly studyId: string;
  /** For example `rqs1`. */
  readonly scheme: string;
  /** Of the whole record, which is an object. */
  readonly recordDigest: Digest;
  readonly provenPoints: number;
  readonly maxPoints: number;
  readonly createdAt: Date;
}
