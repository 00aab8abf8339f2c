import { protocolDigest } from '@concord/contracts';
import { tableToArrow, type Column } from '@concord/tables';

import { TEST_PROTOCOL, featureRows, withColumn } from '../test-site.js';
import { checkReleasedTable, type TableHeader } from './release-table.js';

const table = featureRows('a');
const header: TableHeader = {
  format: 'concord.message/1',
  kind: 'features',
  studyId: 'trial',
  site: 'site-a',
  sequence: 1,
  protocolDigest: protocolDigest(TEST_PROTOCOL),
  lockDigest: null,
  certificateDigest: null,
  tableDigest: '0'.repeat(64),
  tableByteCount: 1,
  rowCount: table.rowCount,
};
const check = (column: Column) =>
  checkReleasedTable(tableToArrow(withColumn(table, column)), header, TEST_PROTOCOL, null);
const scanner = (text: string): Column => ({
  kind: 'text',
  name: 'manufacturer',
  values: Array.from({ length: table.rowCount }, (_, row) => (row === 7 ? text : null)),
});

describe('checkReleasedTable', () => {
  it.each(['SIEMENS', 'GE MEDICAL SYSTEMS', 'LightSpeed16', 'Definition AS+'])('takes %s for a scanner', (text) => {
    expect(check(scanner(text)).rowCount).toBe(table.rowCount);
  });

  it.each([
    ['a record number', 'A 00815471'],
    ['a date', '1954-03-12'],
    ['a UID', '1.2.840.113619.2'],
    ['a sentence', 'this is the man of room 12 b'],
    ['another script', 'Müller'],
    ['a text of any length', 'x'.repeat(41)],
  ])('refuses %s in the column of a scanner, whatever the agent let out, and does not repeat it', (_, text) => {
    expect(() => check(scanner(text))).toThrow(
      /^the table does not hold what it must: column "manufacturer" holds a text/,
    );
    expect(() => check(scanner(text))).not.toThrow(text);
  });

  it('refuses a column of calendar dates', () => {
    const values = Float64Array.from({ length: table.rowCount }, (_, row) => 19540301 + row);
    expect(() => check({ kind: 'number', name: 'mean', values })).toThrow('calendar dates');
  });
});
