import { logisticToOnnx, type LogisticModel } from '@concord/models';
import type { CohortValidation, SiteValidation } from '@concord/validation';
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
      'calibration.svg',
      'decision-curve.svg',
      'forest.svg',
      'report.html',
      'report.json',
    ]);
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page).toContain(expected.pooled.auc.auc.toFixed(2));
    expect(page.match(/<figure>/g)).toHaveLength(3);
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  it('keeps what is there without --force, and says in words what it found', async () => {
    const args = ['validate', cohort, '--outcome', 'mvi', '--score', 'pMvi', '--out', join(folder, 'twice')];
    expect((await run(...args)).out).toMatch(
      /^pMvi: AUC 0\.\d\d \(0\.\d\d–0\.\d\d\), calibration slope .*; 240 patients/,
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
