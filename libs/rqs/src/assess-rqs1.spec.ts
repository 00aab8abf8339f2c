import { assessRqs1, claimStanding, rqs1, whyNotReviewer } from './index.js';
import type { ReviewFact, StudyFacts, ValidationFact } from './index.js';
import { accepted, claim, ref, review, run, site, study } from './study-facts.fixture.js';

const pointsOf = (facts: StudyFacts, policy: 'strict' | 'lenient' = 'strict') =>
  Object.fromEntries(assessRqs1(facts, policy).items.map((item) => [item.number, item.points]));
const itemOf = (facts: StudyFacts, number: number, policy: 'strict' | 'lenient' = 'strict') => {
  const item = assessRqs1(facts, policy).items[number - 1];
  if (!item) throw new Error(`no item ${number}`);
  return item;
};
describe('assessRqs1 on a plain federated study', () => {
  it.each([
    ['no event', 0],
    ['an event in every patient', 24],
  ])('counts neither validation nor cut-off at a site with %s', (_, eventCount) => {
    const [first, second] = study.validations;
    const scored = (...validations: ValidationFact[]) => pointsOf({ ...study, validations });
    const empty = (fact: ValidationFact) => ({ ...fact, patientCount: 24, eventCount });
    expect(scored(first, second)[12]).toBe(4);
    expect(scored(first, empty(second))[12]).toBe(3);
    expect(scored(empty(first), empty(second))).toMatchObject({ 8: 0, 12: -5 });
  });

  it('earns what its records show and no more, and says so for both policies', () => {
    const zero = Object.fromEntries(rqs1.items.map((item) => [item.number, 0]));
    expect(pointsOf(study)).toEqual({ ...zero, 1: 1, 5: 3, 8: 1, 9: 2, 10: 1, 12: 4, 14: 2 });
    expect(pointsOf(study, 'lenient')).toEqual({ ...zero, 1: 1, 5: 3, 6: 1, 8: 1, 9: 2, 10: 1, 12: 4, 14: 2 });
    const { total, percent, provenPoints, hardStops } = assessRqs1(study, 'strict');
    expect({ total, percent, provenPoints, hardStops }).toEqual({
      total: 14,
      percent: 38.9,
      provenPoints: 14,
      hardStops: [],
    });
  });

  it('names for every lost point what would earn it, and for every earned one its records', () => {
    for (const item of assessRqs1(study, 'strict').items) {
      expect(item.reason).toMatch(/[.]$/);
      if (item.points < item.maxPoints) expect(item.nextPoint?.gain).toBeGreaterThan(0);
      else expect(item.nextPoint).toBeUndefined();
      if (item.state === 'PROVEN') expect(item.evidence.every((e) => e.digest.length > 0)).toBe(true);
      expect(item.state === 'PROVEN').toBe(item.points > 0);
      expect(item.evidence.length > 0).toBe(item.points > 0);
    }
    expect(itemOf(study, 12).reason).toContain('site-d (24 patients, 10 events) and site-e (24 patients, 10 events)');
    expect(itemOf(study, 12).reason).toContain(
      "come from the site's own features, frozen before its outcomes were opened",
    );
  });

  it('counts distinct external sites: 3 points for one, 4 for two, 5 for three, each site once', () => {
    const points = (...validations: ValidationFact[]) => {
      const sites = [...study.sites, site('site-f', 'externalValidation')];
      return pointsOf({ ...study, sites, validations })[12];
    };
    expect(points()).toBe(-5);
    expect(points(run('site-d'))).toBe(3);
    expect(points(run('site-d'), run('site-d'))).toBe(3);
    expect(points(run('site-d'), run('site-e'))).toBe(4);
    expect(points(run('site-d'), run('site-e'), run('site-f'))).toBe(5);
  });

  const broken: [string, Partial<ValidationFact>][] = [
    ['it used another lock', { lockDigest: 'other' }],
    ['it used another model than the locked one', { modelDigest: 'other' }],
    ['it used another harmonization than the locked one', { harmonizationDigest: null }],
    ['the cut-off was changed after the lock', { threshold: 0.5 }],
    ['it is not recorded when its outcomes were opened', { outcomesOpenedAt: null }],
    ['its outcomes were readable before the lock', { outcomesOpenedAt: 10 }],
    ['after its outcomes were opened', { siteAdjustment: { ...ref('batch parameters', 'x'), sequence: 20 } }],
    ['its site has no record', { site: 'site-z' }],
    ['the site is a development site', { site: 'site-a' }],
  ];
  it.each(broken)('does not count a run as external when %s', (why, change) => {
    const item = itemOf({ ...study, validations: [{ ...run('site-d'), ...change }] }, 12);
    expect(item.points).toBe(-5);
    expect(item.state).toBe('NOT_MET');
    expect(item.reason).toContain(why);
  });

  it('does not count a site that gave development patients, nor a run without a lock or with a lock of another model', () => {
    const sites = study.sites.map((s) => (s.code === 'site-d' ? { ...s, trainingRowCount: 2 } : s));
    expect(itemOf({ ...study, sites, validations: [run('site-d')] }, 12).reason).toContain('2 patients to the fit');
    expect(itemOf({ ...study, lock: null }, 12).reason).toContain('no model was locked');
    const lock = study.lock && { ...study.lock, modelDigest: 'other' };
    expect(itemOf({ ...study, lock }, 12).reason).toContain('the lock names another model');
    const unharmonized = study.lock && { ...study.lock, harmonizationDigest: null };
    expect(itemOf({ ...study, lock: unharmonized }, 12).reason).toContain('another harmonization than the model');
  });

  const { harmonization, selection, model, leakAudit } = study;
  const leaks: [string, Partial<StudyFacts>][] = [
    ['transductive', { harmonization: harmonization && { ...harmonization, isTransductive: true } }],
    [
      'site-d, meant for validation',
      { harmonization: harmonization && { ...harmonization, fittedOnSites: ['site-a', 'site-d'] } },
    ],
    ['harmonization whose record is not there', { harmonization: null }],
    ['selected on rows meant', { selection: selection && { ...selection, rows: 'all' } }],
    ['harmonized otherwise', { selection: selection && { ...selection, harmonizationDigest: null } }],
    ['feature selection whose record is not there', { selection: null }],
    ['promises a leak audit', { leakAudit: null }],
    ['AUC of 0.71 on shuffled', { leakAudit: leakAudit && { ...leakAudit, meanAuc: 0.71, interval: [0.62, 0.8] } }],
    ['no record of the model', { model: null }],
  ];
  it.each(leaks)('is stopped hard by a leak (%s) under both policies', (words, change) => {
    for (const policy of ['strict', 'lenient'] as const) {
      const assessment = assessRqs1({ ...study, ...change }, policy);
      expect(assessment.hardStops.join(' ')).toContain(words);
      expect([5, 8, 9, 10, 12].map((n) => assessment.items[n - 1]?.points)).toEqual([-3, 0, 0, 0, -5]);
    }
  });

  it('reads the disputed items of a study without external sites by the two policies', () => {
    const inside = { ...run('site-a'), siteAdjustment: null };
    const held: StudyFacts = { ...study, validations: [{ ...inside, cohort: 'internalHoldout' }] };
    expect([pointsOf(held)[12], pointsOf(held, 'lenient')[12]]).toEqual([2, 2]);
    const crossed: StudyFacts = { ...study, validations: [{ ...inside, cohort: 'crossValidation' }] };
    expect([pointsOf(crossed)[12], pointsOf(crossed, 'lenient')[12]]).toEqual([-5, 2]);
    const mixed: StudyFacts = {
      ...study,
      validations: [...study.validations, { ...inside, cohort: 'internalHoldout' }],
    };
    expect([pointsOf(mixed)[12], pointsOf(mixed, 'lenient')[12]]).toEqual([4, 5]);
    const published = { ...held, model: model && { ...model, publishedDoi: '10.1000/x' } };
    expect(itemOf(published, 12).options).toEqual(['published-signature']);
    const sites = study.sites.map((s) => (s.code === 'site-e' ? { ...s, outcomesOpenedAt: 1 } : s));
    const early = { ...study, sites };
    expect([pointsOf(early)[8], pointsOf(early, 'lenient')[8], pointsOf(early)[12]]).toEqual([0, 1, 3]);
    expect(itemOf(early, 8).reason).toContain('Outcomes of site-e were readable before');
  });

  it('gives statistics a second point only for enough bootstrap samples with a kept seed', () => {
    const points = (change: Partial<ValidationFact>) => {
      const all = pointsOf({ ...study, validations: [{ ...run('site-d'), ...change }] });
      return [all[9], all[10]];
    };
    expect(points({ calibrationResampling: { replicates: 200, seed: '7' } })).toEqual([2, 2]);
    expect(points({ discriminationResampling: { replicates: 199, seed: '7' } })).toEqual([1, 1]);
    expect(points({ discriminationResampling: { replicates: 1000, seed: '' } })).toEqual([1, 1]);
    expect(points({ discrimination: null, calibration: null })).toEqual([0, 0]);
    const plot: StudyFacts = {
      ...study,
      validations: [{ ...run('site-d'), calibration: { hasStatistic: false, hasInterval: false, hasPlot: true } }],
    };
    expect([pointsOf(plot)[10], pointsOf(plot, 'lenient')[10]]).toEqual([0, 1]);
  });
});

describe('assessRqs1 on items beyond the plain study', () => {
  it('scores robustness runs by what they cover', () => {
    const base = { maskSetsPerCase: 2, readerCount: 2, iccForm: 'ICC(2,1)', scanners: [], datesPerSubject: 1 };
    const reader = { ...ref('robustness run', 'r'), ...base, study: 'multiReader' as const };
    const phantom = { ...ref('robustness run', 'p'), ...base, study: 'phantom' as const, scanners: ['Scanner site-a'] };
    const retest = { ...ref('robustness run', 't'), ...base, study: 'testRetest' as const, datesPerSubject: 2 };
    const facts: StudyFacts = { ...study, robustness: [reader, phantom, retest] };
    expect([2, 3, 4].map((n) => pointsOf(facts)[n])).toEqual([1, 0, 1]);
    expect(pointsOf(facts, 'lenient')[3]).toBe(1);
    expect(itemOf(facts, 3).reason).toContain('1 of 5 scanners');
    const everywhere = { ...phantom, scanners: study.sites.flatMap((s) => s.scanners) };
    const reported = { claims: [claim('rqs1.03', 'yes', accepted)] };
    expect(pointsOf({ ...study, ...reported, robustness: [everywhere, { ...reader, readerCount: 1 }] })[3]).toBe(1);
    expect(
      pointsOf({
        ...study,
        robustness: [
          { ...reader, readerCount: 1 },
          { ...retest, datesPerSubject: 1 },
        ],
      })[2],
    ).toBe(0);
  });

  it('asks for the acquisition record of every site, or of most', () => {
    const sites = study.sites.map((s) =>
      s.acquisition && s.code === 'site-c' ? { ...s, acquisition: { ...s.acquisition, completeSeriesShare: 0.8 } } : s,
    );
    const publicAcquisition = { citation: 'LI-RADS CT technique', conformingSeriesShare: 0.9 };
    const facts = { ...study, sites, protocol: { ...study.protocol, publicAcquisition } };
    expect([pointsOf(facts)[1], pointsOf(facts, 'lenient')[1]]).toEqual([0, 2]);
    expect(itemOf(facts, 1).reason).toContain('incomplete at site-c');
    const conforming = { ...study.protocol, publicAcquisition: { ...publicAcquisition, conformingSeriesShare: 1 } };
    expect(pointsOf({ ...study, protocol: conforming })[1]).toBe(2);
  });

  it('scores mixed predictors, biology, comparators and published artefacts', () => {
    const predictors = study.model?.candidates ?? [];
    const association = {
      ...ref('association run', '1'),
      variable: 'Ki-67',
      class: 'immunohistochemistry' as const,
      isPredictionTarget: false,
      hasInterval: true,
      isCorrectedForMultiplicity: true,
    };
    const comparator = {
      ...ref('comparator', '1'),
      name: 'BCLC stage',
      class: 'clinical' as const,
      validation: 'sha256-validation run-site-d',
      hasTest: true,
    };
    const artefacts = (['code', 'scans'] as const).map((content) => ({
      ...ref('artefact', content),
      content,
      url: 'https://example.org',
      licence: 'Apache-2.0',
      isSameAsUsed: content === 'code',
    }));
    const facts: StudyFacts = {
      ...study,
      model: study.model && { ...study.model, predictors },
      associations: [association],
      comparators: [comparator],
      artefacts,
    };
    expect([6, 7, 13, 16].map((n) => pointsOf(facts)[n])).toEqual([1, 0, 0, 1]);
    expect([6, 7, 13, 16].map((n) => pointsOf(facts, 'lenient')[n])).toEqual([1, 1, 2, 2]);
    const stated = { ...facts, claims: [claim('rqs1.07', 'yes'), claim('rqs1.13', 'yes')] };
    expect(itemOf(stated, 13).state).toBe('CLAIMED');
    expect(assessRqs1(stated, 'strict').totalWithClaims - assessRqs1(stated, 'strict').total).toBe(3);
    const reviewed = { ...facts, claims: [claim('rqs1.07', 'yes', accepted), claim('rqs1.13', 'yes', accepted)] };
    expect([7, 13].map((n) => pointsOf(reviewed)[n])).toEqual([1, 2]);
    expect(pointsOf({ ...study, claims: reviewed.claims })[13]).toBe(0);
  });

  it('counts a statement once somebody else accepted it, and never for what records must show', () => {
    const facts = (reviews: readonly ReviewFact[], item = 'rqs1.11') => ({
      ...study,
      claims: [claim(item, 'yes', ...reviews)],
    });
    const eleven = (...reviews: readonly ReviewFact[]) => {
      const { state, points } = itemOf(facts(reviews), 11);
      return [state, points];
    };
    expect(eleven()).toEqual(['CLAIMED', 0]);
    expect(eleven(accepted)).toEqual(['PROVEN', 7]);
    expect(eleven(review('Dr A', 'accept'))).toEqual(['CLAIMED', 0]);
    expect(eleven(review('Dr B', 'contest'))).toEqual(['CONTESTED', 0]);
    expect(eleven(accepted, review('Dr C', 'contest'))).toEqual(['CONTESTED', 0]);
    expect(eleven(review('Dr B', 'contest'), accepted)).toEqual(['PROVEN', 7]);
    const withdrawn = { ...study, claims: [{ ...claim('rqs1.11', 'yes', accepted), state: 'withdrawn' as const }] };
    expect(itemOf(withdrawn, 11)).toMatchObject({ state: 'NOT_MET', points: 0, evidence: [] });
    expect(itemOf(facts([accepted], 'rqs1.02'), 2).points).toBe(0);
    expect(pointsOf({ ...study, validations: [], claims: [claim('rqs1.14', 'yes')] }, 'lenient')[14]).toBe(2);
  });

  it('takes the points of a contested item away until the objection is answered', () => {
    const contests = [
      {
        ...ref('objection', '1'),
        item: 'rqs1.12',
        reason: 'site-e belongs to site-a',
        reviewer: 'Dr B',
        institution: 'Hospital B',
      },
    ];
    const item = itemOf({ ...study, contests }, 12);
    expect([item.state, item.points, item.nextPoint?.gain]).toEqual(['CONTESTED', -5, 9]);
    expect(item.reason).toContain('Contested: site-e belongs to site-a.');
  });

  it('lets nobody review his own statement, and nobody of the same institution one on item 12', () => {
    const same = review('Dr B', 'accept', 'Hospital A');
    expect(whyNotReviewer(claim('rqs1.11', 'yes'), review('Dr A', 'accept'))).toMatch(/his own/);
    expect(whyNotReviewer(claim('rqs1.11', 'yes'), same)).toBeNull();
    expect(whyNotReviewer(claim('rqs1.12', 'two-external'), same)).toMatch(/another institution/);
    expect(claimStanding(claim('rqs1.12', 'two-external', same))).toBe('waiting');
    expect(claimStanding(claim('rqs1.12', 'two-external', accepted))).toBe('accepted');
  });
});
