import fc from 'fast-check';
import { decimalValue, doubleText, DoubleWriter } from './double-text.js';
import { readCsv, tableFromCsv, tableToCsv, tableToCsvBytes } from './index.js';

const writer = new DoubleWriter();
const room = new Uint8Array(64);
const written = (value: number): string =>
  Buffer.from(room.subarray(0, writer.write(value, room, 3)))
    .toString()
    .slice(3);

/** Any finite double, and such as features hold. */
const anyDouble = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -8, max: 17 })).map(([x, e]) => x * 10 ** e),
  fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -6, max: 12 })).map(([m, e]) => m / 10 ** e),
  fc.integer({ min: -70, max: 70 }).map((e) => 2 ** e),
);
const RUNS = { numRuns: 20_000 };

describe('DoubleWriter', () => {
  it('writes every double as String does', () => {
    fc.assert(
      fc.property(anyDouble, (value) => written(value) === doubleText(value)),
      RUNS,
    );
  });

  it.each([
    0,
    -0,
    1,
    10,
    999,
    1e15,
    999999999999999.9,
    0.1,
    1e-5,
    9.999999999999999e-6,
    5e-324,
    1.7976931348623157e308,
    123456789.125,
    0.30000000000000004,
    2 ** 53,
    1 / 3,
    0.5000000000000001,
    4.35,
    1e22,
  ])('writes %s as String does, and its negative', (value) => {
    for (const signed of [value, -value]) expect(written(signed)).toBe(doubleText(signed));
  });

  it('writes neighbours of short decimals in full', () => {
    const bits = new BigInt64Array(1);
    const double = new Float64Array(bits.buffer);
    for (let m = 1; m < 3000; m++) {
      for (const step of [-2n, -1n, 1n, 2n]) {
        double[0] = m / 100;
        bits[0] += step;
        expect(written(double[0])).toBe(String(double[0]));
      }
    }
  });
});

describe('decimalValue', () => {
  it('is the correctly rounded double, or says that it is in doubt, which is rare', () => {
    let doubts = 0;
    let seen = 0;
    const digits = fc.bigInt({ min: 10n ** 8n, max: 10n ** 17n - 1n }).map(String);
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 22 }), (text, scale) => {
        const shift = text.length - 9;
        const value = decimalValue(Number(text.slice(0, 9)), Number(text.slice(9)), shift, scale);
        seen++;
        if (Number.isNaN(value)) doubts++;
        return Number.isNaN(value) || value === Number(`${text}e-${scale}`);
      }),
      RUNS,
    );
    expect(doubts / seen).toBeLessThan(0.06);
  });
});

describe('readCsv of many plain numbers', () => {
  const head = ['patient', 'site', ...Array.from({ length: 40 }, (_, j) => `f${j}`)];
  const lineOf = (i: number): (string | number)[] => [
    `P${i}`,
    'AB'[i % 2],
    ...Array.from({ length: 40 }, (_, j) => Math.sin(i * 41 + j) * 10 ** ((j % 9) - 4)),
  ];
  const rows = Array.from({ length: 30 }, (_, i) => lineOf(i));
  const textOf = (lines: readonly (readonly (string | number)[])[], end = '\n'): string =>
    [head, ...lines].map((line) => line.join(',')).join(end) + end;
  const viaText = (text: string) => readCsv(text);
  const viaBytes = (text: string) => readCsv(Buffer.from(text, 'utf8'));

  it.each<[string, string]>([
    ['as they are', textOf(rows)],
    ['with CRLF and blank lines', textOf(rows, '\r\n').replace('\r\nP7,', '\r\n\r\nP7,')],
    ['with a byte order mark', `\uFEFF${textOf(rows)}`],
    ['without a last line end', textOf(rows).trimEnd()],
    [
      'with missing values of all spellings',
      textOf(
        rows.map((line, i) =>
          line.map((cell, j) => (j > 1 && (i * j) % 11 === 0 ? ['', 'NA', 'NaN', '#N/A'][i % 4] : cell)),
        ),
      ),
    ],
    [
      'with exponents and infinities',
      textOf(
        rows.map((line, i) =>
          line.map((cell, j) => (j === 5 ? `${i}.5e-3` : j === 6 ? '1E5' : j === 7 ? 'inf' : cell)),
        ),
      ),
    ],
    [
      'with identifiers, leading zeros, long numbers, signs and codes',
      textOf(
        rows.map((line, i) => [`00${i}`, line[1], `0${i}`, '12345678901234567890', `+${i}`, 999, ...line.slice(6)]),
      ),
    ],
    [
      'with text in one column and blanks',
      textOf(
        rows.map((line, i) => line.map((cell, j) => (j === 9 && i === 3 ? 'n.d.' : j === 10 ? ` ${cell} ` : cell))),
      ),
    ],
    [
      'with points and minus signs alone',
      textOf(
        rows.map((line, i) =>
          line.map((cell, j) =>
            j === 4 && i === 2 ? '.' : j === 5 && i === 2 ? '-' : j === 6 ? '.5' : j === 7 ? '5.' : cell,
          ),
        ),
      ),
    ],
    ['with an umlaut and quotes', textOf(rows.map((line, i) => [`"Mü,${i}"`, ...line.slice(1)]))],
    ['with semicolons', textOf(rows).replaceAll(',', ';')],
    ['with decimal commas', textOf(rows).replaceAll(',', ';').replaceAll('.', ',')],
    ['mostly text', textOf(rows.map((line) => line.map((cell) => `x${cell}`)))],
  ])('gives the same from bytes as from text, %s', (_, text) => {
    expect(text.length).toBeGreaterThan(8000);
    expect(viaBytes(text)).toEqual(viaText(text));
  });

  it('refuses a short line as the careful reader does', () => {
    const text = textOf(rows.map((line, i) => (i === 4 ? line.slice(0, -1) : line)));
    expect(() => viaBytes(text)).toThrow('a line has 41 cells where the header has 42');
  });

  it('reads back every double that was written', () => {
    const table = tableFromCsv(Buffer.from(textOf(rows)));
    expect(tableFromCsv(tableToCsvBytes(table))).toEqual(table);
    expect(Buffer.from(tableToCsvBytes(table)).toString()).toBe(tableToCsv(table));
    expect(tableToCsv(table)).toBe(textOf(rows));
  });

  it('holds text longer than the numbers leave room for', () => {
    const values = Array.from({ length: 50 }, (_, i) => 'ä"'.repeat(i * 40));
    const table = { rowCount: 50, columns: [{ kind: 'text' as const, name: 't', values }] };
    expect(tableFromCsv(tableToCsvBytes(table)).columns[0].values.slice(1)).toEqual(values.slice(1));
  });
});
