import { jest } from '@jest/globals';

import type { StudyFacts } from '@concord/rqs';

import { runStudy, siteData, smallProtocol, type SiteData, type StudyEnd } from '../../test-study.js';
import type { AssessmentRecord } from './assess.js';
import type { ModelRecord } from './fit.js';
import type { LeakAuditRecord } from './leak-audit.js';
import type { ValidationRecord } from './validate.js';

jest.setTimeout(60_000);

type Change = (data: SiteData) => SiteData;

/** The small study with some sites changed. */
function study(changes: Readonly<Record<string, Change>>, protocol = smallProtocol()): Promise<StudyEnd> {
  const sites = protocol.sites.map(({ code }) => [code, (changes[code] ?? ((data) => data))(siteData(code))] as const);
  return runStudy(protocol, Object.fromEntries(sites));
}

const features =
  (change: (value: number, row: number, name: string) => number): Change =>
  (data) => ({
    ...data,
    features: Object.fromEntries(
      Object.entries(data.features).map(([name, values]) => [
        name,
        values.map((value, row) => change(value, row, name)),
      ]),
    ),
  });
const outcome =
  (change: (value: number, row: number) => number): Change =>
  (data) => ({ ...data, outcome: data.outcome.map(change) });
const patients =
  (count: number): Change =>
  (data) => ({
    features: Object.fromEntries(Object.entries(data.features).map(([name, values]) => [name, values.slice(0, count)])),
    outcome: data.outcome.slice(0, count),
  });

const folds = (foldCount = 3) =>
  smallProtocol({ model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount }, leakAuditReplicates: 0 });
const validation = (end: StudyEnd) => end.json<ValidationRecord>('validate/validation');
const points = (end: StudyEnd, item: string) => {
  const { strict } = end.json<AssessmentRecord>('assess/assessment');
  return strict.items.find(({ id }) => id === item)?.points;
};

describe('the steps of a study', () => {
  it.each<[string, string, Record<string, Change>, number?]>([
    [
      'without any outcome to develop on',
      'of 0 development patients',
      { 'site-a': outcome(() => NaN), 'site-b': outcome(() => NaN) },
    ],
    [
      'with one event to develop on',
      '1 have the event',
      { 'site-a': outcome(() => 0), 'site-b': outcome((_, row) => (row === 0 ? 1 : 0)) },
    ],
    [
      'without a feature that all have',
      'no feature is known',
      { 'site-b': features((value, row, name) => (name === `f${row + 1}` ? NaN : value)) },
    ],
    [
      'of more folds than patients',
      'cannot be dealt to the 10 folds',
      { 'site-a': patients(3), 'site-b': patients(4) },
      10,
    ],
    [
      'whose validation site has one feature that varies',
      'at least two features',
      { 'site-c': features((value, _, name) => (name === 'f1' ? value : 7)) },
    ],
  ])('refuse a study %s in words', async (_, words, ...rest) => {
    const [changes, foldCount] = rest;
    const { failure } = await study(changes, folds(foldCount));
    expect(failure?.what).toContain(words);
    expect(failure?.fix.length).toBeGreaterThan(20);
  });

  it.each<[string, Record<string, Change>, number?]>([
    [
      'whose rarer class is smaller than the folds',
      { 'site-a': outcome(() => 0), 'site-b': outcome((_, row) => (row < 2 ? 1 : 0)) },
      10,
    ],
    [
      'with features that never vary',
      { 'site-a': features(() => 7), 'site-b': features(() => 7), 'site-c': features(() => 7) },
    ],
    ['with a validation site of 3 patients', { 'site-c': patients(3) }],
    ['with a development site of 3 patients', { 'site-a': patients(3) }],
    ['with a development site of 1 patient', { 'site-a': patients(1) }],
    [
      'with a feature that one development site lacks',
      { 'site-a': features((value, _, name) => (name === 'f1' ? NaN : value)) },
    ],
    ['with a validation site whose features never vary', { 'site-c': features(() => 7) }],
    [
      'with separated classes',
      { 'site-c': (data) => features((v, row, name) => (name === 'f1' ? 100 * data.outcome[row] + v : v))(data) },
    ],
  ])('bring a study %s to a report', async (_, ...rest) => {
    const [changes, foldCount] = rest;
    const end = await study(changes, folds(foldCount));
    expect(end.failure).toBeNull();
    expect(Buffer.from(end.outputs.get('report/html') ?? []).toString()).toContain('</html>');
  });

  it('predict, harmonize and lock the same bytes whatever the outcomes of the validation site are', async () => {
    const swapped = outcome((value) => (value === 1 ? 0 : value === 0 ? 1 : value));
    const reversed: Change = (data) => ({ ...data, outcome: [...data.outcome].reverse() });
    const asIs = await study({});
    for (const change of [swapped, reversed, outcome(() => 1)]) {
      const end = await study({ 'site-c': change });
      const same = [...asIs.outputs.keys()].filter((name) => /^(harmonize|fit|lock|predict)/.test(name));
      expect(same).toEqual(expect.arrayContaining(['fit/model', 'fit/onnx', 'lock/lock']));
      expect(same.filter((name) => name.startsWith('predict'))).not.toEqual([]);
      for (const name of same) expect([name, end.outputs.get(name)]).toEqual([name, asIs.outputs.get(name)]);
      expect(end.outputs.get('validate/validation')).not.toEqual(asIs.outputs.get('validate/validation'));
    }
  });

  it('keep no point of a ROC curve, which would be the score of a patient, and give every other measure', async () => {
    const { whole } = validation(await study({}));
    expect([whole.pooled, ...whole.sites].map(({ roc }) => roc)).toEqual([[], []]);
    expect(whole.pooled.details.averagePrecision.value).toBeGreaterThan(0);
    expect(whole.pooled.bootstrap?.band.length).toBeGreaterThan(0);
  });

  it('leave out development patients without any feature, and patients of a validation site without those of the model', async () => {
    const end = await study({
      'site-a': features((value, row) => (row < 2 ? NaN : value)),
      'site-c': features((value, row, name) => (name === 'f1' && row < 5 ? NaN : value)),
    });
    expect(end.json<ModelRecord>('fit/model')).toMatchObject({ patientCount: 58, incomplete: [] });
    expect(validation(end)).toMatchObject({ dropped: { missingScore: 5 }, perSite: [{ patientCount: 25 }] });
  });

  it.each<[string, Change]>([
    ['has no outcome', outcome(() => NaN)],
    ['lacks a feature of the model', features((value, _, name) => (name === 'f1' ? NaN : value))],
    ['has patients of one class', outcome(() => 0)],
    ['has an event in every patient', outcome(() => 1)],
  ])('count no validation at a site that %s, beside one that can be validated', async (_, change) => {
    const two = smallProtocol({ leakAuditReplicates: 0 }, ['site-c', 'site-d']);
    const end = await study({ 'site-d': change }, two);
    expect(end.failure).toBeNull();
    expect(points(end, 'rqs1.12')).toBe(3);
    expect(validation(end).perSite[1]?.auc).toMatchObject({ status: 'not-estimable', value: null });
    const facts = end.json<StudyFacts>('assess/facts');
    expect(facts.validations.map(({ decisionCurve }) => decisionCurve !== null)).toEqual([true, false]);
  });

  it('count a validation at each site that can be validated', async () => {
    const end = await study({}, smallProtocol({ leakAuditReplicates: 0 }, ['site-c', 'site-d']));
    expect([points(end, 'rqs1.12'), points(end, 'rqs1.14')]).toEqual([4, 2]);
  });

  it('give no points for the interval of a model that predicts the same for all', async () => {
    const same = features(() => 7);
    const end = await study({ 'site-a': same, 'site-b': same, 'site-c': same });
    expect(validation(end).perSite[0]?.auc.value).toBe(0.5);
    expect([points(end, 'rqs1.05'), points(end, 'rqs1.09')]).toEqual([-3, 0]);
  });

  it('claim no order of lock and outcomes that the signed releases do not show', async () => {
    const protocol = smallProtocol({ leakAuditReplicates: 0 });
    const sites = Object.fromEntries(protocol.sites.map(({ code }) => [code, siteData(code)]));
    const end = await runStudy(protocol, sites, { lockOfOutcomes: 'f'.repeat(64) });
    expect([points(end, 'rqs1.08'), points(end, 'rqs1.12')]).toEqual([0, -5]);
  });

  it('bound the leak audit by Student’s t over its replicates', async () => {
    const { aucs, meanAuc, interval, replicates } = (await study({})).json<LeakAuditRecord>('leak-audit/leakAudit');
    expect(replicates).toBe(3);
    const values = aucs.map(Number);
    const centre = (values[0] + values[1] + values[2]) / 3;
    const se = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 2 / 3);
    expect(meanAuc).toBeCloseTo(centre, 14);
    expect((interval![1] - centre) / se).toBeCloseTo(0.95 * Math.sqrt(2 / 0.0975), 10); // Student's t for 2 degrees, in closed form
  });

  it('give equal bytes for equal studies', async () => {
    const [first, second] = [await study({}), await study({})];
    const digests = ({ outputs }: StudyEnd) =>
      [...outputs].map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]);
    expect(digests(second)).toEqual(digests(first));
  });
});
