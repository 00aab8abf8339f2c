import { referenceData } from '@concord/testing';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findScheme,
  legalPoints,
  metrics,
  rqs2,
  schemes,
  scoreChecklist,
  scorePoints,
  scoreRecord,
  scoreWeights,
  type Checklist,
  type QualityRecord,
  type Scheme,
} from './index.js';

interface MetricsExample {
  readonly name?: string;
  readonly conditions: Record<string, string>;
  readonly items?: string;
  readonly expected: Record<string, unknown>;
}

function metricsOutcome({ conditions, items = '-'.repeat(30) }: MetricsExample): Record<string, unknown> {
  try {
    const { percent, band, applicableWeight } = scoreWeights(metrics, { conditions, items });
    return { percent, band, applicableWeight };
  } catch (error) {
    const { code, items: wrong, condition } = error as { code: string; items?: string[]; condition?: number };
    return { error: code, ...(wrong && { items: wrong }), ...(condition && { condition }) };
  }
}

describe('every scheme', () => {
  it.each<[string, number, string]>([
    ['rqs1', 16, 'points'],
    ['rqs2', 42, 'points'],
    ['metrics', 30, 'weights'],
    ['clear', 58, 'checklist'],
    ['tripod-ai', 52, 'checklist'],
    ['ibsi-reporting', 104, 'checklist'],
  ])('%s has its %d items, each in one chapter, each with options of its own', (id, count, kind) => {
    const scheme = findScheme(id);
    expect([scheme.items.length, scheme.kind]).toEqual([count, kind]);
    expect(new Set(scheme.items.map((item) => item.id)).size).toBe(count);
    expect(scheme.groups.flatMap((group) => group.items).sort()).toEqual(scheme.items.map((i) => i.number).sort());
    for (const item of scheme.items) {
      expect(new Set(item.options.map((option) => option.id)).size).toBe(item.options.length);
      expect(item.options.length).toBeGreaterThan(1);
      expect(['auto', 'auto+human', 'human']).toContain(item.evidence.mode);
      expect([legalPoints(item)[0], legalPoints(item).at(-1)]).toEqual([item.minPoints, item.maxPoints]);
    }
  });

  it('adds up to its parts, for any legal record', () => {
    const scored = [schemes['rqs1'], schemes['rqs2'], schemes['metrics']] as Scheme[];
    for (const scheme of scored) {
      const items = fc.record(
        Object.fromEntries(scheme.items.map((item) => [item.id, fc.constantFrom(...legalPoints(item))])),
      );
      const isAllOn = Object.fromEntries([1, 2, 3, 4, 5].map((condition) => [condition, 'yes']));
      fc.assert(
        fc.property(items, (points) => {
          const score = scoreRecord(scheme, { items: points, conditions: isAllOn }) as { total: number };
          const sum = Object.values(points).reduce((total, value) => total + value, 0);
          expect(score.total).toBeCloseTo(sum, 9);
        }),
        { numRuns: 300 },
      );
    }
  });
});

describe('METRICS', () => {
  const { assessments } = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'golden', 'published', 'metrics-boundaries.json'), 'utf8'),
  ) as { assessments: MetricsExample[] };

  it.each(assessments.map((example) => [example.name ?? '', example] as const))('%s', (_, example) => {
    expect(metricsOutcome(example)).toEqual(example.expected);
  });

  const path = referenceData('rqs', 'examples', 'metrics-published-liver.json');
  const onReaders = path === null ? it.skip : it;
  onReaders(
    `gives 18 published readings their percentage, band and weight${path === null ? ' (data absent)' : ''}`,
    () => {
      const { papers } = JSON.parse(readFileSync(path ?? '', 'utf8')) as { papers: { ratings: MetricsExample[] }[] };
      const ratings = papers.flatMap((paper) => paper.ratings);
      expect(ratings).toHaveLength(18);
      for (const rating of ratings) expect(metricsOutcome(rating)).toEqual(rating.expected);
    },
  );

  it('asks for every condition, and takes an unanswered item for not met', () => {
    const conditions = { 1: 'yes', 2: 'no', 3: 'yes', 4: 'yes', 5: 'no' };
    expect(metricsOutcome({ conditions: { ...conditions, 4: '' }, expected: {} })).toEqual({ error: 'INVALID_RECORD' });
    expect(scoreWeights(metrics, { conditions, items: {} }).total).toBe(0);
    const { total } = scoreWeights(metrics, { conditions, options: { 'metrics.03': ['yes'] } });
    expect(total).toBe(0.0919);
    expect(metricsOutcome({ conditions, items: 'Y', expected: {} })).toEqual({ error: 'INVALID_RECORD' });
  });
});

describe('RQS 2.0', () => {
  const full = (filter: (item: (typeof rqs2.items)[number]) => boolean): Record<string, number> =>
    Object.fromEntries(rqs2.items.filter(filter).map((item) => [item.id, item.maxPoints]));

  it('has 56 points for hand-crafted features and 52 for deep learning, by level as published', () => {
    const all = scorePoints(rqs2, { items: full(() => true) });
    expect([all.total, all.maxPoints, all.percent]).toEqual([56, 56, 100]);
    expect(all.groups.map(({ max }) => max)).toEqual([7, 5, 5, 9, 8, 5, 7, 6, 4]);
    expect(all.readiness).toEqual({ track: 'handcrafted', level: 9, completeThrough: 9 });
    const deep = scorePoints(rqs2, { items: full((item) => !item.isHandcraftedOnly), track: 'deep-learning' });
    expect([deep.total, deep.maxPoints]).toEqual([52, 52]);
    expect(deep.groups.map(({ max }) => max)).toEqual([7, 3, 3, 9, 8, 5, 7, 6, 4]);
  });

  it('counts up to the level asked about, and says how far nothing is missing', () => {
    const items = { ...full(() => true), 'rqs2.12': 0 };
    expect(scorePoints(rqs2, { items, level: 2 })).toMatchObject({ total: 12, maxPoints: 12 });
    expect(scorePoints(rqs2, { items }).readiness).toMatchObject({ completeThrough: 2 });
  });

  it('refuses points on hand-crafted features in a study of deep learning, and levels that are none', () => {
    const refused = (record: QualityRecord, code: string): void =>
      expect(() => scorePoints(rqs2, record)).toThrow(expect.objectContaining({ code }) as Error);
    refused({ items: full(() => true), track: 'deep-learning' }, 'ITEM_NOT_APPLICABLE');
    refused({ items: full(() => true), level: 10 }, 'INVALID_RECORD');
  });
});

describe('a checklist', () => {
  it('counts what is reported of what applies', () => {
    const clear = schemes['clear'] as Checklist;
    const answers = clear.items.map((item, n) => [item.id, [n < 30 ? 'yes' : n < 50 ? 'no' : 'not-applicable']]);
    const options = Object.fromEntries(answers) as Record<string, string[]>;
    expect(scoreChecklist(clear, { options })).toMatchObject({
      ...{ reportedCount: 30, notReportedCount: 20, notApplicableCount: 8, percent: 60 },
    });
    const gap = Object.fromEntries(Object.entries(options).filter(([id]) => id !== 'clear.01'));
    expect(() => scoreChecklist(clear, { options: gap })).toThrow(/one item has no answer/);
    expect(() => scoreChecklist(clear, { options: { ...options, 'clear.01': ['maybe'] } })).toThrow(/maybe/);
  });
});
