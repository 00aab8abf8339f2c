// npm run bench -- radiomics [--rounds 3] [--cases native,2,1] [--peers NAMES] [--cache DIR], after the build: extraction
// beside other packages, in turn, on one case. Peers are installed once, each into a Python environment of its own;
// bench/README.md says more.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, homedir, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { attachMask, maskFromVolume, readNifti } from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import { compileExtraction, PRESETS, runExtraction } from '@concord/radiomics';

import { referenceData } from '../libs/testing/dist/index.js';

const PEERS = [
  {
    name: 'pyradiomics',
    python: '3.11',
    install: [
      ['numpy<2', 'setuptools', 'wheel', 'versioneer', 'cython'],
      ['--no-build-isolation', 'pyradiomics==3.0.1'],
    ],
  },
  // numba compiles for minutes in the first process that imports it
  { name: 'pictologics', python: '3.12', install: [['pictologics==0.9.0']] },
  { name: 'z-rad', python: '3.12', install: [['z-rad==26.9.0']] },
  { name: 'mirp', python: '3.12', install: [['mirp==2.7.0']] },
];

const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const cache = option('--cache', fileURLToPath(new URL('../node_modules/.cache/bench', import.meta.url)));
const rounds = Number(option('--rounds', 3));
const REPEATS = 20;

if (process.argv.includes('--own')) own(...process.argv.slice(process.argv.indexOf('--own') + 1));
else main();

function main() {
  console.log(
    `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, load ${loadavg()[0].toFixed(1)}`,
  );
  const scratch = mkdtempSync(join(tmpdir(), 'concord-bench-'));
  try {
    const { name, image, mask } = caseFiles(scratch);
    console.log(name);
    const wanted = option('--peers', PEERS.map(({ name }) => name).join(',')).split(',');
    const peers = PEERS.filter((peer) => wanted.includes(peer.name) && isInstalled(peer));
    for (const spacing of option('--cases', 'native,2,1').split(',')) compare(peers, image, mask, spacing);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The CT phantom of IBSI where it is at hand, else an invented ball. */
function caseFiles(scratch) {
  const phantom = referenceData('ibsi', 'ibsi1', 'ct_phantom');
  if (phantom !== null) {
    const [image, mask] = [join(phantom, 'phantom.nii.gz'), join(phantom, 'mask.nii.gz')];
    return { name: 'CT phantom of IBSI 1, fixed bins of 25 HU', image, mask };
  }
  const [image, mask] = [join(scratch, 'image.nii'), join(scratch, 'mask.nii')];
  const shape = [128, 128, 64];
  const noise = (n) => ((Math.imul(n, 2654435761) >>> 16) % 200) - 100;
  const values = Int16Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, n) => {
    const [i, j, k] = [n % 128, (n >> 7) % 128, n >> 14];
    return Math.round(200 * Math.sin(i / 9) * Math.cos(j / 7) + 100 * Math.sin(k / 5)) + noise(n);
  });
  const inside = values.map((_, n) =>
    Math.hypot((n % 128) - 64, ((n >> 7) % 128) - 64, 3 * ((n >> 14) - 32)) < 45 ? 1 : 0,
  );
  writeFileSync(image, nifti(shape, [1, 1, 3], values));
  writeFileSync(mask, nifti(shape, [1, 1, 3], inside));
  return { name: 'an invented ball (the CT phantom of IBSI is not at hand), fixed bins of 25 HU', image, mask };
}

/** A NIfTI file of 16-bit numbers. */
function nifti(shape, spacing, values) {
  const bytes = Buffer.alloc(352 + values.byteLength);
  bytes.writeInt32LE(348, 0);
  [3, ...shape, 1, 1, 1, 1].forEach((n, at) => bytes.writeInt16LE(n, 40 + 2 * at));
  bytes.writeInt16LE(4, 70);
  bytes.writeInt16LE(16, 72);
  [1, ...spacing].forEach((mm, at) => bytes.writeFloatLE(mm, 76 + 4 * at));
  bytes.writeFloatLE(352, 108);
  bytes.writeFloatLE(1, 112);
  bytes.writeInt16LE(1, 254);
  spacing.forEach((mm, axis) => bytes.writeFloatLE(mm, 280 + 16 * axis + 4 * axis));
  bytes.write('n+1\0', 344, 'latin1');
  Buffer.from(values.buffer).copy(bytes, 352);
  return bytes;
}

function compare(peers, image, mask, spacing) {
  const runs = [{ name: 'concord', results: [] }, ...peers.map(({ name }) => ({ name, results: [] }))];
  for (let round = 0; round < rounds; round++) {
    for (const run of runs) {
      const result =
        run.name === 'concord' ? ask(process.execPath, ownScript(image, mask, spacing)) : askPeer(run.name);
      if (result.error) run.error = result.error;
      else run.results.push(result);
    }
  }
  function askPeer(name) {
    const script = fileURLToPath(new URL('radiomics_peers.py', import.meta.url));
    return ask(pythonOf(name), [script, name, image, mask, spacing, String(name === 'pictologics' ? REPEATS : 3)]);
  }
  const least = (run, key) => Math.min(...run.results.map((result) => result[key]));
  const ours = runs[0];
  console.log(
    `\n${spacing === 'native' ? 'native grid' : `${spacing} mm, resampling included`} (least of ${rounds} rounds)`,
  );
  for (const run of runs) {
    if (run.results.length === 0) {
      console.log(`  ${run.name}: no result: ${run.error}`);
      continue;
    }
    const [first, warm] = [least(run, 'first'), least(run, 'warm')];
    const ratio =
      run === ours
        ? ''
        : `; ${(first / least(ours, 'first')).toFixed(2)} and ${(warm / least(ours, 'warm')).toFixed(2)} times ours`;
    const { version, values } = run.results[0];
    console.log(`  ${run.name} ${version}: first ${ms(first)}, warm ${ms(warm)}${ratio} (${values} values)`);
  }
}

function ms(seconds) {
  return `${(1000 * seconds).toFixed(1)} ms`;
}

function ownScript(image, mask, spacing) {
  return [fileURLToPath(import.meta.url), '--own', image, mask, spacing];
}

/** One process: the first call and the least of the later ones, as JSON. */
function own(image, mask, spacing) {
  const volume = readNifti(readFileSync(image));
  const region = attachMask(maskFromVolume(readNifti(readFileSync(mask)), 1), volume);
  const kernels = createKernels({ threads: Math.min(4, availableParallelism()) });
  const base = PRESETS['ct-hcc'];
  const extraction = compileExtraction({
    ...base,
    resampling: spacing === 'native' ? null : { ...base.resampling, spacingMm: [0, 1, 2].map(() => Number(spacing)) },
    rounding: spacing === 'native' ? 'none' : 'nearest-integer',
    resegmentation: { range: null, outlierSigma: null },
    discretisations: [{ method: 'FBS', width: 25, minimum: -1000 }],
    families: ['morphology', 'statistics', 'histogram', 'glcm', 'glrlm', 'glszm', 'ngtdm', 'ngldm'],
  });
  const seconds = [];
  let values;
  for (let call = 0; call <= 3 * REPEATS; call++) {
    const start = performance.now();
    ({ values } = runExtraction(extraction, volume, region, kernels));
    seconds.push((performance.now() - start) / 1000);
  }
  kernels.close();
  const [first, ...later] = seconds;
  console.log(JSON.stringify({ version: '', first, warm: Math.min(...later), values: Object.keys(values).length }));
}

function ask(program, argv) {
  const { status, stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const line = (stdout ?? '').trim().split('\n').at(-1) ?? '';
  if (status === 0 && line.startsWith('{')) return JSON.parse(line);
  return { error: (stderr ?? '').trim().split('\n').at(-1) || `${program} ended with ${status}` };
}

function pythonOf(name) {
  return join(cache, name, 'bin', 'python');
}

/** Whether a peer can run; installs it where that was not tried before, and says what is missing. */
function isInstalled({ name, python, install }) {
  const done = join(cache, name, 'installed');
  if (existsSync(done)) return true;
  const base = findPython(python);
  if (base === null) {
    console.log(`${name} is left out: it needs Python ${python}`);
    return false;
  }
  console.log(`installing ${name} into ${join(cache, name)}`);
  mkdirSync(cache, { recursive: true });
  const steps = [
    [base, ['-m', 'venv', join(cache, name)]],
    ...install.map((wanted) => [pythonOf(name), ['-m', 'pip', '-q', 'install', ...wanted]]),
  ];
  for (const [program, argv] of steps) {
    const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8' });
    if (status === 0) continue;
    console.log(`${name} is left out: ${(stderr ?? '').trim().split('\n').at(-1)}`);
    rmSync(join(cache, name), { recursive: true, force: true });
    return false;
  }
  writeFileSync(done, '');
  return true;
}

function findPython(version) {
  const pyenv = join(homedir(), '.pyenv', 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).filter((name) => name.startsWith(`${version}.`)) : [];
  const candidates = [`python${version}`, ...versions.map((name) => join(pyenv, name, 'bin', 'python'))];
  return candidates.find((program) => spawnSync(program, ['--version']).status === 0) ?? null;
}
