// Times ComBat (parametric, two covariates) beside its peers on the same numbers, one process at a time.
// After the build: node bench/harmonization.mjs [--python PYTHON] [--rscript RSCRIPT] [--large]. bench/README.md says what was seen.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomNormal, seededRandom } from '@concord/numeric';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const python = option('--python', 'python3');
const rscript = option('--rscript', 'Rscript');
const script = (name) => fileURLToPath(new URL(`harmonization/${name}`, import.meta.url));

/** Patients, features, batches, repetitions, empirical Bayes, and the peers that can do it in reasonable time. */
const CASES = [
  [600, 1000, 8, 9, 'parametric', ['sva', 'neurocombat', 'neuroharmonize', 'pycombat']],
  [2000, 2000, 8, 5, 'parametric', ['sva', 'neurocombat', 'neuroharmonize', 'pycombat']],
  [20000, 1500, 200, 2, 'parametric', ['neuroharmonize', 'pycombat']],
  [600, 1000, 6, 3, 'nonparametric', ['neurocombat']],
  [5000, 200, 2, 3, 'nonparametric', []],
];
if (process.argv.includes('--large')) CASES.push([1000, 100000, 8, 2, 'parametric', ['pycombat']]);

const describe = ({ seconds, processor, megabytes, mean }) =>
  `${seconds.toFixed(4)} s (processor ${processor.toFixed(4)}), peak ${Math.round(megabytes)} MB, mean of the result ${mean.toPrecision(12)}`;

for (const [patients, features, batches, repeat, eb, peers] of CASES) {
  const folder = mkdtempSync(join(tmpdir(), 'concord-bench-'));
  try {
    writeCase(folder, patients, features, batches);
    console.log(`${patients} × ${features} × ${batches}, ${eb} (load ${loadavg()[0].toFixed(1)})`);
    const ours = run(process.execPath, [script('ours.mjs'), folder, String(repeat), eb]);
    if (ours.error) throw new Error(ours.error);
    console.log(`  ours            ${describe(ours)}, finite ${ours.isFinite}`);
    for (const peer of peers) {
      const result =
        peer === 'sva'
          ? run(rscript, [script('peers.R'), folder, String(repeat)])
          : run(python, [script('peers.py'), peer, folder, String(repeat), eb]);
      if (result.error) console.log(`  ${peer.padEnd(15)} skipped: ${result.error}`);
      else
        console.log(
          `  ${peer.padEnd(15)} ${describe(result)}, ${(result.seconds / ours.seconds).toFixed(1)} (processor ${(result.processor / ours.processor).toFixed(1)}) times ours`,
        );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Features as little-endian doubles, one feature after the other; the rest as JSON. */
function writeCase(folder, patients, features, batches) {
  const random = seededRandom(`${patients} ${features} ${batches}`);
  const batch = Array.from({ length: patients }, (_, i) => Math.floor((i * batches) / patients));
  const age = batch.map(() => 60 + 10 * randomNormal(random));
  const sex = batch.map(() => (random.next() < 0.5 ? 0 : 1));
  const values = new Float64Array(patients * features);
  for (let g = 0; g < features; g++) {
    const shifts = Array.from({ length: batches }, () => randomNormal(random) / 2);
    const scales = Array.from({ length: batches }, () => Math.exp(randomNormal(random) / 5));
    for (let i = 0; i < patients; i++) {
      values[g * patients + i] =
        shifts[batch[i]] + 0.02 * age[i] + 0.3 * sex[i] + scales[batch[i]] * randomNormal(random);
    }
  }
  writeFileSync(join(folder, 'values.bin'), values);
  writeFileSync(join(folder, 'case.json'), JSON.stringify({ patients, features, batch, age, sex }));
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0)
    return JSON.parse(
      readFileSync(
        join(
          args.find((arg) => arg.includes('concord-bench-')),
          'result.json',
        ),
        'utf8',
      ),
    );
  return { error: `${stderr || stdout || `${command} does not start`}`.trim().split('\n').at(-1) };
}
