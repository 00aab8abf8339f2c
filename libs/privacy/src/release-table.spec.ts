import fc from 'fast-check';

import {
  InvalidKeyError,
  isPseudonym,
  pseudonym,
  Released,
  releaseTable,
  roundToSignificant,
  stricterRule,
  Suppressed,
  VECTOR_DEFAULTS,
  type ReleasableTable,
} from './index.js';

const KEY = new Uint8Array(32).fill(7);
const COLUMNS = ['pseudonym', 'manufacturer', 'stat_mean'];

function names(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => pseudonym(KEY, 'study', `P${from + index}`));
}

function tableOf(members: readonly string[], text: string | null = 'SIEMENS', value = 1.23456789): ReleasableTable {
  return {
    rowCount: members.length,
    columns: [
      { kind: 'text', name: 'pseudonym', values: members },
      { kind: 'text', name: 'manufacturer', values: members.map(() => text) },
      { kind: 'number', name: 'stat_mean', values: new Float64Array(members.length).fill(value) },
    ],
  };
}

const context = { columns: COLUMNS, source: 'images' as const, earlier: [] };

function codeOf(result: unknown): string {
  return result instanceof Suppressed ? result.code : 'released';
}

describe('releaseTable', () => {
  it('lets exactly the minimum of rows out and keeps one fewer back', () => {
    expect(codeOf(releaseTable(tableOf(names(10)), VECTOR_DEFAULTS, context))).toBe('released');
    expect(codeOf(releaseTable(tableOf(names(9)), VECTOR_DEFAULTS, context))).toBe('TOO_FEW_ROWS');
  });

  it('rounds numbers of images to six digits and keeps those of a table', () => {
    const value = (source: 'images' | 'table'): number => {
      const released = releaseTable(tableOf(names(10)), VECTOR_DEFAULTS, { ...context, source });
      if (!(released instanceof Released)) throw new Error('suppressed');
      return released.value.columns[2].values[0] as number;
    };
    expect(value('images')).toBe(1.23457);
    expect(value('table')).toBe(1.23456789);
  });

  it('keeps back a column beyond the protocol, a missing one and another order', () => {
    const table = tableOf(names(10));
    const run = (columns: readonly string[]): string =>
      codeOf(releaseTable(table, VECTOR_DEFAULTS, { ...context, columns }));
    expect(run(['pseudonym', 'stat_mean'])).toBe('COLUMN_NOT_IN_PROTOCOL');
    expect(run([...COLUMNS, 'stat_var'])).toBe('COLUMN_MISSING');
    expect(run(['pseudonym', 'stat_mean', 'manufacturer'])).toBe('COLUMN_ORDER');
  });

  it.each([
    ['a record number', '00472911'],
    ['a short record number', '4729'],
    ['a date', '2024-03-11'],
    ['a German date', '11.03.2024'],
    ['a date in a sentence', 'seen 11/3/24'],
    ['a UID', '1.2.840.113619.2'],
    ['a name with a caret', 'DOE^JANE'],
    ['a long sentence', 'patient was moved to the other room'],
    ['free text that is long', 'x'.repeat(41)],
    ['blank text', '  '],
  ])('keeps back %s in a scanner column, without repeating it', (_, text) => {
    const result = releaseTable(tableOf(names(10), text), VECTOR_DEFAULTS, context);
    expect(codeOf(result)).toBe('TEXT_NOT_ALLOWED');
    if (text.trim() !== '') expect(JSON.stringify(result)).not.toContain(text);
  });

  it.each([
    'SOMATOM Definition AS+',
    'B30f',
    'LightSpeed16',
    'Ingenuity Core 128',
    'I30f\\3',
    'GE MEDICAL SYSTEMS',
    '64',
  ])('lets the scanner word %s out', (text) => {
    expect(codeOf(releaseTable(tableOf(names(10), text), VECTOR_DEFAULTS, context))).toBe('released');
  });

  it('keeps back text in a column that is not about the scanner', () => {
    const table = tableOf(names(10));
    const columns = [table.columns[0], { ...table.columns[1], name: 'comment' }, table.columns[2]];
    const renamed = { ...context, columns: ['pseudonym', 'comment', 'stat_mean'] };
    expect(codeOf(releaseTable({ ...table, columns }, VECTOR_DEFAULTS, renamed))).toBe('TEXT_NOT_ALLOWED');
  });

  it('keeps back an infinite number, and numbers that are dates', () => {
    const run = (value: number): string =>
      codeOf(releaseTable(tableOf(names(10), 'GE', value), VECTOR_DEFAULTS, context));
    expect(run(-Infinity)).toBe('NUMBER_NOT_FINITE');
    expect(run(19450231)).toBe('released'); // 31 February is no date
    expect(run(19450228)).toBe('NUMBER_IS_DATE');
    expect(run(NaN)).toBe('released');
  });

  it('keeps back a name that is no pseudonym and one that occurs twice', () => {
    const members = names(10);
    expect(codeOf(releaseTable(tableOf(['HCC-0001', ...members]), VECTOR_DEFAULTS, context))).toBe('PSEUDONYM_INVALID');
    expect(codeOf(releaseTable(tableOf([members[3], ...members]), VECTOR_DEFAULTS, context))).toBe('PSEUDONYM_INVALID');
  });

  it('refuses a difference of 1 to 4 patients from any earlier release, however it comes about, and no other', () => {
    fc.assert(
      fc.property(fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.boolean(), (left, come, isLast) => {
        const before = names(30);
        const members = [...before.slice(left), ...names(come, 100)];
        const unrelated = names(30, 500);
        const earlier = isLast ? [unrelated, before] : [before, unrelated];
        const result = codeOf(releaseTable(tableOf(members), VECTOR_DEFAULTS, { ...context, earlier }));
        expect(result).toBe(left + come >= 1 && left + come <= 4 ? 'DIFFERENCING' : 'released');
      }),
    );
  });

  it('lets nothing out that has fewer digits or rows than the stricter of both rules', () => {
    const rule = stricterRule(
      VECTOR_DEFAULTS,
      { minimumRows: 12, significantDigits: 3, textColumns: ['modality'] },
      'site',
    );
    expect(rule).toMatchObject({ name: 'site', minimumRows: 12, minimumDifference: 5, significantDigits: 3 });
    expect(codeOf(releaseTable(tableOf(names(11)), rule, context))).toBe('TOO_FEW_ROWS');
    expect(codeOf(releaseTable(tableOf(names(12)), rule, context))).toBe('TEXT_NOT_ALLOWED');
    expect(stricterRule(VECTOR_DEFAULTS, { minimumRows: 2, minimumDifference: 1 }, 'lax')).toMatchObject({
      minimumRows: 10,
      minimumDifference: 5,
    });
  });
});

describe('roundToSignificant', () => {
  it('moves a number by at most half a unit of its sixth digit, and twice is once', () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(numbers, (value) => {
        const once = roundToSignificant(value, 6);
        expect(roundToSignificant(once, 6)).toBe(once);
        expect(Math.abs(once - value)).toBeLessThanOrEqual(5.0000001e-6 * Math.abs(value));
      }),
    );
  });
});

describe('pseudonym', () => {
  // printf 'concord-pseudonym/1\n5:study\n2:P1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07
  it('is the HMAC that openssl computes', () => {
    expect(pseudonym(KEY, 'study', 'P1')).toBe('9e458ddc74d093c03360');
  });

  it('differs by patient, study and key, and never for the same three', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, text, (study, patient, otherStudy, otherPatient) => {
        const isSame = study === otherStudy && patient === otherPatient;
        expect(pseudonym(KEY, study, patient) === pseudonym(KEY, otherStudy, otherPatient)).toBe(isSame);
        expect(pseudonym(new Uint8Array(32), study, patient)).not.toBe(pseudonym(KEY, study, patient));
        expect(isPseudonym(pseudonym(KEY, study, patient))).toBe(true);
      }),
    );
  });

  it('refuses a short key and an empty id', () => {
    expect(() => pseudonym(KEY.subarray(1), 's', 'p')).toThrow(InvalidKeyError);
    expect(() => pseudonym(KEY, 's', '')).toThrow(InvalidKeyError);
  });
});

describe('Released', () => {
  it('cannot be made outside of this library', () => {
    expect(() => new Released(Symbol('mine') as never, 1, { rule: 'none', checks: [] })).toThrow(TypeError);
  });
});
