import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { randomNormal, seededRandom } from '@concord/numeric';
import { referenceData } from '@concord/testing';
import type { StudyReport } from '@concord/reports';

import { CanarySearch } from './lib/canary-search.js';
import { concord, filesBelow, temporaryFolder, type Ended } from './lib/installation.js';

const SLOW_MS = 180_000;
const FEATURE_COUNT = 12;
/** Patients and events of each centre; the two largest develop the model. */
const CENTRES = [
  { name: 'North Hospital', patients: 60, events: 25 },
  { name: 'East Hospital', patients: 45, events: 20 },
  { name: 'South Hospital', patients: 30, events: 12 },
  { name: 'West Hospital', patients: 12, events: 1 },
] as const;

const folder = temporaryFolder('tables');

afterAll(() => folder.remove());

interface TableStudy {
  readonly ended: Ended;
  readonly out: string;
  readonly report: StudyReport;
}

async function studyOf(table: string, batch: string, outcome: string, name: string): Promise<TableStudy> {
  const out = join(folder.path, name);
  const ended = await concord('demo', '--tables', table, '--batch', batch, '--outcome', outcome, '--out', out);
  if (ended.code !== 0) throw new Error(`concord demo ended with ${ended.code}: ${ended.err}`);
  return { ended, out, report: JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as StudyReport };
}

function idOf(centre: number, patient: number): string {
  return `00PAT${centre}${String(7000 + 13 * patient)}`;
}

/** Features of four centres with scanners that differ in offset and spread; the first two features carry the risk. */
function syntheticTable(): string {
  const random = seededRandom('tables 1');
  const names = Array.from({ length: FEATURE_COUNT }, (_, index) => `texture_${index + 1}`);
  const lines = CENTRES.flatMap(({ name, patients, events }, centre) =>
    Array.from({ length: patients }, (_, patient) => {
      const outcome = patient < events ? 1 : 0;
      const values = names.map((_, index) => {
        const risk = index < 2 ? 1.5 * outcome : 0;
        return (centre - 1) * 2 + (1 + centre / 4) * (randomNormal(random) + risk);
      });
      return [idOf(centre, patient), name, outcome, ...values].join(',');
    }),
  );
  return [`patient_id,centre,recurred,${names.join(',')}`, ...lines].join('\n');
}

describe('a study on the tables of four centres of unequal size', () => {
  let study: TableStudy;

  beforeAll(async () => {
    const file = join(folder.path, 'features.csv');
    writeFileSync(file, syntheticTable());
    study = await studyOf(file, 'centre', 'recurred', 'synthetic');
  }, SLOW_MS);

  it('counts the patients and events of every centre', () => {
    const counted = study.report.sites.map(({ name, role, patientCount, eventCount }) => ({
      ...{ name, role, patients: patientCount, events: eventCount },
    }));
    expect(counted).toEqual(
      CENTRES.map((centre, index) => ({ ...centre, role: index < 2 ? 'development' : 'externalValidation' })),
    );
  });

  it('removes the scanners and finds the risk where there are events', () => {
    const { scannerEffect, validation } = study.report;
    expect(scannerEffect?.before.affectedCount).toBe(FEATURE_COUNT);
    expect(scannerEffect?.after.affectedCount).toBe(0);
    const south = validation?.perSite.find(({ site }) => site === 'south-hospital');
    expect(south?.auc.status).toBe('ok');
    // Two features of 1.5 SD each: the AUC of their sum is 0.98 were nothing lost.
    expect(south?.auc.value).toBeGreaterThan(0.85);
  });

  it('says what cannot be estimated with one event, and why, in report and on screen', () => {
    const west = study.report.validation?.perSite.find(({ site }) => site === 'west-hospital');
    const slope = west?.calibrationSlope;
    expect({ status: slope?.status, value: slope?.value, interval: slope?.interval }).toEqual({
      status: 'not-estimable',
      value: null,
      interval: null,
    });
    expect(slope?.reason).toMatch(/\w+ \w+/);
    expect(study.ended.out).toContain(`calibration slope not estimable (${slope?.reason ?? ''})`);
    const html = readFileSync(join(study.out, 'report.html'), 'utf8');
    expect(html).toContain('not estimable');
  });

  it('leaves a bundle that verifies', async () => {
    const { code, out } = await concord('verify', join(study.out, 'bundle'));
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^holds: /) });
  });

  it('lets no patient’s id out of a centre', () => {
    const ids = CENTRES.flatMap(({ patients }, centre) =>
      Array.from({ length: patients }, (_, at) => idOf(centre, at)),
    );
    const search = new CanarySearch(ids);
    const foundBelow = (...parts: string[]) =>
      new Set(filesBelow(join(study.out, ...parts)).flatMap((file) => [...search.find(readFileSync(file)).keys()]));
    expect(foundBelow('hospitals')).toEqual(new Set(ids));
    expect(foundBelow('hub')).toEqual(new Set());
    expect(foundBelow('bundle')).toEqual(new Set());
  });
});

describe('concord demo --tables', () => {
  it.each([
    ['a batch column of two sites', ['--batch', 'scanner', '--outcome', 'event'], 'column scanner names 2 sites'],
    ['a batch column that is not there', ['--batch', 'hospital', '--outcome', 'event'], 'hospital'],
    ['an outcome that is not there', ['--batch', 'site', '--outcome', 'death'], 'death'],
  ])(
    'refuses %s in one sentence',
    async (_, words, what) => {
      const file = join(folder.path, 'small.csv');
      const rows = Array.from(
        { length: 40 },
        (_row, row) => `p${row},s${row % 4},x${row % 2},${row % 3 ? 0 : 1},${row / 7}`,
      );
      writeFileSync(file, ['patient_id,site,scanner,event,texture', ...rows].join('\n'));
      const { code, err, out } = await concord(
        'demo',
        '--tables',
        file,
        ...words,
        '--out',
        join(folder.path, 'refused'),
      );
      expect({ code, out }).toEqual({ code: 3, out: '' });
      expect(err).toMatch(/^error [A-Z_]+: .+\n {2}where {2}.+\n {2}fix {4}.+\n$/m);
      expect(err).toContain(what);
      expect(existsSync(join(folder.path, 'refused'))).toBe(false);
    },
    SLOW_MS,
  );
});

const keek = referenceData('combat', 'r01_keek2020', 'input.csv.gz');

(keek === null ? describe.skip : describe)(
  keek === null
    ? 'four Dutch centres: the collection of reference cases is not beside the checkout'
    : 'four Dutch centres of head and neck tumours, 1322 features',
  () => {
    it(
      'are judged to the end, with the smallest centre less surely than the larger one',
      async () => {
        const { report } = await studyOf(keek ?? '', 'site', 'outcome', 'keek');
        expect(report.sites.map(({ code, patientCount, eventCount }) => [code, patientCount, eventCount])).toEqual([
          ['avl', 102, 50],
          ['umc', 81, 41],
          ['vum', 60, 20],
          ['maa', 30, 8],
        ]);
        const [vum, maa] = ['vum', 'maa'].map((code) => report.validation?.perSite.find(({ site }) => site === code));
        expect(widthOf(maa?.auc.interval)).toBeGreaterThan(1.2 * widthOf(vum?.auc.interval));
        expect(widthOf(maa?.auc.interval)).toBeGreaterThan(0.25); // 8 events say little
        expect(report.leakAudit?.meanAuc).toBeGreaterThan(0.45);
        expect(report.leakAudit?.meanAuc).toBeLessThan(0.55);
      },
      SLOW_MS,
    );
  },
);

function widthOf(interval: readonly [number, number] | null | undefined): number {
  return interval === null || interval === undefined ? NaN : interval[1] - interval[0];
}
