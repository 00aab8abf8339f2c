/** What must hold before a table of one row a patient may leave a site. Numbers of rows are numbers of patients. */
export interface ReleaseRule {
  /** Stable name, kept in the ledger. */
  readonly name: string;
  /** Fewest rows a table may have. */
  readonly minimumRows: number;
  /** A release must have the members of an earlier one of its kind, or differ from it by at least so many patients. */
  readonly minimumDifference: number;
  /** Columns of text that may leave beside the pseudonym: words about the scanner, nothing a person typed. */
  readonly textColumns: readonly string[];
  /** Longest text in such a column, in characters. */
  readonly maximumTextLength: number;
  /** Significant digits kept of numbers measured on images; null keeps all. Tables that a site made are never rounded. */
  readonly significantDigits: number | null;
}

/**
 * The one table of defaults.
 *
 * `minimumRows` 10 and `minimumDifference` 5 follow the cell counts of other platforms (DataSHIELD 3, OHDSI 5), raised
 * because a row is a patient. Six digits are far below what a scanner repeats and blur what would find a patient again.
 */
export const VECTOR_DEFAULTS: ReleaseRule = {
  name: 'vectors-default',
  minimumRows: 10,
  minimumDifference: 5,
  textColumns: ['modality', 'manufacturer', 'model', 'kernel'],
  maximumTextLength: 40,
  significantDigits: 6,
};

/**
 * The rule that holds where a site asks for more than the defaults: of both, the stricter wins in every field.
 *
 * @param name how the result is called in the ledger
 */
export function stricterRule(rule: ReleaseRule, asked: Partial<Omit<ReleaseRule, 'name'>>, name: string): ReleaseRule {
  const textColumns = asked.textColumns;
  return {
    name,
    minimumRows: Math.max(rule.minimumRows, asked.minimumRows ?? 0),
    minimumDifference: Math.max(rule.minimumDifference, asked.minimumDifference ?? 0),
    textColumns: textColumns ? rule.textColumns.filter((column) => textColumns.includes(column)) : rule.textColumns,
    maximumTextLength: Math.min(rule.maximumTextLength, asked.maximumTextLength ?? Infinity),
    significantDigits: fewerDigits(rule.significantDigits, asked.significantDigits ?? null),
  };
}

function fewerDigits(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
