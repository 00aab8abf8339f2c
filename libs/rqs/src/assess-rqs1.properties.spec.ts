import fc from 'fast-check';
import { assessRqs1, rqs1, scorePoints, type Policy, type StudyFacts, type ValidationFact } from './index.js';
import { accepted, claim, ref, review, run, site, study } from './study-facts.fixture.js';

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
        fc.constantFrom('rqs1.07', 'rqs1.11', 'rqs1.13', 'rqs1.14', 'rqs1.15'),
        fc.constantFrom([], [accepted], [review('Dr C', 'contest')]),
      ),
      { maxLength: 4 },
    ),
    publishedDoi: fc.constantFrom(null, '10.1000/x'),
    isSameAsUsed: fc.boolean(),
    phantomScanners: fc.subarray(study.sites.flatMap((s) => s.scanners)),
    isTarget: fc.boolean(),
  })
  .map((draw) => ({
    ...study,
    validations: draw.validations,
    sites: [...study.sites, site('site-f', 'externalValidation')].map((s) => ({
      ...s,
      acquisition: s.acquisition && { ...s.acquisition, completeSeriesShare: draw.share },
    })),
    harmonization: harmonizationOf(draw.isTransductive),
    selection: study.selection && { ...study.selection, rows: draw.rows },
    lock: study.lock && { ...study.lock, thresholdRule: draw.rule },
    model: study.model && {
      ...study.model,
      publishedDoi: draw.publishedDoi,
      predictors: draw.hasClinical ? study.model.candidates : study.model.predictors,
    },
    claims: draw.claims.map(([item, reviews]) => claim(item, 'yes', ...reviews)),
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
      { ...ref('comparator', '1'), name: 'size', validation: 'sha256-validation run-site-d', hasTest: true },
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
const validationPoints = (facts: StudyFacts, policy: Policy) => assessRqs1(facts, policy).items[11]?.points ?? NaN;
const policies = ['strict', 'lenient'] as const;

/** Every way to take one record away. */
function withoutOne(facts: StudyFacts): StudyFacts[] {
  const lists = ['robustness', 'validations', 'comparators', 'associations', 'artefacts', 'claims'] as const;
  const singles = ['extraction', 'harmonization', 'selection', 'model', 'lock', 'leakAudit'] as const;
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

describe('assessRqs1 for any facts', () => {
  it('has a total that is the sum of its items, and that the score sheet gives too', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...policies), (facts, policy) => {
        const { total, items } = assessRqs1(facts, policy);
        expect(items.reduce((sum, item) => sum + item.points, 0)).toBe(total);
        expect(scorePoints(rqs1, { items: Object.fromEntries(items.map((i) => [i.id, i.points])) }).total).toBe(total);
      }),
    );
  });

  it('never scores an item higher strictly than leniently', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const lenient = assessRqs1(facts, 'lenient').items;
        assessRqs1(facts, 'strict').items.forEach((item, index) => {
          expect(item.points).toBeLessThanOrEqual(lenient[index]?.points ?? -9);
        });
      }),
    );
  });

  it('never scores higher with a record taken away', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...policies), (facts, policy) => {
        const { total } = assessRqs1(facts, policy);
        for (const fewer of withoutOne(facts)) expect(assessRqs1(fewer, policy).total).toBeLessThanOrEqual(total);
      }),
      { numRuns: 400 },
    );
  });

  it('never lowers item 12 for one more external locked validation', () => {
    fc.assert(
      fc.property(
        anyFacts,
        fc.constantFrom('site-d', 'site-e', 'site-f'),
        fc.constantFrom(...policies),
        (facts, code, policy) => {
          const more = { ...facts, validations: [...facts.validations, run(code)] };
          expect(validationPoints(more, policy)).toBeGreaterThanOrEqual(validationPoints(facts, policy));
        },
      ),
    );
  });
});
