import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  findScheme,
  IllegalOptionError,
  InvalidRecordError,
  legalPoints,
  MissingItemError,
  readRecord,
  rqs1,
  scorePoints,
} from './index.js';
import type { QualityRecord } from './index.js';

interface Example {
  items?: Record<string, number>;
  options?: Record<string, string[]>;
  expected: { total?: number; percent?: number; error?: string; items?: string[] };
}
const load = (name: string): Example[] => {
  const text = readFileSync(join(import.meta.dirname, '..', 'golden', 'published', `${name}.json`), 'utf8');
  return (JSON.parse(text) as { assessments: Example[] }).assessments;
};
const outcomeOf = (record: QualityRecord) => {
  try {
    const { total, percent } = scorePoints(rqs1, record);
    return { total, percent };
  } catch (error) {
    const { code, items } = error as IllegalOptionError;
    return { error: code, items };
  }
};
const legalRecord = fc.record(
  Object.fromEntries(rqs1.items.map((item) => [item.id, fc.constantFrom(...legalPoints(item))])),
);

describe('readRecord', () => {
  it('reads what a person writes, and names its scheme', () => {
    const record = {
      scheme: 'rqs1',
      version: '2017',
      items: { 'rqs1.01': 2 },
      options: { 'rqs1.12': ['two-external'] },
    };
    expect(readRecord(record)).toEqual(record);
    expect(readRecord({ items: {} })).toEqual({ items: {} });
  });

  it.each([
    ['a list', [], 'INVALID_RECORD'],
    ['no answers', { scheme: 'rqs1' }, 'INVALID_RECORD'],
    ['points in words', { items: { 'rqs1.01': 'two' } }, 'INVALID_RECORD'],
    ['an option outside a list', { options: { 'rqs1.12': 'two-external' } }, 'INVALID_RECORD'],
    ['a scheme that is a number', { scheme: 1, items: {} }, 'INVALID_RECORD'],
  ])('refuses %s', (_name, record, code) => {
    expect(() => readRecord(record)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('finds schemes by their name, and says which there are', () => {
    expect(findScheme('rqs1')).toBe(rqs1);
    expect(() => findScheme('rqs9')).toThrow(/rqs1/);
  });
});

describe('scorePoints', () => {
  it.each([
    ['rqs1-published-valid', 4],
    ['rqs1-published-illegal-item5', 24],
    ['rqs1-boundaries', 9],
  ])('gives every record of %s its published total, percentage or refusal', (name, count) => {
    const examples = load(name);
    expect(examples).toHaveLength(count);
    for (const { items, options, expected } of examples) {
      expect(outcomeOf({ ...(items && { items }), ...(options && { options }) })).toEqual(expected);
    }
  });

  it('knows the sums that Lambin 2017 prints: -8 to 36, checkpoints 2 + 3 + 31, six domains', () => {
    const sum = (pick: 'minPoints' | 'maxPoints') => rqs1.items.reduce((total, item) => total + item[pick], 0);
    expect([sum('minPoints'), sum('maxPoints')]).toEqual([-8, 36]);
    const all = scorePoints(rqs1, { items: Object.fromEntries(rqs1.items.map((item) => [item.id, item.maxPoints])) });
    expect(all.checkpoints.map((c) => c.points)).toEqual([2, 3, 31]);
    expect(all.groups.map((d) => d.points)).toEqual([5, 8, 6, 5, 8, 4]);
    const none = scorePoints(rqs1, { items: Object.fromEntries(rqs1.items.map((item) => [item.id, item.minPoints])) });
    expect(none.groups.map((d) => d.points)).toEqual(none.groups.map((d) => d.min));
    for (const item of rqs1.items) {
      expect([legalPoints(item)[0], legalPoints(item).at(-1)]).toEqual([item.minPoints, item.maxPoints]);
    }
  });

  it('adds up to the sum of its items, domains and checkpoints for every legal record', () => {
    fc.assert(
      fc.property(legalRecord, (items) => {
        const score = scorePoints(rqs1, { items });
        const total = Object.values(items).reduce((sum, points) => sum + points, 0);
        expect(score.total).toBe(total);
        expect(score.groups.reduce((sum, domain) => sum + domain.points, 0)).toBe(total);
        expect(score.checkpoints.reduce((sum, checkpoint) => sum + checkpoint.points, 0)).toBe(total);
        expect(score.percent).toBeCloseTo((100 * Math.max(0, total)) / 36, 1);
      }),
    );
  });

  it('refuses every value that the score sheet does not print', () => {
    const whole = Object.fromEntries(rqs1.items.map((item) => [item.id, item.maxPoints]));
    fc.assert(
      fc.property(fc.constantFrom(...rqs1.items), fc.double({ min: -9, max: 9 }), (item, points) => {
        fc.pre(!legalPoints(item).includes(points));
        expect(outcomeOf({ items: { ...whole, [item.id]: points } })).toEqual({
          error: 'ILLEGAL_OPTION',
          items: [item.id],
        });
      }),
    );
  });

  it('lets options decide where one number of points has two meanings', () => {
    const items = Object.fromEntries(rqs1.items.map((item) => [item.id, item.minPoints]));
    const four = scorePoints(rqs1, { items: { ...items, 'rqs1.12': 4 } }).items[11];
    expect([four?.points, four?.options]).toEqual([4, null]);
    const chosen = scorePoints(rqs1, {
      items: { ...items, 'rqs1.12': 5 },
      options: { 'rqs1.12': ['published-signature'] },
    });
    expect([chosen.items[11]?.points, chosen.items[11]?.options]).toEqual([4, ['published-signature']]);
    const both = scorePoints(rqs1, { items, options: { 'rqs1.01': ['public', 'documented', 'public'] } });
    expect(both.items[0]?.points).toBe(2);
  });

  it('refuses unknown options, empty choices, items of another scheme, and gaps, each by name', () => {
    const items = Object.fromEntries(rqs1.items.map((item) => [item.id, item.minPoints]));
    expect(() => scorePoints(rqs1, { items, options: { 'rqs1.12': ['four-external'] } })).toThrow(/four-external/);
    expect(() => scorePoints(rqs1, { items, options: { 'rqs1.12': [] } })).toThrow(IllegalOptionError);
    expect(() => scorePoints(rqs1, { items: { ...items, 'rqs2.01': 1 } })).toThrow(InvalidRecordError);
    const without = (...ids: string[]) => Object.fromEntries(Object.entries(items).filter(([id]) => !ids.includes(id)));
    const gaps = { items: without('rqs1.03', 'rqs1.11') };
    expect(() => scorePoints(rqs1, gaps)).toThrow(new MissingItemError(['rqs1.03', 'rqs1.11']));
    expect(() => scorePoints(rqs1, { items: without('rqs1.16') })).toThrow(/one item has no answer/);
  });
});
