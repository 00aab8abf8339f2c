import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { isIdName } from './csv-cells.js';
import { readCsv, tableFromCsv, tableToCsv } from './csv.js';
import { column, featureTable, type Column } from './feature-table.js';
import { CsvDecimalError, CsvFormatError, TableShapeError } from './table-errors.js';

describe('readCsv', () => {
  it('recognises the export of a German hospital: semicolon, decimal comma, Windows-1252, CRLF', () => {
    const bytes = Buffer.from('Patienten-ID;Größe;Länge\r\n00123;1,5;Köln\r\n00124;-2e-3;NA\r\n', 'latin1');
    const { table, format } = readCsv(bytes);
    expect(format).toEqual({ delimiter: ';', decimal: ',', encoding: 'windows-1252' });
    expect(table.columns).toEqual([
      { kind: 'text', name: 'Patienten-ID', values: ['00123', '00124'] },
      { kind: 'number', name: 'Größe', values: Float64Array.of(1.5, -0.002) },
      { kind: 'text', name: 'Länge', values: ['Köln', null] },
    ]);
  });

  it('reads UTF-8 with a byte order mark, UTF-16 tabs, the sep= line and old Macintosh line ends alike', () => {
    const expected = tableFromCsv('name,x\nä,1\nb,2\n');
    expect(tableFromCsv(Buffer.from('\uFEFFname,x\nä,1\nb,2'))).toEqual(expected);
    expect(tableFromCsv(Buffer.from('\uFEFFname\tx\r\nä\t1\r\nb\t2\r\n', 'utf16le'))).toEqual(expected);
    expect(tableFromCsv('sep=;\r\nname;x\r\nä;1\r\nb;2')).toEqual(expected);
    expect(tableFromCsv('name,x\rä,1\rb,2\r')).toEqual(expected);
    expect(tableFromCsv(gzipSync('name,x\nä,1\nb,2\n'))).toEqual(expected);
  });

  it('takes empty, NA, NaN and #N/A for missing', () => {
    const table = tableFromCsv('a,b\n1,x\n,\nNA,NA\nNaN,NaN\n#N/A,#N/A\n');
    expect(column(table, 'a').values).toEqual(Float64Array.of(1, NaN, NaN, NaN, NaN));
    expect(column(table, 'b').values).toEqual(['x', null, null, null, null]);
  });

  it('keeps identifiers as text, and the GLCM feature called Id as numbers', () => {
    const csv = 'patientId,code,long,original_glcm_Id,ratio_id\n1,01,12345678901234567,1,0.5\n2,10,1,1,0.25\n';
    expect(tableFromCsv(csv).columns.map(({ kind }) => kind)).toEqual(['text', 'text', 'text', 'number', 'number']);
    const names = [
      'id',
      'MRN',
      'Subject_ID',
      'patientUid',
      'case',
      'Patient',
      'rapid',
      'case_mix',
      'original_glcm_Idm',
    ];
    expect(names.filter(isIdName)).toEqual(['id', 'MRN', 'Subject_ID', 'patientUid', 'case', 'Patient']);
    expect(tableFromCsv('age\n50\n', { textColumns: ['age'] }).columns[0].kind).toBe('text');
  });

  it('stops where points beside decimal commas may be thousands', () => {
    expect(() => tableFromCsv('a;b\n1.234;1,5\n12.000;2,5\n')).toThrow(CsvDecimalError);
    expect(column(tableFromCsv('a;b\n1.2345;1,5\n'), 'a').values).toEqual(Float64Array.of(1.2345));
    expect(column(tableFromCsv('a;b\n1.234;1,5\n', { decimal: ',' }), 'a').kind).toBe('text');
  });

  it('says that quoted numbers with commas were left as text', () => {
    const { table, warnings } = readCsv('a,b\n"1,234",1\n"2,5",2\n');
    expect(column(table, 'a').kind).toBe('text');
    expect(warnings).toHaveLength(1);
    expect(column(tableFromCsv('a,b\n"1,25",1\n', { decimal: ',' }), 'a').values).toEqual(Float64Array.of(1.25));
  });

  it('reads quotes, doubled quotes and line breaks inside cells', () => {
    const table = tableFromCsv('a,"b, c"\n"x ""y""","1\r\n2"\n\n" z ", w \n');
    expect(table.columns.map(({ name }) => name)).toEqual(['a', 'b, c']);
    expect(column(table, 'a').values).toEqual(['x "y"', ' z ']);
    expect(column(table, 'b, c').values).toEqual(['1\r\n2', 'w']);
  });

  it('warns of 999 and -9, names row names, and drops the empty column of trailing delimiters', () => {
    const { table, warnings } = readCsv(',age,\n1,50,\n2,999,\n');
    expect(table.columns.map(({ name }) => name)).toEqual(['unnamed_1', 'age']);
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toContain('999');
  });

  it('refuses what is no table, and names the line', () => {
    expect(() => tableFromCsv('')).toThrow(CsvFormatError);
    expect(() => tableFromCsv('a,b\n1,2\n\n3\n')).toThrow(/line 4/);
    expect(() => tableFromCsv('a,b\n1,"2\n')).toThrow(/line 2/);
    expect(() => tableFromCsv('a,b\n"1"2,3\n')).toThrow(CsvFormatError);
    expect(() => tableFromCsv('a,a\n1,2\n')).toThrow(TableShapeError);
    expect(() => tableFromCsv(gzipSync('a,b\n1,2\n').subarray(0, 20))).toThrow(CsvFormatError);
  });
});

describe('tableToCsv', () => {
  const values = (n: number): fc.Arbitrary<Column[]> =>
    fc.tuple(
      fc.float64Array({ minLength: n, maxLength: n }).map((x): Column => ({ kind: 'number', name: 'x', values: x })),
      fc
        .array(fc.string({ unit: 'grapheme' }), { minLength: n, maxLength: n })
        .map((texts): Column => ({ kind: 'text', name: 'id', values: texts.map((text) => `~${text}`) })),
    );

  it('writes doubles and texts that read back as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }).chain(values), (columns) => {
        const table = featureTable(columns);
        expect(tableFromCsv(tableToCsv(table), { textColumns: ['id'] })).toEqual(table);
      }),
    );
  });

  it('keeps a missing value of a single column, -0 and infinities', () => {
    const table = featureTable([
      { kind: 'number', name: 'x', values: Float64Array.of(NaN, -0, Infinity, -Infinity, 1e21) },
    ]);
    expect(tableToCsv(table)).toBe('x\n""\n-0\nInf\n-Inf\n1e+21\n');
    expect(tableFromCsv(tableToCsv(table))).toEqual(table);
  });
});

const combat = referenceData('combat', 'r01_keek2020', 'input.csv.gz');
(combat ? describe : describe.skip)(`the ComBat case r01${combat ? '' : ' (skipped: no reference data)'}`, () => {
  it('reads as ids, sites and finite numbers', () => {
    const table = tableFromCsv(readFileSync(combat ?? ''));
    expect(column(table, 'subject_id').kind).toBe('text');
    expect(column(table, 'site').kind).toBe('text');
    const numbers = table.columns.filter(({ kind }) => kind === 'number');
    expect(numbers.length).toBe(table.columns.length - 2);
    expect(tableFromCsv(tableToCsv(table))).toEqual(table);
  });
});
