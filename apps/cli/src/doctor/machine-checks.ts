import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

import { digestOf, logisticToOnnx, type LogisticModel } from '@concord/models';
import { runOnnx } from '@concord/inference';

import { failed, ok, reasonOf, sizeWords, warning, type Check, type Outcome } from './check.js';
import { folderOutcome, roomOutcome } from './folders.js';

const NODE_NEEDED = [22, 13] as const;
const GIB = 1024 ** 3;
const PATIENCE_MS = 20_000;

/** What both hub and agent need of a machine. @param installation folder that holds `apps/` */
export function machineChecks(installation: string): Check[] {
  const checks: [string, Check['run']][] = [
    ['node', () => nodeOutcome(process.versions.node)],
    ['memory', () => memoryOutcome(memoryBytes())],
    ['processors', () => processorOutcome(availableParallelism())],
    ['temporary-folder', () => folderOutcome(tmpdir())],
    ['temporary-room', () => roomOutcome(tmpdir(), GIB)],
    ['worker-threads', workerOutcome],
    ['sqlite', sqliteOutcome],
    ['onnxruntime', onnxOutcome],
    ['installation', () => installationOutcome(installation)],
  ];
  return checks.map(([id, run]) => ({ id, group: 'machine', run }));
}

/** @param version as `24.21.0` */
export function nodeOutcome(version: string): Outcome {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
  if (isEnough) return ok(`Node ${version}`);
  return failed(
    `Node ${version} is too old`,
    `Run npm ci, which installs Node 24, or install ${NODE_NEEDED.join('.')}.`,
  );
}

/** What this process may use: of the machine, or of the container around it. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

export function memoryOutcome(bytes: number): Outcome {
  const what = `${sizeWords(bytes)} of memory`;
  if (bytes < 1.5 * GIB)
    return failed(what, 'Give the machine or container 2 GiB at least: models alone may take 2 GB.');
  return bytes < 3.5 * GIB ? warning(what, '4 GiB are better for large images.') : ok(what);
}

export function processorOutcome(count: number): Outcome {
  return count > 1
    ? ok(`${count} processors`)
    : warning('one processor', 'Measuring images takes all of it; give two.');
}

/** Measuring and computing run in threads that share memory. */
async function workerOutcome(): Promise<Outcome> {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const script = "Atomics.store(require('node:worker_threads').workerData, 0, 42)";
  const worker = new Worker(script, { eval: true, workerData: shared });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => resolve());
    });
  } catch (error) {
    return failed(`no thread starts (${reasonOf(error)})`, 'Raise the limit of processes and threads (ulimit -u).');
  }
  if (Atomics.load(shared, 0) === 42) return ok('threads start and share memory');
  return failed('a thread cannot write to shared memory', 'Start Node without flags that forbid it.');
}

/** The agent keeps outbox and ledger in SQLite, every commit on disk. */
function sqliteOutcome(): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'concord-doctor-'));
  try {
    const database = new DatabaseSync(join(folder, 'probe.sqlite'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER) STRICT;');
    database.exec('INSERT INTO t VALUES (7)');
    const { n } = database.prepare('SELECT n FROM t').get() as { n: number };
    database.close();
    return n === 7 ? ok('the ledger’s database works') : failed('SQLite lost a row', 'Install Concord again: npm ci.');
  } catch (error) {
    return failed(`SQLite does not work (${reasonOf(error)})`, 'Run Concord by the Node that npm ci installed.');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a model of one coefficient as locked models are run: in a process of its own. */
async function onnxOutcome(): Promise<Outcome> {
  const workFolder = mkdtempSync(join(tmpdir(), 'concord-doctor-'));
  try {
    const model = logisticToOnnx(TINY_MODEL);
    const input = { name: 'features', data: Float64Array.of(0), dims: [1, 1] };
    const [risk] = await runOnnx({
      model,
      expectedDigest: digestOf(model),
      input,
      deadlineMs: PATIENCE_MS,
      workFolder,
    });
    if (risk === 0.5) return ok('a model runs in a process of its own');
    return failed(`a model answers ${risk} instead of 0.5`, 'Install Concord again: npm ci.');
  } catch (error) {
    return failed(
      `no model can be run (${reasonOf(error)})`,
      'Install Concord again (npm ci); onnxruntime needs 64-bit Linux with glibc, macOS or Windows.',
    );
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

const TINY_MODEL: LogisticModel = {
  format: 'concord.logistic/1',
  features: ['x'],
  coefficients: [1],
  intercept: 0,
  alpha: 1,
  lambda: 0,
  lambdaRule: 'min',
  seed: null,
  foldCount: 0,
  selectedCount: 1,
  development: { n: 0, events: 0 },
  crossValidation: [],
};

export function installationOutcome(installation: string): Outcome {
  const parts = [
    'apps/hub/dist/main.js',
    'apps/hub/dist/worker.js',
    'apps/agent/dist/main.js',
    'apps/web/dist/index.html',
  ];
  const absent = parts.filter((part) => !existsSync(join(installation, part)));
  if (absent.length === 0) return ok('hub, worker, agent and page are built');
  return failed(`not built: ${absent.join(', ')}`, `Run npm ci, or npm run build, in ${installation}.`);
}
