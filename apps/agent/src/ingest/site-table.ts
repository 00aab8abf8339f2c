import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';

import { isConcordError } from '@concord/errors';
import { tableFromArrow, tableFromCsv, textValues, type FeatureTable } from '@concord/tables';

import { AgentError } from '../agent-errors.js';

/** Names of the column that identifies a patient, in the order they are looked for. */
const ID_COLUMNS = ['patient_id', 'subject_id', 'patientid', 'subjectid', 'case_id', 'case', 'id'];

type TableErrorCode = 'TABLE_NOT_USABLE' | 'CLINICAL_NOT_USABLE';

/** A table of the site's own with the column that names its patients. */
export interface SiteTable {
  readonly table: FeatureTable;
  /** One a row; null where the cell is empty. */
  readonly patientIds: readonly (string | null)[];
}

/**
 * Reads a CSV or Arrow file of the site.
 *
 * @throws {AgentError} with the code given: the file cannot be read, is no table, or has no column of patients
 */
export function readSiteTable(path: string, code: TableErrorCode): SiteTable {
  const name = basename(path);
  let table: FeatureTable;
  try {
    const bytes = readFileSync(path);
    table = extname(path) === '.arrow' ? tableFromArrow(bytes) : tableFromCsv(bytes, { textColumns: ID_COLUMNS });
  } catch (error) {
    const what = isConcordError(error)
      ? error.what
      : `it cannot be read (${(error as NodeJS.ErrnoException).code ?? ''})`;
    throw new AgentError(code, what, name, 'Check that it is a CSV or Arrow table with a line of column names.', {
      cause: error,
    });
  }
  const column = ID_COLUMNS.flatMap((id) => table.columns.filter((c) => c.name.toLowerCase() === id)).at(0);
  if (column === undefined) {
    throw new AgentError(
      code,
      'no column names the patients',
      name,
      `Name that column ${ID_COLUMNS.slice(0, 2).join(' or ')}.`,
    );
  }
  return { table, patientIds: textValues(table, column.name).map((id) => id?.trim() || null) };
}

/** Size and time of a file as one text: equal as long as nobody wrote it. Null if it is not there. */
export function fileStamp(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.size}/${stat.mtimeMs}` : null;
}
