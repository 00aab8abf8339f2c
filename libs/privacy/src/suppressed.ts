/** Which rule kept something back. */
export type SuppressionCode =
  | 'TOO_FEW_ROWS'
  | 'COLUMN_NOT_IN_PROTOCOL'
  | 'COLUMN_MISSING'
  | 'COLUMN_ORDER'
  | 'COLUMN_KIND'
  | 'PSEUDONYM_INVALID'
  | 'TEXT_NOT_ALLOWED'
  | 'NUMBER_NOT_FINITE'
  | 'NUMBER_IS_DATE'
  | 'DIFFERENCING'
  | 'SUMS_REFUSED';

/**
 * Something that must not leave, with the reason. An outcome to expect, so it is returned and not thrown; no patient's
 * value is in it.
 */
export class Suppressed {
  /**
   * @param code which rule
   * @param where the column or cell it concerns, rows counted from 1
   * @param reason what is wrong, without a full stop
   * @param fix what would mend it
   */
  constructor(
    readonly code: SuppressionCode,
    readonly where: string,
    readonly reason: string,
    readonly fix: string,
  ) {}
}
