import { ConcordError } from '@concord/errors';

/** A consortium was asked for that cannot be drawn: no site, too few patients, a code used twice. */
export class InvalidConsortiumError extends ConcordError {
  readonly code = 'PHANTOM_CONSORTIUM_INVALID';
}

/** A site or patient was asked for that the plan does not hold. */
export class NoSuchPhantomError extends ConcordError {
  readonly code = 'PHANTOM_NOT_IN_PLAN';
}

/** A DICOM value cannot be written as its value representation demands. */
export class DicomValueError extends ConcordError {
  readonly code = 'PHANTOM_DICOM_VALUE';
}
