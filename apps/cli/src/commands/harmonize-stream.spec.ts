import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Float32, type RecordBatch, Table, tableFromIPC, tableToIPC, vectorFromArray } from 'apache-arrow';
import { selectRows } from '@concord/tables';
import { arrowLayout, type FeatureTable, readDoubles, readTexts, tableFromArrow, tableToArrow } from '@concord/tables';
import { runCli } from '../run.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-harmonize-stream-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

async function run(...argv: string[]) {
  let err = '';
  const streams = { out: () => undefined, err: (text: string) => void (err += text) };
  return { code: await runCli(['harmonize', ...argv], { version: '0.0.0', streams }), err };
}

/** Sixty patients, 150 features: more than two blocks; one constant, one with gaps, umlauts in text. */
function cohort(): FeatureTable {
  const n = 60;
  const column = (f: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) =>
      f === 7
        ? 3
        : f === 9 && i % 5 === 0
          ? NaN
          : (i % 3) * 0.2 * (f % 5) + Math.sin(3.7 * (i + 1) * (f + 1)) + 0.02 * i,
    );
  return {
    rowCount: n,
    columns: [
      { kind: 'text', name: 'patient', values: Array.from({ length: n }, (_, i) => `Ä${i}`) },
      { kind: 'text', name: 'note', values: Array.from({ length: n }, (_, i) => (i % 4 === 0 ? null : `n${i}`)) },
      { kind: 'text', name: 'site', values: Array.from({ length: n }, (_, i) => 'ABC'[i % 3]) },
      { kind: 'number', name: 'age', values: Float64Array.from({ length: n }, (_, i) => 40 + ((7 * i) % 30)) },
      ...Array.from({ length: 150 }, (_, f) => ({ kind: 'number' as const, name: `f${f}`, values: column(f) })),
    ],
  };
}

const ROLES = ['--batch', 'site', '--covariates', 'age'];

/** The same table cut into three record batches. */
function inParts(bytes: Uint8Array): Uint8Array {
  const table = tableFromArrow(bytes);
  const rowsOf = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);
  const batchOf = (rows: number[]): RecordBatch => tableFromIPC(tableToArrow(selectRows(table, rows))).batches[0];
  return tableToIPC(new Table([rowsOf(0, 20), rowsOf(20, 45), rowsOf(45, 60)].map(batchOf)), 'file');
}

describe('concord harmonize --stream', () => {
  it.each([
    ['one record batch', (bytes: Uint8Array) => bytes],
    ['three record batches', inParts],
  ])('gives the same table and model as in memory, from %s', async (_, shape) => {
    writeFileSync(at('in.arrow'), shape(tableToArrow(cohort())));
    expect((await run(at('in.arrow'), ...ROLES, '--out', at('a.arrow'), '--model', at('a.json'))).code).toBe(0);
    const done = await run(at('in.arrow'), ...ROLES, '--out', at('b.arrow'), '--model', at('b.json'), '--stream');
    expect([done.code, done.err.includes('149 features adjusted, 1 passed through')]).toEqual([0, true]);
    expect(tableFromArrow(readFileSync(at('b.arrow')))).toEqual(tableFromArrow(readFileSync(at('a.arrow'))));
    expect(readFileSync(at('b.json'))).toEqual(readFileSync(at('a.json')));
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('refuses what it cannot stream, and writes nothing', async () => {
    writeFileSync(at('in.arrow'), tableToArrow(cohort()));
    const usage = await run(at('in.arrow'), ...ROLES, '--out', at('o.csv'), '--stream');
    expect(usage.code).toBe(2);
    const method = await run(at('in.arrow'), ...ROLES, '--out', at('o.arrow'), '--stream', '--method', 'covbat');
    expect(method.code).toBe(2);
    const single = vectorFromArray([1, 2, 3], new Float32());
    writeFileSync(at('f32.arrow'), tableToIPC(new Table({ f: single }), 'file'));
    const odd = await run(at('f32.arrow'), '--batch', 'f', '--out', at('o.arrow'), '--stream');
    expect([odd.code, odd.err.includes('column f holds neither doubles nor text')]).toEqual([3, true]);
    writeFileSync(at('cut.arrow'), readFileSync(at('in.arrow')).subarray(0, 3000));
    expect((await run(at('cut.arrow'), ...ROLES, '--out', at('o.arrow'), '--stream')).code).toBe(3);
    expect(existsSync(at('o.arrow')) || existsSync(at('o.csv'))).toBe(false);
  });
});

describe('arrowLayout', () => {
  const bytes = tableToArrow(cohort());
  const read = (from: number, length: number) => bytes.subarray(from, from + length);

  it('finds every column where a whole reader finds it', () => {
    const layout = arrowLayout(read, bytes.length)!;
    const table = tableFromArrow(bytes);
    expect(layout.columns.map(({ name }) => name)).toEqual(table.columns.map(({ name }) => name));
    layout.columns.forEach((column, j) => {
      const values = column.kind === 'text' ? readTexts(read, column) : readDoubles(read, column);
      expect(values).toEqual(table.columns[j].values);
    });
  });

  it('never reads outside the file, whichever byte of its end is changed', () => {
    for (let k = 1; k < 4000; k += 7) {
      const changed = bytes.slice();
      changed[bytes.length - k] ^= 0x55;
      const guarded = (from: number, length: number): Uint8Array => {
        if (from < 0 || from + length > changed.length) throw new Error(`read of ${from}, ${length}`);
        return changed.subarray(from, from + length);
      };
      expect(() => arrowLayout(guarded, changed.length)).not.toThrow();
    }
  });
});
