import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type CombatModel, harmonize } from '@concord/harmonization';
import { numberValues, tableFromArrow, tableFromCsv, textValues, type FeatureTable } from '@concord/tables';
import { referenceData } from '@concord/testing';
import { runCli } from '../run.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-harmonize-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runCli(argv, { version: '0.0.0', streams });
  return { code, out, err };
}

/** Twelve patients of three scanners; a German spreadsheet's separators on request. */
function writeCohort(name: string, change: (line: string, row: number) => string = (line) => line): void {
  const lines = ['patient,scanner,cohort,age,sex,event,f1,f2,f3'];
  for (let i = 0; i < 24; i++) {
    const scanner = 'ABC'[i % 3];
    const noise = Math.sin(12.9898 * i) * 3;
    const values = [1, 2, 3].map((f) => ((i % 3) * f + Math.cos(78.2 * i * f) + noise / 3).toFixed(4));
    lines.push(
      [
        `00${i}`,
        scanner,
        i % 4 === 0 ? 'late' : 'early',
        50 + ((7 * i) % 30),
        'mf'[i % 2],
        (i * i) % 2,
        ...values,
      ].join(','),
    );
  }
  writeFileSync(at(name), lines.map(change).join('\n') + '\n');
}

const table = (name: string): FeatureTable => tableFromCsv(readFileSync(at(name)));
const ROLES = ['--batch', 'scanner', '--covariates', 'age,sex', '--outcome', 'event'];

describe('concord harmonize', () => {
  it('replaces the features, keeps rows, columns and ids, and says that it is transductive', async () => {
    writeCohort('in.csv');
    const result = await run('harmonize', at('in.csv'), ...ROLES, '--out', at('out.csv'), '--model', at('model.json'));
    expect(result.code).toBe(0);
    expect(result.err).toContain('transductive');
    const before = table('in.csv');
    const after = table('out.csv');
    expect(after.columns.map(({ name }) => name)).toEqual(before.columns.map(({ name }) => name));
    for (const name of ['patient', 'scanner', 'sex', 'age', 'event']) {
      expect(textValues(after, name)).toEqual(textValues(before, name));
    }
    const { features } = harmonize({
      features: ['f1', 'f2', 'f3'].map((name) => ({ name, values: numberValues(before, name) })),
      batch: textValues(before, 'scanner'),
      covariates: [
        { name: 'age', kind: 'continuous', values: numberValues(before, 'age') },
        { name: 'sex', kind: 'categorical', values: textValues(before, 'sex') },
      ],
    });
    for (const { name, values } of features) expect(numberValues(after, name)).toEqual(values);
    const model = JSON.parse(readFileSync(at('model.json'), 'utf8')) as CombatModel;
    expect([model.format, model.transductive, model.batchColumn]).toEqual(['concord.combat/2', true, 'scanner']);
  });

  it('gives the same by fit and apply, also through Arrow and a German spreadsheet', async () => {
    writeCohort('in.csv');
    writeCohort('de.csv', (line) => line.replaceAll(',', ';').replaceAll('.', ','));
    await run('harmonize', at('in.csv'), ...ROLES, '--out', at('at-once.csv'));
    expect((await run('harmonize', 'fit', at('in.csv'), ...ROLES, '--model', at('m.json'))).code).toBe(0);
    const applied = await run('harmonize', 'apply', at('de.csv'), '--model', at('m.json'), '--out', at('de.arrow'));
    expect(applied.err).toContain('delimiter ;, decimal ,');
    const arrow = tableFromArrow(readFileSync(at('de.arrow')));
    expect(numberValues(arrow, 'f2')).toEqual(numberValues(table('at-once.csv'), 'f2'));
    expect((JSON.parse(readFileSync(at('m.json'), 'utf8')) as CombatModel).transductive).toBe(false);
  });

  it('fits on some rows and applies to all; unseen batches need --new-sites', async () => {
    writeCohort('in.csv', (line, row) => (row > 18 ? line.replace(/,[ABC],/, ',D,').replace('early', 'late') : line));
    const argv = ['harmonize', at('in.csv'), ...ROLES, '--fit-rows', 'cohort=early', '--out', at('o.csv')];
    const refused = await run(...argv);
    expect(refused.code).toBe(3);
    expect(refused.err).toContain('COMBAT_BATCH_UNKNOWN');
    expect(existsSync(at('o.csv'))).toBe(false);
    const done = await run(...argv, '--new-sites', '--json');
    expect(JSON.parse(done.out)).toMatchObject({ transductive: false, newSites: [{ batch: 'D', count: 6 }] });
    expect(done.err).not.toContain('transductive');
    const nowhere = await run(...argv.slice(0, -4), '--fit-rows', 'cohort=never', '--out', at('p.csv'));
    expect(nowhere.code).toBe(2);
  });

  it('stops at undeclared covariates (3) and outcomes as covariates (5), and can be overruled', async () => {
    writeCohort('in.csv');
    const undeclared = await run('harmonize', at('in.csv'), '--batch', 'scanner', '--out', at('o.csv'));
    expect(undeclared.code).toBe(3);
    expect(undeclared.err).toContain('age, event');
    const overruled = await run(
      'harmonize',
      at('in.csv'),
      '--batch',
      'scanner',
      '--features',
      'f*',
      '--out',
      at('o.csv'),
    );
    expect(overruled.code).toBe(0);
    const outcome = [
      'harmonize',
      at('in.csv'),
      '--batch',
      'scanner',
      '--outcome',
      'event',
      '--covariates',
      'event,age',
    ];
    const leak = await run(...outcome, '--out', at('p.csv'));
    expect(leak.code).toBe(5);
    expect(leak.err).toContain('OUTCOME_AS_COVARIATE');
    const allowed = await run(...outcome, '--allow-outcome-covariate', '--out', at('p.csv'), '--model', at('m.json'));
    expect(allowed.code).toBe(0);
    expect(allowed.err).toContain('biased');
    expect((JSON.parse(readFileSync(at('m.json'), 'utf8')) as CombatModel).outcomeCovariates).toEqual(['event']);
    const suspect = await run(
      'harmonize',
      at('in.csv'),
      '--batch',
      'scanner',
      '--covariates',
      'event,age',
      '--out',
      at('q.csv'),
    );
    expect(suspect.err).toContain('looks like an outcome');
  });

  it('keeps existing files, and refuses bad usage, columns and models by name', async () => {
    writeCohort('in.csv');
    writeFileSync(at('old.csv'), 'kept');
    const codes = async (...argv: string[]) => (await run('harmonize', ...argv)).code;
    expect(await codes(at('in.csv'), ...ROLES, '--out', at('old.csv'))).toBe(3);
    expect(readFileSync(at('old.csv'), 'utf8')).toBe('kept');
    expect(await codes(at('in.csv'), ...ROLES, '--out', at('old.csv'), '--force')).toBe(0);
    expect(await codes(at('in.csv'), ...ROLES, '--out', '-', '--json')).toBe(2);
    expect(await codes(at('in.csv'), ...ROLES)).toBe(2);
    expect(await codes('--batch', 'x', '--out', at('n.csv'))).toBe(2);
    expect(await codes(at('in.csv'), '--batch', 'nowhere', '--out', at('n.csv'))).toBe(3);
    expect(await codes(at('in.csv'), ...ROLES, '--features', 'g*', '--out', at('n.csv'))).toBe(3);
    expect(await codes(at('in.csv'), ...ROLES, '--categorical', 'event', '--out', at('n.csv'))).toBe(2);
    expect(await codes(at('in.csv'), ...ROLES, '--out', at('n.xlsx'))).toBe(3);
    expect(await codes('apply', at('in.csv'), '--model', at('in.csv'), '--out', at('n.csv'))).toBe(3);
    writeFileSync(at('ids.csv'), 'patient,scanner\n1,A\n2,B\n');
    const empty = await run('harmonize', at('ids.csv'), '--batch', 'scanner', '--out', at('n.csv'));
    expect([empty.code, empty.err.includes('NO_FEATURES')]).toEqual([3, true]);
    expect(existsSync(at('n.csv'))).toBe(false);
  });

  it('writes the table to stdout, and a report with before and after', async () => {
    writeCohort('in.csv');
    const { out } = await run('harmonize', at('in.csv'), ...ROLES, '--out', '-', '--report', at('report'));
    expect(tableFromCsv(out).rowCount).toBe(24);
    const report = JSON.parse(readFileSync(at('report/report.json'), 'utf8')) as {
      transductive: boolean;
      before: { summary: { anova: { count: number } } };
      after: { summary: { anova: { count: number } } };
    };
    expect(report.transductive).toBe(true);
    expect(report.before.summary.anova.count).toBeGreaterThan(report.after.summary.anova.count);
    expect(JSON.stringify(report)).not.toContain('points');
    const page = readFileSync(at('report/report.html'), 'utf8');
    expect(page).toContain('Brown–Forsythe');
    for (const name of ['features', 'components']) {
      const svg = readFileSync(at(`report/${name}.svg`), 'utf8');
      expect(svg.startsWith('<svg')).toBe(true);
      expect(page).toContain(svg.trim());
    }
  });
});

describe('concord scanner-effects', () => {
  it('measures one table, or two, and refuses tables of other lengths', async () => {
    writeCohort('in.csv');
    await run('harmonize', at('in.csv'), ...ROLES, '--out', at('after.csv'));
    const roles = ['--batch', 'scanner', '--covariates', 'age', '--outcome', 'event'];
    const one = await run('scanner-effects', at('in.csv'), ...roles, '--out', at('one'));
    expect(one).toMatchObject({ code: 0, out: expect.stringMatching(/^3 of 3 features differ/) as string });
    const two = await run(
      'scanner-effects',
      at('in.csv'),
      ...roles,
      '--after',
      at('after.csv'),
      '--out',
      at('two'),
      '--json',
    );
    expect(JSON.parse(two.out)).toEqual(JSON.parse(readFileSync(at('two/report.json'), 'utf8')));
    writeCohort('short.csv', (line, row) => (row === 24 ? '' : line));
    const short = await run(
      'scanner-effects',
      at('in.csv'),
      ...roles,
      '--after',
      at('short.csv'),
      '--out',
      at('three'),
    );
    expect(short.code).toBe(3);
    expect((await run('scanner-effects', at('in.csv'), ...roles, '--out', at('one'))).code).toBe(3);
  });
});

describe('the report of concord scanner-effects', () => {
  it('opens with the verdict, measures everything, and shows no patient', async () => {
    writeCohort('in.csv');
    await run('harmonize', at('in.csv'), ...ROLES, '--out', at('after.csv'), '--model', at('m.json'));
    const flags = ['--after', at('after.csv'), '--model', at('m.json'), '--factors', 'cohort', '--permutations', '3'];
    const done = await run('scanner-effects', at('in.csv'), ...ROLES, ...flags, '--out', at('r'));
    expect([done.code, done.err]).toEqual([0, `report in ${at('r')}\n`]);
    const text = readFileSync(at('r/report.json'), 'utf8');
    const report = JSON.parse(text) as Record<string, Record<string, unknown>> & { verdict: { sentences: string[] } };
    const page = readFileSync(at('r/report.html'), 'utf8');
    expect(report.verdict.sentences.length).toBe(3);
    const main = page.slice(page.indexOf('<main>'));
    expect(main.indexOf(report.verdict.sentences[2])).toBeLessThan(main.indexOf(report.verdict.sentences[0]));
    expect(main.indexOf(report.verdict.sentences[0])).toBeLessThan(main.indexOf('<h2'));
    expect(report['classifier']).toMatchObject({
      raw: { forest: { folds: 5 } },
      harmonized: { discriminant: { permutations: 3 } },
    });
    expect(report['varianceShares']['factors']).toEqual(['scanner', 'cohort', 'rest']);
    expect(report['separation']['after']).toHaveProperty('permanova.rSquared');
    expect(report['biology']).toHaveProperty('outcome.before');
    expect(report['corrections']['sizes']).toHaveLength(3);
    expect(report['priors']).toHaveLength(3);
    expect(report['identifiability']).toHaveProperty('rank', 2);
    expect(report['notDone']).toEqual([]);
    for (const name of ['distributions', 'components', 'features', 'heat-map', 'corrections', 'priors']) {
      if (name !== 'distributions') expect(existsSync(at(`r/${name}.svg`))).toBe(true);
    }
    const csv = tableFromCsv(readFileSync(at('r/features.csv')));
    expect([csv.rowCount, numberValues(csv, 'anova p after').every(Number.isFinite)]).toEqual([3, true]);
    // No value of a patient stands in any of it.
    const written = new Set(`${text}${page}`.match(/-?\d+\.\d+/g));
    for (const line of readFileSync(at('in.csv'), 'utf8').trim().split('\n').slice(1)) {
      for (const cell of line.split(',').slice(6)) expect(written.has(cell)).toBe(false);
    }
    await run('scanner-effects', at('in.csv'), ...ROLES, ...flags, '--out', at('again'));
    for (const name of ['report.json', 'report.html', 'priors.svg']) {
      expect(readFileSync(at(`again/${name}`))).toEqual(readFileSync(at(`r/${name}`)));
    }
  });

  it('measures repeatability of subjects on several scanners, and says what cannot be done', async () => {
    const lines = Array.from({ length: 36 }, (_, i) => {
      const subject = Math.floor(i / 3);
      const values = [1, 2, 3].map((f) => (subject * f + Math.sin(9.7 * i * f) / 3 + (i % 3) * 0.2).toFixed(5));
      return [`S${subject}`, 'ABC'[i % 3], i % 3, ...values].join(',');
    });
    writeFileSync(at('travel.csv'), ['subject,scanner,dose,f1,f2,f3', ...lines].join('\n'));
    const flags = ['--batch', 'scanner', '--subject', 'subject', '--covariates', 'dose', '--permutations', '0'];
    expect((await run('scanner-effects', at('travel.csv'), ...flags, '--out', at('t'))).code).toBe(0);
    const report = JSON.parse(readFileSync(at('t/report.json'), 'utf8')) as {
      repeatability: { before: { subjectCount: number; features: { icc21: { value: number } }[] } };
      verdict: { advice: string; reasons: string[] };
      notDone: string[];
    };
    expect(report.repeatability.before.subjectCount).toBe(12);
    expect(report.repeatability.before.features[2].icc21.value).toBeGreaterThan(0.9);
    expect(report.verdict).toMatchObject({
      advice: 'do not use',
      reasons: ['dose does not vary inside any batch: it cannot be preserved'],
    });
    expect(report.notDone.join()).toContain('dose does not vary inside any batch');
    expect(readFileSync(at('t/report.html'), 'utf8')).toContain('ICC(2,1)');
  });
});

describe('examples in the help', () => {
  const root = fileURLToPath(new URL('../../../..', import.meta.url));

  it.each(['harmonize', 'scanner-effects'])('of %s run as printed', async (command) => {
    const { out: help } = await run(command, '--help');
    const examples = help
      .split('Examples:')[1]
      .split('\n')
      .filter((line) => line.includes('npx concord'));
    expect(examples.length).toBe(2);
    for (const example of examples) {
      const words = example.trim().replaceAll('"', '').split(' ').slice(2);
      // Inputs are named from the repository root; outputs go to the test's own folder.
      const argv = words.map((word, i) =>
        word.startsWith('docs/') ? join(root, word) : ['--out', '--model'].includes(words[i - 1]) ? at(word) : word,
      );
      expect(await run(...argv)).toMatchObject({ code: 0 });
    }
  });
});

const keek = referenceData('combat', 'r01_keek2020');
(keek === null ? describe.skip : describe)(
  keek === null ? 'r01_keek2020: the collection of reference cases is not beside the checkout' : 'on r01_keek2020',
  () => {
    it('equals the expected matrix within 1e-9 SD', async () => {
      const input = join(keek!, 'input.csv.gz');
      const result = await run('harmonize', input, '--batch', 'site', '--outcome', 'outcome', '--out', at('o.csv.gz'));
      expect(result.code).toBe(0);
      const have = tableFromCsv(readFileSync(at('o.csv.gz')));
      const want = tableFromCsv(gunzipSync(readFileSync(join(keek!, 'expected', 'exact.par_unadj.csv.gz'))));
      const before = tableFromCsv(readFileSync(input));
      const rows = numberValues(want, 'row');
      const names = want.columns.slice(2).map(({ name }) => name);
      expect(names.length).toBe(1322);
      let worst = 0;
      for (const name of names) {
        const source = numberValues(before, name);
        const mean = source.reduce((sum, value) => sum + value, 0) / source.length;
        const sd = Math.sqrt(source.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (source.length - 1));
        const values = numberValues(have, name);
        numberValues(want, name).forEach(
          (value, k) => (worst = Math.max(worst, Math.abs(values[rows[k]] - value) / sd)),
        );
      }
      expect(worst).toBeLessThan(1e-9);
    });
  },
);
