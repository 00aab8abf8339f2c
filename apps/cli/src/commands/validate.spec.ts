import { digestOf, lockRecord, logisticToOnnx, type LogisticModel } from '@concord/models';
import { referenceData } from '@concord/testing';
import type { CohortValidation, CompetingValidation, SiteValidation, SurvivalValidation } from '@concord/validation';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run.js';
import { configure as configureModel } from './model.js';
import { configure as configureValidate } from './validate.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const golden = join(import.meta.dirname, '..', '..', '..', '..', 'libs', 'validation', 'golden', 'reference-cases');

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const commands = [
    { name: 'validate', summary: 'validate scores', load: async () => ({ configure: configureValidate }) },
    { name: 'model', summary: 'models', load: async () => ({ configure: configureModel }) },
  ];
  const exitCode = await runCli(argv, { version: '9.9.9', streams, commands });
  return { exitCode, out, err };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Expected {
  spec: { lockedThreshold: number };
  expected: { pooled: { auc: { auc: number } }; perCentre: { centre: string; auc: { auc: number } }[] };
}

describe('concord validate', () => {
  const source = join(golden, 'multicentre-hcc-mvi-s2026');
  const { expected, spec } = JSON.parse(readFileSync(join(source, 'expected.json'), 'utf8')) as Expected;
  const cohort = join(source, 'input.csv');

  it('writes report, figures and the numbers of the reference case', async () => {
    const out = join(folder, 'report');
    const threshold = `pMvi=${spec.lockedThreshold}`;
    const done = await run(
      'validate',
      cohort,
      '--outcome',
      'mvi',
      '--score',
      'pMvi',
      '--threshold',
      threshold,
      '--site',
      'centre',
      '--out',
      out,
      '--json',
    );
    expect(done.err).not.toMatch(/^error/);
    expect(done.exitCode).toBe(0);
    const report = JSON.parse(done.out) as { scores: { pooled: CohortValidation; sites: SiteValidation[] }[] };
    expect(report.scores[0].pooled.auc.logit.value).toBeCloseTo(expected.pooled.auc.auc, 12);
    expect(report.scores[0].sites.map(({ site }) => site)).toEqual(expected.perCentre.map(({ centre }) => centre));
    expect(readdirSync(out).sort()).toEqual([
      ...['calibration-C1', 'calibration-C2', 'calibration-C3', 'calibration-C4', 'calibration'].map((n) => `${n}.svg`),
      ...['decision-curve', 'forest-observed-expected', 'forest-slope', 'forest'].map((name) => `${name}.svg`),
      'report.html',
      'report.json',
      'risk-distribution.svg',
    ]);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain(expected.pooled.auc.auc.toFixed(2));
    expect(page.match(/<figure/g)).toHaveLength(10);
    // A verdict opens the page, and what only authors can tell is visibly missing.
    expect(page).toMatch(/class="answer"\s*>\s*Discriminates, /);
    expect(page).toContain('MISSING');
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  it('keeps what is there without --force, and says in words what it found', async () => {
    const args = ['validate', cohort, '--outcome', 'mvi', '--score', 'pMvi', '--out', join(folder, 'twice')];
    expect((await run(...args)).out).toMatch(
      /^pMvi: discriminates, .* \(AUC 0\.\d\d \(0\.\d\d–0\.\d\d\), 240 patients/,
    );
    expect((await run(...args)).exitCode).toBe(3);
    expect((await run(...args, '--force')).exitCode).toBe(0);
  });

  it('takes an outcome in words with --positive, and asks for it otherwise', async () => {
    const path = file('words.csv', 'risk,mvi\n0.2,no\n0.4,yes\n0.1,no\n0.9,yes\n0.5,\n');
    const args = ['validate', path, '--outcome', 'mvi', '--score', 'risk', '--out', join(folder, 'words')];
    const refused = await run(...args, '--json');
    expect(refused.exitCode).toBe(3);
    expect(JSON.parse(refused.out)).toMatchObject({
      where: 'column mvi',
      fix: expect.stringContaining('--positive') as string,
    });
    const { out, exitCode } = await run(...args, '--positive', 'yes', '--json');
    expect(exitCode).toBe(0);
    const [only] = (
      JSON.parse(out) as {
        scores: { dropped: unknown; pooled: { n: number; events: number; auc: { logit: unknown } } }[];
      }
    ).scores;
    expect(only.dropped).toEqual({ missingScore: 0, missingOutcome: 1 });
    expect(only.pooled).toMatchObject({ n: 4, events: 2, auc: { logit: { value: 1, interval: null } } });
  });

  it.each([
    ['a threshold without a number', ['--score', 'pMvi', '--threshold', 'pMvi'], 2],
    ['a threshold for a column that is no score', ['--score', 'pMvi', '--threshold', 'other=1'], 2],
    ['a score that is not there', ['--score', 'absent'], 3],
    ['a score of text', ['--score', 'vendor'], 3],
  ])('refuses %s', async (_, more, code) => {
    const { exitCode, out } = await run(
      'validate',
      cohort,
      '--outcome',
      'mvi',
      ...more,
      '--out',
      join(folder, 'no'),
      '--json',
    );
    expect(exitCode).toBe(code);
    expect(JSON.parse(out)).toHaveProperty('fix');
  });
});

interface FollowUpReport<Result> {
  verdicts: { cohort: string; words: string }[];
  deviations: unknown[];
  scores: Result[];
}

describe('concord validate of follow-up', () => {
  async function report<Result>(...argv: string[]): Promise<FollowUpReport<Result>> {
    const done = await run('validate', ...argv, '--force', '--json');
    expect(done.err).not.toMatch(/^error/);
    return JSON.parse(done.out) as FollowUpReport<Result>;
  }
  const published = referenceData('validation', 'surv-mclernon-published', 'input.csv');
  const describeIf = published === null ? describe.skip : describe;

  describeIf('published by McLernon et al. 2023 (reference data)', () => {
    it('gives their observed over expected, slope and ICI at five years', async () => {
      const columns = ['--time', 'time', '--event', 'status', '--time-unit', 'years', '--lp', 'lp'];
      const risks = ['--risk', '1=risk_1,3=risk_2,4.99=risk_3', '--cumhaz', 'cumhaz', '--risk-group', 'riskGroup'];
      const out = join(folder, 'published');
      const { scores } = await report<SurvivalValidation>(published ?? '', ...columns, ...risks, '--out', out);
      const { pooled } = scores[0];
      expect(pooled.horizons[2].observedExpected.value).toBeCloseTo(1.01739, 5);
      expect(pooled.slope.slope.value).toBeCloseTo(1.0562, 4);
      expect(Math.abs((pooled.horizons[2].ici.value ?? 0) - 0.0302)).toBeLessThan(1e-4);
      expect(readFileSync(join(out, 'survival.svg'), 'utf8')).toContain('At risk');
    });
  });

  it('counts competing events as such', async () => {
    const source = join(golden, 'cr-hcc-recurrence', 'input.csv');
    const columns = ['--time', 'time', '--event', 'status', '--lp', 'lp', '--risk-group', 'group'];
    const risks = ['--risk', '12=risk_1,24=risk_2,36=risk_3'];
    const { scores, verdicts } = await report<CompetingValidation>(
      source,
      ...columns,
      ...risks,
      '--out',
      join(folder, 'competing'),
    );
    expect(scores[0]).toMatchObject({ format: 'concord.validation.competing/1', pooled: { competingEvents: 31 } });
    expect(scores[0].pooled.horizons[1].observedExpected.value).toBeCloseTo(1.02423478742121, 8);
    expect(verdicts[0].words).toMatch(/^discriminates/);
  });

  it.each([
    ['no outcome', []],
    ['both outcomes', ['--outcome', 'mvi', '--score', 'pMvi', '--time', 'time', '--event', 'status', '--lp', 'lpRfs']],
    ['time alone', ['--time', 'time']],
    ['a horizon without a column', ['--time', 'time', '--event', 'status', '--risk', '12']],
    ['thresholds from high to low', ['--outcome', 'mvi', '--score', 'pMvi', '--decision', '0.5:0.1:0.1']],
    ['half a sample', ['--outcome', 'mvi', '--score', 'pMvi', '--bootstrap', '1.5']],
  ])('refuses %s', async (_, more) => {
    const cohort = join(golden, 'multicentre-hcc-mvi-s2026', 'input.csv');
    const { exitCode, out } = await run('validate', cohort, ...more, '--out', join(folder, 'none'), '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(out)).toHaveProperty('fix');
  });
});

describe('concord validate --lock', () => {
  const cohort = join(golden, 'multicentre-hcc-mvi-s2026', 'input.csv');
  const model = file('model.json', '{"locked":true}');
  const parts = {
    modelDigest: digestOf('{"locked":true}'),
    harmonizationDigest: null,
    protocolDigest: 'c'.repeat(64),
    threshold: { value: 0.3, rule: 'fixed' as const },
    features: ['volume'],
    developmentSites: ['hospital-x'],
  };
  const lockFile = (name: string, change: object = {}) =>
    file(name, JSON.stringify({ ...lockRecord(parts), lockedAt: '2026-03-01T08:00:00.000Z', ...change }));
  const validate = (lock: string, ...more: string[]) => {
    const asked = ['--outcome', 'mvi', '--score', 'pMvi', '--site', 'centre', '--bootstrap', '0', '--force', '--json'];
    return run('validate', cohort, ...asked, '--lock', lock, '--out', join(folder, 'locked'), ...more);
  };

  it('takes the locked threshold, and says which lock it was', async () => {
    const { exitCode, out } = await validate(lockFile('lock.json'), '--model', model);
    expect(exitCode).toBe(0);
    const report = JSON.parse(out) as { deviations: unknown[]; scores: { threshold: number }[]; provenance: object };
    expect(report.scores[0].threshold).toBe(0.3);
    expect(report.deviations).toEqual([]);
    expect(report.provenance).toMatchObject({ lock: { lockedAt: '2026-03-01T08:00:00.000Z' } });
  });

  it.each<[string, object, string[]]>([
    ['threshold', {}, ['--threshold', 'pMvi=0.31']],
    ['model', {}, ['--model', file('other.json', '{}')]],
    ['harmonization', {}, ['--harmonization', file('combat.json', '{}')]],
    ['horizons', { horizons: [12] }, []],
    ['decision thresholds', { decisionThresholds: [0.1, 0.2] }, ['--decision', '0.1:0.3:0.1']],
    ['sites', { developmentSites: ['C2'] }, []],
  ])('refuses another %s, and records it where a reason is given', async (part, change, more) => {
    const lock = lockFile(`lock-${part}.json`, change);
    const refused = await validate(lock, ...more);
    expect(refused.exitCode).toBe(5);
    expect(JSON.parse(refused.out)).toMatchObject({
      code: 'LOCK_VIOLATED',
      what: expect.stringContaining(part) as string,
    });
    const recorded = await validate(lock, ...more, '--deviation', `${part}=the ethics board asked for it`);
    expect(recorded.exitCode).toBe(0);
    const { deviations } = JSON.parse(recorded.out) as FollowUpReport<unknown>;
    expect(deviations).toEqual([expect.objectContaining({ part, reason: 'the ethics board asked for it' })]);
    expect(readFileSync(join(folder, 'locked', 'report.html'), 'utf8')).toContain('Departures from what was locked');
  });
});

describe('concord model inspect', () => {
  const model = { format: 'concord.logistic/1', features: ['volume'], coefficients: [1], intercept: 0 };
  const bytes = logisticToOnnx(model as unknown as LogisticModel);

  it('says what a model takes and that it would be run', async () => {
    const { exitCode, out } = await run('model', 'inspect', file('good.onnx', bytes));
    expect(exitCode).toBe(0);
    expect(out).toContain('input      features: double [N, 1]');
    expect(out).toContain('Concord runs it.');
  });

  it('exits 3 on a model with an operator off the list, and on a cut file', async () => {
    const text = Buffer.from(bytes).toString('latin1').replace('Sigmoid', 'Unknown');
    const other = await run('model', 'inspect', file('bad.onnx', Buffer.from(text, 'latin1')), '--json');
    expect(other.exitCode).toBe(3);
    expect(JSON.parse(other.out)).toMatchObject({
      refusals: ['operator Unknown is not on the list of what Concord runs'],
    });
    const cut = await run('model', 'inspect', file('cut.onnx', bytes.subarray(0, 100)), '--json');
    expect(cut.exitCode).toBe(3);
    expect(JSON.parse(cut.out)).toMatchObject({
      code: 'ONNX_MALFORMED',
      where: expect.stringContaining('cut.onnx') as string,
    });
  });
});
