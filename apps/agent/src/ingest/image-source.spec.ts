import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import type { StudyProtocol } from '@concord/contracts';
import { createKernels } from '@concord/kernels';
import { canaries, planConsortium, renderPatient } from '@concord/phantoms';
import { featureCatalogue, PRESETS } from '@concord/radiomics';

import { openDatabase } from '../store/database.js';
import { NEVER, PROTOCOL } from '../test-agent.js';
import { ImageSource } from './image-source.js';
import { measureCase, type MeasureResult, type MeasureTask } from './measure-case.js';
import { Measurer, MeasurePool } from './measure-pool.js';

const kernels = createKernels();

const PATIENTS = 5;
const plan = planConsortium({ seed: 5, siteCodes: ['site-a', 'site-b', 'site-c'], patientsPerSite: PATIENTS });
const IMAGES: StudyProtocol = {
  ...PROTOCOL,
  source: { kind: 'images', regionName: 'tumour', extraction: { ...PRESETS['ct-hcc'] } },
  features: featureCatalogue(PRESETS['ct-hcc']).map(({ name }) => name),
  acquisition: ['modality', 'manufacturer', 'model', 'kernel', 'sliceThicknessMm', 'kvp'],
};

const CRASH = { code: 'MEASURE_CRASHED', what: '', where: '', fix: '' };

/** Measures in this thread, and counts. */
class DirectMeasurer extends Measurer {
  readonly width = 1;
  count = 0;

  override async measure(task: MeasureTask): Promise<MeasureResult> {
    this.count++;
    return measureCase(task, kernels);
  }

  override close(): void {}
}

const pristine = mkdtempSync(join(tmpdir(), 'concord-phantoms-'));
let folder: string;
let database: DatabaseSync;
let measurer: DirectMeasurer;

beforeAll(() => {
  for (const site of [0, 1]) {
    for (let patient = 0; patient < PATIENTS; patient++) {
      for (const { path, bytes } of renderPatient(plan, site, patient).files) {
        const file = join(pristine, String(site), path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
    }
  }
});

afterAll(() => rmSync(pristine, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-images-'));
  database = openDatabase(join(folder, 'data'));
  measurer = new DirectMeasurer();
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of a site's images to break. */
function images(site: number): string {
  const target = join(folder, 'images');
  cpSync(join(pristine, String(site)), target, { recursive: true });
  return target;
}

function source(at: string, quietMs = 0): ImageSource {
  return new ImageSource(database, at, measurer, '0', () => new Date(), quietMs);
}

function patientId(site: number, patient: number): string {
  return plan.sites[site].patients[patient].identity.patientId;
}

function slices(at: string, patient: string): string[] {
  return readdirSync(join(at, patient, 'ct')).map((name) => join(at, patient, 'ct', name));
}

function regionOf(at: string, patient: string): string {
  return join(at, patient, 'roi', readdirSync(join(at, patient, 'roi'))[0]);
}

/** Replaces every occurrence of one text by another of the same length. */
function patch(file: string, from: string, to: string): void {
  const bytes = readFileSync(file, 'latin1');
  expect(to).toHaveLength(from.length);
  expect(bytes).toContain(from);
  writeFileSync(file, bytes.replaceAll(from, to), 'latin1');
}

async function refusals(at: string, protocol = IMAGES): Promise<(string | null)[]> {
  const images = source(at);
  await images.work(protocol, NEVER);
  return images.cases().map(({ problem }) => problem?.code ?? null);
}

describe('a folder of DICOM', () => {
  it.each([0, 1])('of site %i gives every feature of every patient, and the scanner’s words', async (site) => {
    const at = source(images(site));
    await at.work(null, NEVER);
    expect(at.progress()).toMatchObject({ caseCount: PATIENTS, doneCount: 0 });
    expect(at.vectors(IMAGES)).toBeNull();
    await at.work(IMAGES, NEVER);
    const vectors = at.vectors(IMAGES) ?? [];
    expect(vectors).toHaveLength(PATIENTS);
    for (const { features, acquisition } of vectors) {
      expect(IMAGES.features.filter((name) => !Number.isFinite(features[name]))).toEqual([]);
      const { manufacturer, kernel, sliceThicknessMm } = plan.sites[site].scanner;
      expect(acquisition).toMatchObject({ modality: 'CT', manufacturer, kernel, sliceThicknessMm });
    }
  });

  it('keeps results over a restart, measures only what changed, and forgets what is gone', async () => {
    const at = images(0);
    await source(at).work(IMAGES, NEVER);
    expect(measurer.count).toBe(PATIENTS);
    const again = source(at);
    await again.work(IMAGES, NEVER);
    expect(measurer.count).toBe(PATIENTS);
    expect(again.vectors(IMAGES)).toHaveLength(PATIENTS);
    const { revision } = again;
    await again.work(IMAGES, NEVER);
    expect(again.revision).toBe(revision);
    const moved = { ...PRESETS['ct-hcc'], resegmentation: { range: [-500, 400], outlierSigma: null } };
    await again.work({ ...IMAGES, source: { kind: 'images', regionName: 'tumour', extraction: moved } }, NEVER);
    expect(measurer.count).toBe(2 * PATIENTS);
    rmSync(join(at, patientId(0, 1)), { recursive: true });
    await again.work(IMAGES, NEVER);
    expect(again.vectors(IMAGES)).toHaveLength(PATIENTS - 1);
    expect(again.revision).toBeGreaterThan(revision);
  });

  it('waits until nobody has written for a while', async () => {
    const at = images(0);
    const waiting = source(at, 60_000);
    await waiting.work(IMAGES, NEVER);
    expect(waiting.progress().doneCount).toBe(PATIENTS);
    expect(waiting.vectors(IMAGES)).toBeNull();
    const old = new Date(Date.now() - 120_000);
    for (let patient = 0; patient < PATIENTS; patient++) {
      for (const file of [...slices(at, patientId(0, patient)), regionOf(at, patientId(0, patient))])
        utimesSync(file, old, old);
    }
    await waiting.work(IMAGES, NEVER);
    expect(waiting.vectors(IMAGES)).toHaveLength(PATIENTS);
  });

  it('says so when the folder is not there, and goes on when it is back', async () => {
    const at = source(join(folder, 'images'));
    await at.work(IMAGES, NEVER);
    expect(at.progress().problem).toMatchObject({ code: 'FILE_NOT_READABLE' });
    images(0);
    await at.work(IMAGES, NEVER);
    expect(at.progress()).toMatchObject({ problem: null, doneCount: PATIENTS });
  });

  it('refuses a protocol that names features its settings do not give', async () => {
    const at = source(images(0));
    await at.work({ ...IMAGES, features: ['stat_nothing'] }, NEVER);
    expect(at.progress().problem).toMatchObject({ code: 'TABLE_NOT_USABLE' });
    expect(() => at.vectors({ ...IMAGES, features: ['stat_nothing'] })).toThrow('stat_nothing');
  });
});

describe('one broken patient is refused and the others are not', () => {
  const broken: [string, string, (at: string, patient: string, other: string) => void][] = [
    ['a slice cut in its pixels', 'TRUNCATED', (at, patient) => cut(slices(at, patient)[2], 0.8)],
    ['a slice cut in its header', 'TRUNCATED', (at, patient) => cut(slices(at, patient)[2], 0.02)],
    ['a missing slice', 'NONUNIFORM', (at, patient) => rmSync(slices(at, patient)[5])],
    ['another slice in the same place', 'DUPLICATE', (at, patient) => twin(slices(at, patient)[5])],
    [
      'a file that only claims to be DICOM',
      'NO_PREAMBLE',
      (at, patient) => writeFileSync(join(at, patient, 'ct', 'x.dcm'), 'no'),
    ],
    ['no region', 'CASE_NO_REGION', (at, patient) => rmSync(regionOf(at, patient))],
    ['no image', 'CASE_NO_IMAGE', (at, patient) => rmSync(join(at, patient, 'ct'), { recursive: true })],
    [
      'two regions',
      'CASE_MANY_REGIONS',
      (at, patient) => cpSync(regionOf(at, patient), join(at, patient, 'second.dcm')),
    ],
    [
      'the region of another patient under its own name',
      'FRAME_OF_REFERENCE',
      (at, patient, other) => {
        cpSync(regionOf(at, other), regionOf(at, patient));
        patch(regionOf(at, patient), other, patient);
      },
    ],
    [
      'a region of another name',
      'MASK_LABEL_ABSENT',
      (at, patient) => patch(regionOf(at, patient), 'tumour', 'vessel'),
    ],
    ['a region without a voxel', 'EMPTY_MASK', (at, patient) => emptyRegion(regionOf(at, patient))],
  ];

  it.each(broken)('%s: %s', async (_, code, breakIt) => {
    const at = images(0); // SEG
    breakIt(at, patientId(0, 1), patientId(0, 0));
    const found = await refusals(at);
    expect(found.filter((problem) => problem !== null)).toEqual([code]);
    expect(found).toHaveLength(PATIENTS);
  });

  it('names the file at the site, and no patient anywhere else', async () => {
    const at = images(1); // RTSTRUCT
    cut(slices(at, patientId(1, 1))[2], 0.8);
    const site = source(at);
    await site.work(IMAGES, NEVER);
    const [refused] = site.cases().filter(({ state }) => state === 'refused');
    expect(refused.place).toBe(patientId(1, 1));
    expect(refused.problem?.where).toContain('IM0');
    const released = JSON.stringify(
      site.vectors(IMAGES)?.map(({ features, acquisition }) => ({ features, acquisition })),
    );
    for (const canary of canaries(plan)) expect(released.includes(canary)).toBe(false);
  });

  /** A copy with another last pixel. */
  function twin(file: string): void {
    const bytes = readFileSync(file);
    bytes[bytes.length - 2] ^= 1;
    writeFileSync(file.replace(/IM(\d+)/, 'TWIN$1'), bytes);
  }

  function cut(file: string, share: number): void {
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, Math.max(200, Math.floor(bytes.length * share))));
  }

  /** Zeroes the pixels of a SEG: its last element. */
  function emptyRegion(file: string): void {
    const bytes = readFileSync(file);
    const tag = bytes.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
    expect(tag).toBeGreaterThan(0);
    bytes.fill(0, tag + 12);
    writeFileSync(file, bytes);
  }
});

describe('the threads that measure', () => {
  const task: MeasureTask = {
    folder: '/nowhere',
    imagePaths: [],
    byteCount: 0,
    region: { path: 'x', format: 'SEG' },
    regionName: 'tumour',
    settings: PRESETS['ct-hcc'],
  };

  function poolOf(code: string, limitMs: number): MeasurePool {
    const script = join(folder, 'thread.mjs');
    writeFileSync(
      script,
      `import { parentPort } from 'node:worker_threads'; parentPort.on('message', (task) => { ${code} });`,
    );
    return new MeasurePool(1, limitMs, new URL(`file://${script}`));
  }

  const faults: [string, string, string][] = [
    ['hangs', 'MEASURE_TIMEOUT', 'for (;;);'],
    ['exits', 'MEASURE_CRASHED', 'process.exit(3);'],
    ['throws', 'MEASURE_CRASHED', "throw new Error('MRN-1');"],
  ];

  it.each(faults)('refuse a case that %s with %s, and take the next', async (_, code, statement) => {
    const pool = poolOf(
      `if (task.regionName === 'bad') { ${statement} } parentPort.postMessage({ state: 'ok' });`,
      1500,
    );
    const bad = await pool.measure({ ...task, regionName: 'bad' });
    expect(bad).toMatchObject({ state: 'refused', problem: { code } });
    expect(JSON.stringify(bad)).not.toContain('MRN');
    expect(await pool.measure(task)).toEqual({ state: 'ok' });
    pool.close();
  });

  it('give a case a second chance before it is refused', async () => {
    const at = images(0);
    let count = 0;
    const unlucky = new DirectMeasurer();
    unlucky.measure = async (asked) =>
      count++ % 2 === 0 ? { state: 'refused', problem: CRASH } : measureCase(asked, kernels);
    const first = new ImageSource(database, at, unlucky, '0', () => new Date(), 0);
    await first.work(IMAGES, NEVER);
    expect(first.progress()).toMatchObject({ doneCount: PATIENTS, refusedCount: 0 });
    expect(count).toBe(2 * PATIENTS);
  });

  it('does not keep such a result over a restart', async () => {
    const at = images(0);
    const failing = new DirectMeasurer();
    failing.measure = async () => ({ state: 'refused', problem: CRASH });
    const first = new ImageSource(database, at, failing, '0', () => new Date(), 0);
    await first.work(IMAGES, NEVER);
    expect(first.progress().refusedCount).toBe(PATIENTS);
    expect(await refusals(at)).toEqual(new Array(PATIENTS).fill(null));
  });
});
