import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { tableFromArrow, tableToArrow } from './arrow.js';
import { tableFromCsv } from './csv.js';
import { column, featureTable, type Column } from './feature-table.js';
import { ArrowTypeError, NotArrowError, TableShapeError } from './table-errors.js';

const golden = (name: string): Uint8Array => readFileSync(new URL(`../golden/pyarrow/${name}`, import.meta.url));

const cellText = fc.option(fc.string({ unit: 'grapheme' }), { nil: null });
const columnsOf = (rowCount: number): fc.Arbitrary<Column[]> =>
  fc.uniqueArray(
    fc.oneof(
      fc.record({
        kind: fc.constant('text' as const),
        name: fc.string({ minLength: 1 }),
        values: fc.array(cellText, { minLength: rowCount, maxLength: rowCount }),
      }),
      fc.record({
        kind: fc.constant('number' as const),
        name: fc.string({ minLength: 1 }),
        values: fc.float64Array({ minLength: rowCount, maxLength: rowCount }),
      }),
    ),
    { selector: ({ name }) => name, maxLength: 6 },
  );
const tables = fc.nat(20).chain((rowCount) => columnsOf(rowCount).map((columns) => featureTable(columns, rowCount)));

describe('tableFromArrow', () => {
  const table = tableFromArrow(golden('pandas.arrow'));

  it('reads text, dictionary, float32, int64, boolean and missing values as pyarrow wrote them', () => {
    expect(table.rowCount).toBe(3);
    expect(column(table, 'subject_id').values).toEqual(['007', '012', '113']);
    expect(column(table, 'site')).toEqual({ kind: 'text', name: 'site', values: ['site-a', 'site-b', 'site-a'] });
    expect(column(table, 'volume').values).toEqual(Float64Array.of(1.5, NaN, -0));
    expect(column(table, 'tiny').values).toEqual(Float64Array.of(5e-324, Number.MAX_VALUE, 0.1));
    expect(column(table, 'count').values).toEqual(Float64Array.of(3, NaN, Number.MAX_SAFE_INTEGER));
    expect(column(table, 'small').values).toEqual(Float64Array.of(1.5, 2.25, -3));
    expect(column(table, 'isMale').values).toEqual(Float64Array.of(1, 0, 1));
    expect(column(table, 'note').values).toEqual(['Größe, "x"', null, 'Ω\nz']);
  });

  it('gives the same table from bytes that lie at an odd address', () => {
    const bytes = golden('pandas.arrow');
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(tableFromArrow(shifted.subarray(3))).toEqual(table);
  });

  it('refuses dates, CSV and a file cut short anywhere by named errors', () => {
    expect(() => tableFromArrow(golden('date.arrow'))).toThrow(ArrowTypeError);
    expect(() => tableFromArrow(golden('pandas.csv'))).toThrow(NotArrowError);
    const bytes = tableToArrow(featureTable([{ kind: 'number', name: 'x', values: Float64Array.of(1, 2, 3) }]));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => tableFromArrow(bytes.slice(0, length))).toThrow(NotArrowError);
    }
  });

  it('answers a corrupt file with a table or a named error, never with another', () => {
    const bytes = golden('pandas.arrow');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (position, value) => {
        const corrupt = Uint8Array.from(bytes);
        corrupt[position] = value;
        try {
          const { rowCount, columns } = tableFromArrow(corrupt);
          expect(columns.every(({ values }) => values.length === rowCount)).toBe(true);
        } catch (error) {
          expect([NotArrowError, ArrowTypeError, TableShapeError]).toContain((error as object).constructor);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('tableToArrow', () => {
  it('gives back every table it wrote, bit for bit', () => {
    fc.assert(
      fc.property(tables, (table) => {
        expect(tableFromArrow(tableToArrow(table))).toEqual(table);
      }),
    );
  });

  it('writes the same bytes for equal tables, whatever bits their NaN has', () => {
    const odd = new Float64Array(new BigUint64Array([0x7ff8000000000123n, 0x3ff0000000000000n]).buffer);
    const plain = Float64Array.of(NaN, 1);
    const bytes = [odd, plain].map((values) => tableToArrow(featureTable([{ kind: 'number', name: 'x', values }])));
    expect(bytes[0]).toEqual(bytes[1]);
  });

  it('refuses columns of unequal length', () => {
    const columns = [1, 2].map((n) => ({ kind: 'number' as const, name: `x${n}`, values: new Float64Array(n) }));
    expect(() => tableToArrow({ rowCount: 1, columns })).toThrow(TableShapeError);
  });
});

describe('the CSV of pandas', () => {
  it('is the Arrow table of pandas, gzipped too', () => {
    const arrow = tableFromArrow(golden('pandas.arrow'));
    for (const bytes of [golden('pandas.csv'), gzipSync(golden('pandas.csv'))]) {
      const csv = tableFromCsv(bytes);
      for (const { name } of csv.columns) expect(column(csv, name)).toEqual(column(arrow, name));
      expect(csv.columns).toHaveLength(7);
    }
  });
});
