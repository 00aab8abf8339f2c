import { createHash } from 'node:crypto';
import { tableFromCsv } from './csv.js';
import { featureTable } from './feature-table.js';
import { tableToParquet } from './parquet.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The table that golden/parquet/check.py expects. */
const TABLE = tableFromCsv(
  'case,site,x,y\nliver-1,Köln,0.1,\nliver-2,,-2.5e-300,7\n007,b,,8\n' + 'c,b,1,2\n'.repeat(30),
);

describe('tableToParquet', () => {
  it('writes the bytes that pyarrow 26 read back as the same values and nulls (golden/parquet/check.py)', () => {
    expect(sha256(tableToParquet(TABLE))).toBe('116bf5d21b867d1fcd06b0f02531a20d3db3910c867068d9fa216f68239be206');
  });

  it('begins and ends as the format asks, also for a table without rows', () => {
    const bytes = tableToParquet(featureTable([{ kind: 'number', name: 'x', values: new Float64Array(0) }]));
    const ends = [bytes.subarray(0, 4), bytes.subarray(-4)].map((part) => new TextDecoder().decode(part));
    expect(ends).toEqual(['PAR1', 'PAR1']);
    const footer = new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
    expect(footer).toBeLessThan(bytes.length - 12);
  });
});
