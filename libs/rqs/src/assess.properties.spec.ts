import fc from 'fast-check';
import {
  assessClear,
  assessMetrics,
  assessRqs1,
  assessRqs2,
  assessTripodAi,
  rqs1,
  scorePoints,
  type AnalysisSubject,
  type Policy,
  type StudyFacts,
  type ValidationFact,
} from './index.js';
import { accepted, claim, ref, review, run, site, study } from './study-facts.fixture.js';

/** 300 on every change; 10,000 by hand: `CONCORD_TEST_ASSESSMENTS=10000`. */
const numRuns = Number(process.env['CONCORD_TEST_ASSESSMENTS'] ?? 300);
const subjects: readonly AnalysisSubject[] = [
  ...(['automaticSegmentation', 'biasMitigation', 'cohortFlow', 'confounders', 'failureModes', 'missingness'] as const),
  ...(['sampleSize', 'scannerEffects', 'segmentationEvaluation', 'segmentationMethod', 'subgroups'] as const),
];
const anyRun: fc.Arbitrary<ValidationFact> = fc
  .record({
    site: fc.constantFrom('site-a', 'site-d', 'site-e', 'site-f'),
    cohort: fc.constantFrom('external' as const, 'internalHoldout' as const, 'crossValidation' as const),
    isLocked: fc.boolean(),
    outcomesOpenedAt: fc.constantFrom(null, 5, 20),
    replicates: fc.constantFrom(10, 500),
    hasPlot: fc.boolean(),
    hasStatistic: fc.boolean(),
    hasCurve: fc.boolean(),
  })
  .map(({ site: code, isLocked, replicates, hasPlot, hasStatistic, hasCurve, ...rest }) => ({
    ...run(code),
    ...rest,
    id: `${code}-${rest.cohort}`,
    threshold: isLocked ? 0.4 : 0.3,
    discriminationResampling: { replicates, seed: '1' },
    calibration: { hasStatistic, hasInterval: hasStatistic, hasPlot },
    decisionCurve: hasCurve ? ref('decision curve', code) : null,
  }));
const anyFacts: fc.Arbitrary<StudyFacts> = fc
  .record({
    validations: fc.array(anyRun, { maxLength: 5 }),
    isTransductive: fc.constantFrom(false, false, false, true),
    rows: fc.constantFrom('development' as const, 'development' as const, 'development' as const, 'all' as const),
    share: fc.constantFrom(1, 0.7, 0.2),
    rule: fc.constantFrom('developmentYouden' as const, 'unstated' as const),
    hasClinical: fc.boolean(),
    claims: fc.array(
      fc.tuple(
        fc.constantFrom(
          'rqs1.03',
          'rqs1.07',
          'rqs1.11',
          'rqs1.13',
          'rqs1.14',
          'rqs1.15',
          'rqs2.19',
          'rqs2.36',
          'metrics.02',
          'metrics.03',
        ),
        fc.constantFrom([], [accepted], [review('Dr C', 'contest')]),
      ),
      { maxLength: 4 },
    ),
    publishedDoi: fc.constantFrom(null, '10.1000/x'),
    isSameAsUsed: fc.boolean(),
    phantomScanners: fc.subarray(study.sites.flatMap((s) => s.scanners)),
    isTarget: fc.boolean(),
    subjects: fc.subarray([...subjects]),
    segmentation: fc.constantFrom('none' as const, 'manual' as const, 'automatic' as const),
    track: fc.constantFrom('handcrafted' as const, 'handcrafted' as const, 'deep-learning' as const),
    isIbsiCatalogue: fc.boolean(),
    hasRobustSelection: fc.boolean(),
  })
  .map((draw) => ({
    ...study,
    validations: draw.validations,
    sites: [...study.sites, site('site-f', 'externalValidation')].map((s) => ({
      ...s,
      acquisition: s.acquisition && { ...s.acquisition, completeSeriesShare: draw.share },
    })),
    harmonization: harmonizationOf(draw.isTransductive),
    selection: study.selection && {
      ...study.selection,
      rows: draw.rows,
      robustnessDigest: draw.hasRobustSelection ? 'sha256-robustness run-p' : null,
    },
    protocol: {
      ...study.protocol,
      design: { track: draw.track, segmentation: draw.segmentation, imageSetCount: 1 },
    },
    extraction: {
      ...ref('extraction settings', '1'),
      settingsDigest: 'd',
      engineVersion: 'concord',
      featureCount: 80,
      isIbsiCatalogue: draw.isIbsiCatalogue,
      conformance: [...study.sites, { code: 'site-f' }].map(({ code }) => ({
        ...ref('certificate', code),
        site: code,
      })),
      states: ['resampling' as const, 'discretisation' as const],
    },
    analyses: draw.subjects.map((subject) => ({ ...ref('analysis', subject), subject })),
    lock: study.lock && { ...study.lock, thresholdRule: draw.rule },
    model: study.model && {
      ...study.model,
      publishedDoi: draw.publishedDoi,
      predictors: draw.hasClinical ? study.model.candidates : study.model.predictors,
    },
    claims: draw.claims.map(([item, reviews]) =>
      claim(item, item.startsWith('rqs2') ? 'implemented' : 'yes', ...reviews),
    ),
    robustness: [
      {
        ...ref('robustness run', 'p'),
        study: 'phantom' as const,
        maskSetsPerCase: 1,
        readerCount: 0,
        iccForm: null,
        datesPerSubject: 1,
        scanners: draw.phantomScanners,
      },
    ],
    associations: [
      {
        ...ref('association run', '1'),
        variable: 'CK19',
        class: 'histology' as const,
        isPredictionTarget: draw.isTarget,
        hasInterval: true,
        isCorrectedForMultiplicity: true,
      },
    ],
    comparators: [
      {
        ...ref('comparator', '1'),
        name: 'size',
        class: 'clinical' as const,
        validation: 'sha256-validation run-site-d',
        hasTest: true,
      },
    ],
    artefacts: [
      {
        ...ref('artefact', 'code'),
        content: 'code' as const,
        url: 'u',
        licence: 'MIT',
        isSameAsUsed: draw.isSameAsUsed,
      },
    ],
  }));
function harmonizationOf(isTransductive: boolean) {
  return study.harmonization && { ...study.harmonization, isTransductive };
}
const policies = ['strict', 'lenient'] as const;
const scorers = { assessRqs1, assessRqs2, assessMetrics } as const;
const scoredBy = Object.entries(scorers);
const pointsAt = (facts: StudyFacts, policy: Policy, number: number) =>
  assessRqs1(facts, policy).items[number - 1]?.points ?? NaN;

/** Every way to take one record away. */
function withoutOne(facts: StudyFacts): StudyFacts[] {
  const lists = [
    'robustness',
    'validations',
    'comparators',
    'associations',
    'artefacts',
    'claims',
    'analyses',
  ] as const;
  const singles = ['extraction', 'harmonization', 'selection', 'model', 'lock', 'leakAudit', 'run'] as const;
  return [
    ...singles.map((name) => ({ ...facts, [name]: null })),
    ...lists.flatMap((name) =>
      facts[name].map((_, index) => ({ ...facts, [name]: facts[name].filter((_r, i) => i !== index) })),
    ),
    ...facts.sites.map((s) => ({
      ...facts,
      sites: facts.sites.map((o) => (o === s ? { ...o, acquisition: null } : o)),
    })),
  ];
}

describe('assessments for any facts', () => {
  it.each(scoredBy)('have a total that is the sum of the items (%s)', (_, assess) => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...policies), (facts, policy) => {
        const { total, percent, maxPoints, items } = assess(facts, policy);
        expect(items.reduce((sum, item) => sum + item.points, 0)).toBeCloseTo(total, 9);
        expect(percent).toBeCloseTo((100 * Math.max(0, total)) / maxPoints, 0.9);
        for (const item of items) expect(Number.isFinite(item.points)).toBe(true);
      }),
      { numRuns },
    );
  });

  it('have the total of RQS 1.0 that the score sheet gives', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...policies), (facts, policy) => {
        const { total, items } = assessRqs1(facts, policy);
        expect(scorePoints(rqs1, { items: Object.fromEntries(items.map((i) => [i.id, i.points])) }).total).toBe(total);
      }),
      { numRuns },
    );
  });

  it('have the points of RQS 1.0 that the verifier, written a second time, gives', async () => {
    // By its address: the verifier is no library, and stands alone in every bundle.
    const address = new URL('../../contracts/verifier/verify-bundle.mjs', import.meta.url).href;
    const { scoreRqs1 } = (await import(address)) as { scoreRqs1: (facts: StudyFacts, policy: Policy) => number[] };
    const anyContest = fc.subarray(
      rqs1.items.map((item) => item.id),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(anyFacts, anyContest, fc.constantFrom(...policies), (drawn, contested, policy) => {
        const by = { reviewer: 'Dr B', institution: 'Hospital B', reason: 'no' };
        const contests = contested.map((item) => ({ ...ref('objection', item), ...by, item }));
        const base = { ...drawn, contests };
        for (const facts of [base, ...withoutOne(base)]) {
          expect(scoreRqs1(facts, policy)).toEqual(assessRqs1(facts, policy).items.map((item) => item.points));
        }
      }),
      { numRuns },
    );
  });

  it.each(scoredBy)('never score an item higher strictly than leniently (%s)', (_, assess) => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const lenient = assess(facts, 'lenient').items;
        assess(facts, 'strict').items.forEach((item, index) => {
          expect(item.points).toBeLessThanOrEqual(lenient[index]?.points ?? -9);
        });
      }),
      { numRuns },
    );
  });

  it.each(scoredBy)('never score higher, nor to more percent, with a record taken away (%s)', (_, assess) => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...policies), (facts, policy) => {
        const { total, percent } = assess(facts, policy);
        for (const fewer of withoutOne(facts)) {
          const less = assess(fewer, policy);
          if (less.total > total || less.percent > percent) throw new Error(`${less.total} > ${total}`);
        }
      }),
      { numRuns },
    );
  });

  it('never report more of a guideline with a record taken away', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(assessClear, assessTripodAi), (facts, assess) => {
        const { reportedCount } = assess(facts);
        for (const fewer of withoutOne(facts)) {
          expect(assess(fewer).reportedCount).toBeLessThanOrEqual(reportedCount);
        }
      }),
      { numRuns },
    );
  });

  it('never lower item 12 for one more external locked validation', () => {
    fc.assert(
      fc.property(
        anyFacts,
        fc.constantFrom('site-d', 'site-e', 'site-f'),
        fc.constantFrom(...policies),
        (facts, code, policy) => {
          const more = { ...facts, validations: [...facts.validations, run(code)] };
          expect(pointsAt(more, policy, 12)).toBeGreaterThanOrEqual(pointsAt(facts, policy, 12));
          const [before, after] = [facts, more].map((f) => assessRqs2(f, policy).items[20]?.points ?? NaN);
          expect(after).toBeGreaterThanOrEqual(before ?? NaN);
        },
      ),
      { numRuns },
    );
  });

  it('void items 5, 8, 9, 10 and 12 for one validation row in the fit', () => {
    const oneRow = fc.constantFrom<[string[], number]>(
      [['site-a', 'site-b', 'site-c', 'site-e'], 72],
      [['site-a', 'site-b', 'site-c'], 73],
    );
    fc.assert(
      fc.property(anyFacts, oneRow, fc.constantFrom(...policies), (facts, [fittedOnSites, fittedRowCount], policy) => {
        const harmonization = facts.harmonization && { ...facts.harmonization, fittedOnSites, fittedRowCount };
        const leaked = { ...facts, harmonization };
        expect([5, 8, 9, 10, 12].map((n) => pointsAt(leaked, policy, n))).toEqual([-3, 0, 0, 0, -5]);
        expect(assessRqs2(leaked, policy).items[20]?.points).toBe(0);
        expect([18, 27].map((n) => assessMetrics(leaked, policy).items[n - 1]?.points)).toEqual([0, 0]);
      }),
      { numRuns },
    );
  });
});
