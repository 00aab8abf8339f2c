import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InferenceCrashedError, InferenceFailedError, InferenceMemoryError, InferenceTimeoutError } from './errors.js';

/** The tensor given to the model. */
export interface ChildInput {
  readonly name: string;
  readonly type: 'float64' | 'float32';
  readonly data: Float64Array | Float32Array;
  readonly dims: readonly number[];
}

interface ChildRun {
  readonly model: Uint8Array;
  readonly input: ChildInput;
  readonly output?: string;
  readonly deadlineMs: number;
  readonly memoryLimitKiB: number;
  readonly workFolder: string;
}

/** What the child may say; from a process that ran foreign code, so it is checked before use. */
type OutputValues = ArrayLike<number | bigint> & Iterable<number | bigint>;

/** The output as the child gave it; its dimensions multiply to the number of values. */
export interface ChildAnswer {
  readonly values: OutputValues;
  readonly dims: readonly number[];
}

const CHILD = fileURLToPath(new URL('../child.mjs', import.meta.url));
const STDERR_KEPT = 4000;

/**
 * Starts the child, hands it the model and waits for its answer or its end.
 *
 * The process is started with no environment, in the given folder, on POSIX under `ulimit -v`, and is killed at the
 * deadline (SIGKILL: a model that computes does not hear anything softer).
 */
export async function runInChild(run: ChildRun): Promise<ChildAnswer> {
  const child = start(run);
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-STDERR_KEPT);
  });
  try {
    return await answerOf(child, run, () => complaint);
  } finally {
    child.kill('SIGKILL');
  }
}

function start(run: ChildRun): ChildProcess {
  const script = ['--max-old-space-size=256', CHILD];
  const options = {
    cwd: run.workFolder,
    env: {},
    serialization: 'advanced' as const,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'] as ('ignore' | 'pipe' | 'ipc')[],
    windowsHide: true,
  };
  // Windows has no such limit; there the deadline and the shapes checked beforehand are what holds.
  if (process.platform === 'win32') return spawn(process.execPath, script, options);
  const limit = Math.floor(run.memoryLimitKiB);
  // exec keeps the process id and the message channel, so that kill() reaches Node and not a shell.
  const command = `ulimit -v ${limit}; exec "$0" "$@"`;
  return spawn('/bin/sh', ['-c', command, process.execPath, ...script], options);
}

function answerOf(child: ChildProcess, run: ChildRun, complaint: () => string): Promise<ChildAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new InferenceTimeoutError(
          `the model did not answer within ${run.deadlineMs} ms`,
          'runOnnx(deadlineMs)',
          'Give it more time, or fewer patients at once; a model that never ends must not be used.',
        ),
      );
    }, run.deadlineMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    child.on('error', (cause) => settle(() => reject(crashed('it could not be started', cause))));
    child.on('message', (message: { ready?: boolean }) => {
      if (message.ready === true) child.send({ model: run.model, input: run.input, output: run.output });
      else settle(() => takeAnswer(message, resolve, reject));
    });
    // Not `exit`: the last words on stderr and the message channel may come after it.
    child.on('close', (code, signal) => settle(() => reject(endError(code, signal, complaint()))));
  });
}

function takeAnswer(message: object, resolve: (answer: ChildAnswer) => void, reject: (error: Error) => void): void {
  const {
    ok,
    data,
    dims,
    message: text,
  } = message as { ok?: unknown; data?: unknown; dims?: unknown; message?: unknown };
  if (ok === true && ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    const values = data as unknown as OutputValues; // a view that is no DataView is a typed array
    if (areDims(dims, values.length)) return resolve({ values, dims });
  }
  reject(runtimeError(typeof text === 'string' ? text : 'it gave no numbers'));
}

function areDims(dims: unknown, size: number): dims is number[] {
  if (!Array.isArray(dims) || !dims.every((dim) => Number.isInteger(dim) && dim >= 0)) return false;
  return (dims as number[]).reduce((product, dim) => product * dim, 1) === size;
}

/** The runtime's text may quote names and shapes of the model, never input values. */
function runtimeError(text: string): Error {
  const short = text.replace(/\s+/g, ' ').slice(0, 300);
  if (/bad_alloc|failed to allocate|out of memory|array buffer allocation/i.test(text)) return outOfMemory(short);
  return new InferenceFailedError(
    `the runtime refused the model or its input: ${short}`,
    'runOnnx(model)',
    'Check the model with `concord model inspect`, and the shape of its input.',
  );
}

function endError(code: number | null, signal: NodeJS.Signals | null, complaint: string): Error {
  const end = signal ? `signal ${signal}` : `exit code ${code}`;
  if (/out of memory|bad_alloc|allocation failed/i.test(complaint)) return outOfMemory(end);
  return crashed(`it ended with ${end}: ${complaint.replace(/\s+/g, ' ').slice(0, 300)}`);
}

function outOfMemory(detail: string): InferenceMemoryError {
  return new InferenceMemoryError(
    `the model asked for more memory than it may have (${detail})`,
    'runOnnx(memoryLimitKiB)',
    'Run fewer patients at once, or raise the limit if the model is trusted.',
  );
}

function crashed(what: string, cause?: Error): InferenceCrashedError {
  return new InferenceCrashedError(
    `the inference process gave no answer; ${what}`,
    'runOnnx(model)',
    'Try again; if it repeats, the model crashes the runtime and must not be used.',
    { cause },
  );
}
