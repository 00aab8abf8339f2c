import { assessMetrics, assessRqs1, assessRqs2, assessClear, assessTripodAi, metrics, rqs2 } from './index.js';
import type { AnalysisSubject, StudyFacts } from './index.js';
import { accepted, claim, machineStudy, ref, statedStudy, study } from './study-facts.fixture.js';

const strict = (facts: StudyFacts) => assessRqs1(facts, 'strict');
const pointsOf = (facts: StudyFacts, number: number) => strict(facts).items[number - 1]?.points;

/** Item, its points by records, and what to take away so that they are gone. */
const machinePoints: [number, number, number, Partial<StudyFacts>][] = [
  [1, 1, 0, { sites: machineStudy.sites.map((s) => ({ ...s, acquisition: null })) }],
  [2, 1, 0, { robustness: machineStudy.robustness.slice(1) }],
  [4, 1, 0, { robustness: machineStudy.robustness.slice(0, 1) }],
  [5, 3, -3, { selection: null }],
  [6, 1, 0, { model: study.model }],
  [8, 1, 0, { lock: null }],
  [9, 2, 1, { validations: machineStudy.validations.map((v) => ({ ...v, discriminationResampling: null })) }],
  [9, 2, 0, { validations: [] }],
  [10, 2, 1, { validations: machineStudy.validations.map((v) => ({ ...v, calibrationResampling: null })) }],
  [10, 2, 0, { validations: [] }],
  [12, 5, 4, { validations: machineStudy.validations.slice(0, 2) }],
  [12, 5, 3, { validations: machineStudy.validations.slice(0, 1) }],
  [12, 5, -5, { validations: [] }],
  [14, 2, 0, { validations: machineStudy.validations.map((v) => ({ ...v, decisionCurve: null })) }],
  ...machineStudy.artefacts.map((gone): [number, number, number, Partial<StudyFacts>] => [
    16,
    4,
    3,
    { artefacts: machineStudy.artefacts.filter((artefact) => artefact !== gone) },
  ]),
];

describe('the points of RQS 1.0', () => {
  it('are 23 by records alone, 28 with five points by statements, 36 with trial and costs', () => {
    expect(strict(machineStudy)).toMatchObject({ total: 23, provenPoints: 23, hardStops: [] });
    expect(strict(statedStudy).total).toBe(28);
    const others = [claim('rqs1.11', 'yes', accepted), claim('rqs1.15', 'yes', accepted)];
    expect(strict({ ...statedStudy, claims: [...statedStudy.claims, ...others] }).total).toBe(36);
  });

  it.each(machinePoints)('item %i: %i points by its record, %i without it', (number, full, less, gone) => {
    expect(pointsOf(machineStudy, number)).toBe(full);
    const item = strict(machineStudy).items[number - 1];
    expect(item?.state).toBe('PROVEN');
    expect(item?.evidence.length).toBeGreaterThan(0);
    expect(pointsOf({ ...machineStudy, ...gone }, number)).toBe(less);
  });

  it.each([
    [1, 1],
    [3, 1],
    [7, 1],
    [13, 2],
  ])(
    'item %i: %i by a statement that somebody else accepted, none while it waits or without its record',
    (number, gain) => {
      // prettier-ignore
      const id = `rqs1.${String(number).padStart(2, '0')}`;
      const waiting = statedStudy.claims.map((c) => (c.item === id ? { ...c, reviews: [] } : c));
      const less = (pointsOf(statedStudy, number) ?? 0) - gain;
      expect(pointsOf({ ...statedStudy, claims: waiting }, number)).toBe(less);
      const item = strict({ ...statedStudy, claims: waiting }).items[number - 1];
      expect(item?.claimedPoints).toBe(gain);
      if (number !== 1) expect(item).toMatchObject({ state: 'CLAIMED', nextPoint: { by: 'a reviewer' } });
      if (number !== 1) expect(pointsOf({ ...machineStudy, claims: statedStudy.claims }, number)).toBe(less);
    },
  );

  it('asks a phantom for the signed report of it', () => {
    const bare = statedStudy.claims.map((c) => ({ ...c, attachmentDigest: null }));
    expect(pointsOf({ ...statedStudy, claims: bare }, 3)).toBe(0);
  });

  it('says of every missing point who can supply it', () => {
    for (const assessed of [strict(study), assessRqs2(study, 'strict'), assessMetrics(study, 'strict')]) {
      for (const item of assessed.items) {
        if (item.state === 'NOT_APPLICABLE' || item.points === item.maxPoints) continue;
        expect(item.nextPoint?.by).toMatch(/^(the|a|readers) /);
        expect(item.nextPoint?.gain).toBeGreaterThan(0);
      }
    }
  });

  it('stops hard when more rows were harmonized than development sites gave', () => {
    const harmonization = study.harmonization && { ...study.harmonization, fittedRowCount: 73 };
    const assessed = strict({ ...machineStudy, harmonization });
    expect(assessed.hardStops).toEqual(['Harmonization was fitted on 73 rows, and the development sites gave 72.']);
    expect([5, 8, 9, 10, 12].map((n) => assessed.items[n - 1]?.points)).toEqual([-3, 0, 0, 0, -5]);
    for (const n of [5, 8, 9, 10, 12])
      expect(assessed.items[n - 1]?.reason).toContain('Void. Harmonization was fitted on 73 rows');
  });
});

const certified: StudyFacts = {
  ...statedStudy,
  extraction: {
    ...ref('extraction settings', '1'),
    settingsDigest: 'd',
    engineVersion: 'concord 0.1.0',
    featureCount: 80,
    isIbsiCatalogue: true,
    conformance: statedStudy.sites.map((s) => ({ ...ref('conformance certificate', s.code), site: s.code })),
    states: ['resampling', 'discretisation', 'imageTypes'],
  },
  selection: statedStudy.selection && { ...statedStudy.selection, robustnessDigest: 'sha256-robustness run-readers' },
};
const with_ = (facts: StudyFacts, ...subjects: AnalysisSubject[]): StudyFacts => ({
  ...facts,
  analyses: subjects.map((subject) => ({ ...ref('analysis', subject), subject })),
});

describe('assessRqs2', () => {
  const at = (facts: StudyFacts, number: number) => assessRqs2(facts, 'strict').items[number - 1];

  it('scores what the records of a federated study show, level by level', () => {
    const { total, maxPoints, readiness, items } = assessRqs2(with_(certified, 'scannerEffects'), 'strict');
    const earned = Object.fromEntries(items.filter((i) => i.points > 0).map((i) => [i.number, i.points]));
    expect(earned).toEqual({
      ...{ 2: 1, 3: 2, 6: 1, 7: 1, 8: 1, 9: 1, 11: 1, 12: 1, 14: 2, 16: 1, 17: 2, 18: 1, 20: 3, 21: 3, 22: 2, 24: 2 },
      ...{ 27: 1, 34: 1 },
    });
    expect([total, maxPoints]).toEqual([Object.values(earned).reduce((a, b) => a + b), 56]);
    expect(readiness?.completeThrough).toBe(0);
    expect(readiness?.levels.map((level) => level.max)).toEqual([7, 5, 5, 9, 8, 5, 7, 6, 4]);
  });

  it('counts external institutes, and third-party evaluation on data the owner could not see', () => {
    const first = certified.validations.slice(0, 1);
    expect(at({ ...certified, validations: first }, 21)?.points).toBe(1);
    const seen = certified.validations.map((v) => ({ ...v, isUnseenByOwner: false }));
    expect(at({ ...certified, validations: seen }, 21)?.points).toBe(2);
    expect(at(certified, 21)?.points).toBe(3);
    expect(at({ ...certified, validations: [] }, 21)?.points).toBe(0);
  });

  it('takes conformance of every site, or none', () => {
    const { extraction } = certified;
    const conformance = extraction?.conformance.slice(1) ?? [];
    expect(at({ ...certified, extraction: extraction && { ...extraction, conformance } }, 9)?.points).toBe(0);
    expect(at({ ...certified, extraction: extraction && { ...extraction, isIbsiCatalogue: false } }, 9)?.points).toBe(0); // prettier-ignore
  });

  it('wants a statement beside a record where a person must judge, and none where records speak', () => {
    const facts = with_(certified, 'failureModes', 'explanation', 'subgroups');
    expect([at(facts, 19)?.points, at(facts, 25)?.points, at(facts, 28)?.points]).toEqual([0, 1, 1]);
    const waiting = { ...facts, claims: [claim('rqs2.19', 'implemented')] };
    expect(at(waiting, 19)).toMatchObject({ state: 'CLAIMED', points: 0, claimedPoints: 1 });
    const stated = { ...facts, claims: [claim('rqs2.19', 'implemented', accepted)] };
    expect(at(stated, 19)).toMatchObject({ state: 'PROVEN', points: 1 });
    expect(at({ ...study, claims: stated.claims }, 19)?.points).toBe(0);
    expect(at({ ...study, claims: [claim('rqs2.01', 'delphi-or-consensus', accepted)] }, 1)?.points).toBe(2);
  });

  it('asks a study of deep learning nothing about hand-crafted features', () => {
    const design = { ...study.protocol.design, track: 'deep-learning' as const };
    const { items, maxPoints } = assessRqs2({ ...study, protocol: { ...study.protocol, design } }, 'strict');
    expect(maxPoints).toBe(52);
    expect(items.filter((i) => i.state === 'NOT_APPLICABLE').map((i) => i.number)).toEqual([6, 9, 11, 12]);
  });

  it('has a rule for each item, and reaches no option that the scheme does not know', () => {
    const { items } = assessRqs2(certified, 'lenient');
    items.forEach((item, n) => {
      const known = rqs2.items[n]?.options.map((option) => option.id);
      for (const option of item.options) expect(known).toContain(option);
    });
  });
});

describe('assessMetrics', () => {
  const at = (facts: StudyFacts, number: number) => assessMetrics(facts, 'strict').items[number - 1];

  it('weighs what records show, over what the protocol makes applicable', () => {
    const { percent, band, maxPoints, items, total } = assessMetrics(certified, 'strict');
    const yes = items.filter((i) => i.points > 0).map((i) => i.number);
    expect(yes).toEqual([4, 5, 6, 11, 12, 13, 14, 18, 20, 21, 22, 23, 24, 27, 28, 29]);
    const weights = metrics.items.filter((i) => yes.includes(Number(i.number))).map((i) => i.maxPoints);
    expect(total).toBeCloseTo(
      weights.reduce((a, b) => a + b),
      9,
    );
    expect(maxPoints).toBe(0.9575);
    expect(percent).toBeCloseTo((100 * total) / 0.9575, 1);
    expect(band).toBe(percent >= 60 ? 'good' : 'moderate');
  });

  it('takes partitioning, performance and external testing away after a leak', () => {
    const harmonization = certified.harmonization && { ...certified.harmonization, isTransductive: true };
    const leaked = { ...certified, harmonization };
    expect([18, 20, 21, 22, 26, 27].map((n) => at(leaked, n)?.points)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(at(leaked, 18)?.reason).toContain('Void');
  });
});

describe('reporting guidelines', () => {
  it('are answered by records, or by accepted statements, each with its evidence', () => {
    for (const assessed of [assessClear(certified), assessTripodAi(certified)]) {
      expect(assessed.applicableCount).toBe(assessed.scheme === 'clear' ? 58 : 52);
      expect(assessed.reportedCount).toBe(assessed.items.filter((i) => i.state === 'PROVEN').length);
      for (const item of assessed.items) expect(item.evidence.length > 0).toBe(item.state === 'PROVEN');
    }
    expect([assessClear(certified).reportedCount, assessTripodAi(certified).reportedCount]).toEqual([27, 23]);
    const of = (facts: StudyFacts) => assessClear(facts).items[3]?.state;
    expect(of(study)).toBe('NOT_MET');
    expect(of({ ...study, claims: [claim('clear.04', 'yes')] })).toBe('CLAIMED');
    expect(of({ ...study, claims: [claim('clear.04', 'yes', accepted)] })).toBe('PROVEN');
    expect(of({ ...study, claims: [claim('clear.04', 'yes', { ...accepted, verdict: 'contest' })] })).toBe('CONTESTED');
  });
});
