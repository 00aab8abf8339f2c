import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@concord/models';
import { readCsv } from '@concord/tables';
import { runCli } from '../run.js';
import { configure } from './model.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-model-'));
afterAll(() => rmSync(folder, { recursive: true }));
const examples = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'examples');
const at = (...names: string[]) => join(folder, ...names);

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const commands = [{ name: 'model', summary: 'models', load: async () => ({ configure }) }];
  const exitCode = await runCli(['model', ...argv], { version: '9.9.9', streams, commands });
  return { exitCode, out, err };
}

/** Patients with a risk that follows two features, a follow-up, a site, and one feature that is sometimes missing. */
function table(rows: number, isHoley = false): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, b] = [Math.sin(7 * i) + 2, 1e8 * (Math.cos(11 * i) + 2)];
    const lp = 2 * (a - 2) - (b / 1e8 - 2) + Math.sin(i * i);
    const time = 1 + 20 * Math.exp(-lp / 2) * (1 + 0.3 * Math.sin(3 * i));
    const holey = isHoley && i % 10 === 3 ? '' : Math.sin(5 * i);
    return [`p${i}`, `site-${i % 3}`, a, b, holey, Number(lp > 0), time, Number(i % 4 > 0)].join(',');
  });
  return ['patient,site,a,b,c,y,months,died', ...lines, ''].join('\n');
}
writeFileSync(at('development.csv'), table(90));
writeFileSync(at('later.csv'), table(40, true));

const json = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const fit = (name: string, ...words: string[]) =>
  run('fit', at('development.csv'), '--features', 'a,b,c', '--site', 'site', '--out', at(name), ...words);
const binary = ['--outcome', 'y'];
const followUp = ['--time', 'months', '--event', 'died', '--horizons', '6,12'];

describe('concord model', () => {
  const kinds: [string, string[], string[]][] = [
    ['logistic', binary, ['risk']],
    ['firth', binary, ['risk']],
    ['elastic-net', [...binary, '--alpha', '0.2'], ['risk']],
    ['svm', [...binary, '--cost', '0.1'], ['risk', 'score']],
    ['forest', [...binary, '--trees', '20'], ['risk']],
    ['cox', followUp, ['lp', 'risk_6', 'risk_12']],
    ['elastic-net', followUp, ['lp', 'risk_6', 'risk_12']],
    ['forest', [...followUp, '--trees', '20'], ['lp', 'risk_6', 'risk_12']],
    ['k-means', ['--clusters', '3'], ['cluster']],
    ['ward', [], ['cluster']],
    ['consensus', [], ['cluster']],
  ];

  it.each(kinds)('fits %s by %p and predicts by it', async (kind, words, columns) => {
    const name = `${kind}-${columns.join('-')}`;
    const done = await fit(name, '--kind', kind, ...words, '--folds', '3');
    expect(done.err).not.toMatch(/^error/m);
    expect(done.exitCode).toBe(0);
    const record = json(at(name, 'fit.json'));
    expect(record.modelDigest).toBe(digestOf(readFileSync(at(name, 'model.json'))));
    expect(record.onnxDigest).toBe(digestOf(readFileSync(at(name, 'model.onnx'))));
    expect(record.developmentSites).toEqual(['site-0', 'site-1', 'site-2']);
    expect((await run('inspect', at(name, 'model.onnx'))).exitCode).toBe(0);
    const predicted = await run('predict', at(name), at('development.csv'), '--out', at(`${name}.csv`));
    expect(predicted.exitCode).toBe(0);
    const { table: found } = readCsv(readFileSync(at(`${name}.csv`)));
    expect(found.columns.map((column) => column.name)).toEqual(
      expect.arrayContaining(['patient', 'site', 'y', ...columns]),
    );
  });

  it('refuses wrong words with the exit code of wrong usage', async () => {
    for (const words of [
      ['--kind', 'magic', ...binary],
      ['--kind', 'logistic'],
      ['--kind', 'k-means', ...binary],
      ['--kind', 'cox', '--time', 'months'],
      ['--kind', 'cox', '--time', 'months', '--event', 'died'],
      ['--kind', 'firth', ...binary, '--mrmr', 'two'],
    ]) {
      expect((await fit('never', ...words)).exitCode).toBe(2);
    }
    expect((await fit('never', '--kind', 'svm', ...followUp)).exitCode).toBe(3);
    expect(existsSync(at('never'))).toBe(false);
  });

  it('locks a model, and predicts by no other one under the lock', async () => {
    await fit('locked', '--kind', 'firth', ...binary);
    const lock = at('lock.json');
    const done = await run(
      'lock',
      at('locked'),
      '--threshold',
      'risk=youden',
      '--harmonization',
      at('development.csv'),
      '--out',
      lock,
    );
    expect(done.exitCode).toBe(0);
    const record = json(lock);
    expect(record.modelDigest).toBe(digestOf(readFileSync(at('locked', 'model.json'))));
    expect(record.harmonizationDigest).toBe(digestOf(readFileSync(at('development.csv'))));
    expect(record.developmentSites).toEqual(['site-0', 'site-1', 'site-2']);
    expect((record.threshold as { rule: string }).rule).toBe('youden');
    const predict = (out: string) => run('predict', at('locked'), at('later.csv'), '--lock', lock, '--out', at(out));
    // Every tenth patient lacks a feature: done in part.
    expect((await predict('under-lock.csv')).exitCode).toBe(4);
    const risks = readCsv(readFileSync(at('under-lock.csv'))).table.columns.find(({ name }) => name === 'risk');
    expect([...(risks?.values ?? [])].filter(Number.isNaN)).toHaveLength(4);
    writeFileSync(
      at('locked', 'model.json'),
      readFileSync(at('locked', 'model.json'), 'utf8').replace('"coefficients": [\n  ', '"coefficients": [\n  1'),
    );
    const refused = await predict('changed.csv');
    expect(refused.exitCode).toBe(5);
    expect(refused.err).toMatch(/LOCK_VIOLATED/);
    expect(existsSync(at('changed.csv'))).toBe(false);
  });

  it('changes no byte of model or prediction when the outcomes of later patients are others', async () => {
    await fit('blind', '--kind', 'elastic-net', ...binary);
    const lines = table(40).trim().split('\n');
    const flipped = lines.map((line, i) =>
      i === 0 ? line : line.replace(/,([01]),([\d.e+-]+,[01])$/, (_, y, rest) => `,${1 - y},${rest}`),
    );
    expect(flipped).not.toEqual(lines);
    const predictions = [];
    for (const [name, text] of [
      ['as-is', lines],
      ['flipped', flipped],
    ] as const) {
      writeFileSync(at(`${name}.csv`), `${text.join('\n')}\n`);
      await run('predict', at('blind'), at(`${name}.csv`), '--out', at(`${name}-risks.csv`));
      const { table: found } = readCsv(readFileSync(at(`${name}-risks.csv`)));
      predictions.push([...(found.columns.find((column) => column.name === 'risk')?.values ?? [])]);
    }
    expect(predictions[0]).toHaveLength(40);
    expect(predictions[1]).toEqual(predictions[0]);
  });

  it('prints a nomogram, and says which models have none', async () => {
    await fit('ruler', '--kind', 'logistic', '--outcome', 'y');
    await fit('trees', '--kind', 'forest', ...binary, '--trees', '5');
    const printed = await run('nomogram', at('ruler'));
    expect(printed.out).toMatch(/^a\n[\s\S]*100\.0 points[\s\S]*risk, by total points/);
    expect((await run('nomogram', at('trees'))).err).toMatch(/NOT_A_MODEL/);
  });

  it('chooses features by repeated measurements', async () => {
    const rows = table(90).trim().split('\n');
    const again = rows.slice(1).map((line, i) => {
      const cells = line.split(',');
      cells[4] = String(Math.cos(i * i * 3));
      return cells.join(',');
    });
    writeFileSync(at('repeats.csv'), [...rows, ...again, ''].join('\n'));
    const words = ['--repeats', at('repeats.csv'), '--subject', 'patient', '--least-icc', '0.8', '--mrmr', '1'];
    const done = await fit('reliable', '--kind', 'firth', ...binary, ...words);
    expect(done.exitCode).toBe(0);
    expect(json(at('reliable', 'fit.json')).features).toEqual(['a']);
  });

  it('brings in a signature and an ONNX file of others', async () => {
    const scanners = join(examples, 'three-scanners.csv');
    expect((await run('import', join(examples, 'signature.json'), '--out', at('signature'))).exitCode).toBe(0);
    expect((await run('predict', at('signature'), scanners, '--out', at('signature.csv'))).exitCode).toBe(0);

    const value = (path: string, name: string) =>
      Number(readCsv(readFileSync(path)).table.columns.find((column) => column.name === name)?.values[0]);
    const [entropy, contrast, volume] = ['entropy', 'contrast', 'volume'].map((name) => value(scanners, name));
    const score = -1.6 + 2.5 * Math.log10(entropy) - (0.4 * (contrast - 18)) / 4 + (volume > 30 ? 0.3 : 0);
    expect(value(at('signature.csv'), 'score')).toBeCloseTo(score, 12);
    expect(value(at('signature.csv'), 'risk')).toBeCloseTo(1 / (1 + Math.exp(-score)), 12);
    expect(value(at('signature.csv'), 'positive')).toBe(Number(score >= 0.2));

    await fit('origin', '--kind', 'firth', ...binary);
    expect((await run('import', at('origin', 'model.onnx'), '--out', at('foreign'))).exitCode).toBe(0);
    for (const name of ['origin', 'foreign'])
      await run('predict', at(name), at('development.csv'), '--out', at(`${name}.csv`));
    expect(value(at('foreign.csv'), 'score')).toBeCloseTo(value(at('origin.csv'), 'risk'), 12);
    expect((await run('import', at('origin', 'model.onnx'), '--features', 'a', '--out', at('short'))).exitCode).toBe(2);
  });
});
