import { readdirSync } from 'node:fs';
import { checkOnnx, DEFAULT_ONNX_LIMITS, digestOf } from '@concord/models';
import { runInChild, type ChildInput } from './child-process.js';
import { InferenceFailedError, InferenceRefusedError } from './errors.js';

const LEAST_MEMORY_KIB = 2_000_000;
const NODE_MEMORY_KIB = 1_700_000;

/** One run of a locked model. */
export interface OnnxRun {
  readonly model: Uint8Array;
  /** SHA-256 of the locked model, hex; bytes with another digest are not run. */
  readonly expectedDigest: string;
  readonly input: {
    readonly name: string;
    readonly data: Float64Array | Float32Array;
    readonly dims: readonly number[];
  };
  /** Name of the output that is wanted; default: the first. */
  readonly output?: string;
  /** From start to answer, process start included (about 0.1 s). */
  readonly deadlineMs: number;
  /** Address space of the process, POSIX only; default: what Node takes (1.42 GB) and the sizes of the model, at least 2 GB. */
  readonly memoryLimitKiB?: number;
  /** An existing empty folder, the process's working directory: a model could read what lies there. */
  readonly workFolder: string;
}

/** An output and its dimensions, row-major. */
export interface OnnxOutput {
  readonly values: Float64Array;
  readonly dims: readonly number[];
}

/**
 * Runs an ONNX model in a process of its own, which is killed at the deadline.
 *
 * Order of the checks: digest, structure of the file and memory for these rows (`checkOnnx`), input, folder; only then a
 * process is started.
 *
 * @returns the values of the output, row-major; float32 and whole numbers are widened
 * @throws {InferenceRefusedError} for a wrong digest, input or folder
 * @throws {OnnxFormatError | OnnxRefusedError} if the file is malformed or not one that Concord runs
 * @throws {InferenceTimeoutError | InferenceMemoryError | InferenceFailedError | InferenceCrashedError}
 */
export async function runOnnx(run: OnnxRun): Promise<Float64Array> {
  return (await runOnnxTensor(run)).values;
}

/** As `runOnnx`, with the dimensions of the output. */
export async function runOnnxTensor(run: OnnxRun): Promise<OnnxOutput> {
  const digest = digestOf(run.model);
  if (digest !== run.expectedDigest) {
    throw new InferenceRefusedError(
      `the model's digest is ${digest.slice(0, 12)}…, not the locked ${run.expectedDigest.slice(0, 12)}…`,
      'runOnnx(model)',
      'Fetch the locked model again; a changed model needs a lock of its own.',
    );
  }
  const rows = Math.max(1, Math.floor(run.input.dims[0] ?? 1));
  const summary = checkOnnx(run.model, DEFAULT_ONNX_LIMITS, rows);
  const type = checkInput(run, summary.inputs);
  checkFolder(run.workFolder);
  if (!(run.deadlineMs > 0)) throw refuse(`the deadline is ${run.deadlineMs} ms`, 'Give a positive one.');
  const input: ChildInput = { ...run.input, type };
  const needed = summary.constantBytes + summary.memoryBytes + 3 * summary.fileBytes;
  const memoryLimitKiB = run.memoryLimitKiB ?? Math.max(LEAST_MEMORY_KIB, NODE_MEMORY_KIB + Math.ceil(needed / 1024));
  const answer = await runInChild({ ...run, input, memoryLimitKiB });
  const values = Float64Array.from(answer.values, Number);
  if (!values.every(Number.isFinite)) {
    throw new InferenceFailedError(
      'the output holds values that are not finite',
      'runOnnx(model)',
      'Check that features are on the scale the model was developed on.',
    );
  }
  return { values, dims: answer.dims };
}

function checkInput(run: OnnxRun, ports: ReturnType<typeof checkOnnx>['inputs']): 'float64' | 'float32' {
  const { name, data, dims } = run.input;
  const port = ports.find((candidate) => candidate.name === name);
  if (port === undefined)
    throw refuse(`the model has no input ${name}`, `It has ${ports.map((p) => p.name).join(', ')}.`);
  const type = data instanceof Float32Array ? 'float' : 'double';
  if (port.type !== type) throw refuse(`input ${name} is of ${port.type}, not ${type}`, 'Convert the data.');
  const size = dims.reduce((product, dim) => product * dim, 1);
  const fits =
    port.dims === null ||
    (port.dims.length === dims.length && port.dims.every((d, i) => typeof d === 'string' || d === dims[i]));
  if (!fits || size !== data.length || size === 0) {
    const wanted = port.dims?.join(' × ') ?? 'any shape';
    throw refuse(
      `input ${name} has ${data.length} values as ${dims.join(' × ')}; the model takes ${wanted}`,
      'Reshape it.',
    );
  }
  if (!data.every(Number.isFinite)) throw refuse(`input ${name} has missing values`, 'Leave those patients out.');
  return type === 'float' ? 'float32' : 'float64';
}

function checkFolder(folder: string): void {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch (cause) {
    throw new InferenceRefusedError('the work folder cannot be read', 'runOnnx(workFolder)', 'Give an empty folder.', {
      cause,
    });
  }
  if (entries.length > 0)
    throw refuse('the work folder is not empty', 'Give an empty folder: a model could read its files.');
}

function refuse(what: string, fix: string): InferenceRefusedError {
  return new InferenceRefusedError(what, 'runOnnx(run)', fix);
}
