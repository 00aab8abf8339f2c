import { csvOf, fileName } from './download.js';

describe('csvOf', () => {
  it('keeps all digits, quotes what needs it, and leaves missing values empty', () => {
    const rows = [
      ['a, "b"', 0.1 + 0.2],
      [null, Number.NaN],
    ];
    expect(csvOf({ columns: ['name', 'value'], rows })).toBe('name,value\r\n"a, ""b""",0.30000000000000004\r\n,\r\n');
  });

  it('keeps a text from being run as a formula, and a negative number a number', () => {
    expect(csvOf({ columns: ['x'], rows: [['=1+1'], [-2]] })).toBe("x\r\n'=1+1\r\n-2\r\n");
  });

  it('makes names that any disk takes', () => {
    expect(fileName('AUC by site (95 %)')).toBe('auc-by-site-95');
  });
});
