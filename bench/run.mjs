// npm run bench, after the build: times what a site and the hub do most, measuring a patient and a ComBat fit beside a peer
// in the same run ([-- --python PYTHON]). npm run bench -- NAME runs NAME.mjs instead. README.md says what was seen.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { applyCombat, fitCombat } from '@concord/harmonization';
import { readDicomSeries, readRtstruct, readSegmentation } from '@concord/imaging';
import { randomNormal, seededRandom } from '@concord/numeric';
import { planConsortium, renderPatient } from '@concord/phantoms';
import { createKernels } from '@concord/kernels';
import { PRESETS, compileExtraction, runExtraction } from '@concord/radiomics';
import { tableFromCsv, tableToCsv, textValues } from '@concord/tables';

import { referenceData } from '../libs/testing/dist/index.js';

const at = process.argv.indexOf('--python');
const python = at < 0 ? 'python3' : process.argv[at + 1];
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const name = process.argv[2] ?? '';
if (/^[a-z]+$/.test(name)) {
  const script = new URL(`${name}.mjs`, import.meta.url);
  if (!existsSync(script)) throw new Error(`there is no bench/${name}.mjs`);
  await import(script.href);
} else {
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  extraction();
  combat();
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Twelve invented patients of three scanners: reading the files, and measuring 146 features. */
function extraction() {
  const plan = planConsortium({ seed: 1, siteCodes: ['site-a', 'site-b', 'site-c'], patientsPerSite: 5 });
  const patients = [0, 1, 2].flatMap((site) => [0, 1, 2, 3].map((patient) => renderPatient(plan, site, patient).files));
  const [compiled, kernels] = [compileExtraction(PRESETS['ct-hcc']), createKernels()];
  const reading = [];
  const measuring = [];
  for (const files of [...patients, ...patients]) {
    let volume, mask;
    reading.push(timed(() => ([volume, mask] = read(files))));
    measuring.push(timed(() => runExtraction(compiled, volume, mask, kernels)));
  }
  const second = (values) => values.slice(patients.length); // the first round warms up
  const [read1, measure1] = [second(reading), second(measuring)];
  console.log(
    `a patient: reading ${median(read1).toFixed(1)} ms, measuring ${median(measure1).toFixed(1)} ms (median of 12)`,
  );
}

function read(files) {
  const images = files.filter(({ path }) => path.includes('/ct/')).map(({ path, bytes }) => ({ name: path, bytes }));
  const region = files.find(({ path }) => path.includes('/roi/'));
  const volume = readDicomSeries(images);
  const isSegmentation = region.path.endsWith('SEG.dcm');
  const mask = isSegmentation
    ? readSegmentation(region.bytes, volume, { segment: 'tumour' })
    : readRtstruct(region.bytes, volume, { roi: 'tumour' });
  return [volume, mask];
}

/** Fit and apply, no covariates, parametric empirical Bayes with the peer's rule to stop. */
function combat() {
  const { name, batch, features } = cohort();
  const once = (stop) => {
    const model = fitCombat({ features, batch, options: { eb: 'parametric', stop } });
    return applyCombat(model, { features, batch }).features;
  };
  once('legacy');
  const legacy = median(Array.from({ length: 7 }, () => timed(() => once('legacy'))));
  const exact = median(Array.from({ length: 7 }, () => timed(() => once('exact'))));
  console.log(
    `ComBat of ${name}: ${legacy.toFixed(0)} ms with the rule of the peer to stop, ${exact.toFixed(0)} ms exact`,
  );
  const peer = neuroCombat(batch, features);
  if (peer === null) return;
  const ours = once('legacy');
  const largest = Math.max(
    ...ours.map(({ values }, g) => Math.max(...values.map((v, i) => Math.abs(v - peer.data[g][i])))),
  );
  console.log(
    `neuroCombat (Python) ${peer.version}: ${peer.ms.toFixed(0)} ms, ${(peer.ms / legacy).toFixed(1)} times as long; ` +
      `largest difference of a value ${largest.toExponential(1)}`,
  );
}

/** Real CT radiomics where the reference data are at hand, else invented numbers of the same size. */
function cohort() {
  const file = referenceData('combat', 'r01_keek2020', 'input.csv.gz');
  if (file !== null) {
    const table = tableFromCsv(gunzipSync(readFileSync(file)));
    const features = table.columns.filter(({ kind, name }) => kind === 'number' && name !== 'outcome');
    return { name: `r01 (${table.rowCount} × ${features.length})`, batch: textValues(table, 'site'), features };
  }
  const source = seededRandom('bench');
  const batch = Array.from({ length: 273 }, (_, i) => `centre-${i % 4}`);
  const features = Array.from({ length: 1322 }, (_, g) => ({
    name: `f${g}`,
    values: Float64Array.from(
      batch,
      (label) => randomNormal(source) * (1 + 0.1 * Number(label.at(-1))) + 0.2 * Number(label.at(-1)),
    ),
  }));
  return { name: 'invented numbers (273 × 1322)', batch, features };
}

/** The peer on the same numbers, timed inside Python without its start; null and a sentence where it is not installed. */
function neuroCombat(batch, features) {
  const folder = mkdtempSync(join(tmpdir(), 'concord-bench-'));
  try {
    const columns = [
      { kind: 'text', name: 'batch', values: batch },
      ...features.map(({ name, values }) => ({ kind: 'number', name, values })),
    ];
    writeFileSync(join(folder, 'input.csv'), tableToCsv({ rowCount: batch.length, columns }));
    const script = fileURLToPath(new URL('neurocombat.py', import.meta.url));
    const { status, stdout, stderr } = spawnSync(python, [script, join(folder, 'input.csv')], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    if (status === 0) return JSON.parse(stdout.slice(stdout.indexOf('{"version"')));
    const why = /No module named/.test(stderr ?? '') ? 'it is not installed (pip install neuroCombat)' : (stderr ?? '');
    console.log(`neuroCombat (Python) skipped: ${why.trim().split('\n').at(-1) || `${python} does not start`}`);
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
