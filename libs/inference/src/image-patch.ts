import { checkOnnx, digestOf } from '@concord/models';
import { InferenceFailedError, InferenceRefusedError } from './errors.js';
import { runOnnxTensor, type OnnxOutput, type OnnxRun } from './run-onnx.js';

/** A piece of an image given to a model, through the same door as a table. */
export interface PatchRun extends Omit<OnnxRun, 'input'> {
  readonly patch: {
    /** Intensities as the model wants them (window, scale), the last axis the fastest. */
    readonly data: Float32Array;
    /** Channels first, then rows and columns, or slices, rows and columns; a batch of one is put before. */
    readonly dims: readonly number[];
  };
}

/** Values of a network's last layer as features; each is of one set of weights and of no other. */
export interface DeepFeatures {
  readonly features: readonly { readonly name: string; readonly value: number; readonly weightsDigest: string }[];
}

/** A label for every place of the patch, 0 the background, in the patch's order. */
export interface PatchMask {
  readonly labels: Uint8Array;
  /** The patch's without its channels. */
  readonly dims: readonly number[];
  readonly weightsDigest: string;
}

const MOST_LABELS = 255;

/**
 * Deep features of a patch: the output, flattened, as `deep_0001` …, each with the digest of the weights.
 *
 * @throws as `runOnnx`; {InferenceRefusedError} if the model does not take one image
 */
export async function embedPatch(run: PatchRun): Promise<DeepFeatures> {
  const { values } = await runPatch(run);
  const weightsDigest = run.expectedDigest;
  const name = (i: number) => `deep_${String(i + 1).padStart(4, '0')}`;
  return { features: Array.from(values, (value, i) => ({ name: name(i), value, weightsDigest })) };
}

/**
 * A mask of the patch by a segmentation model. Of one channel, places of 0.5 or more are label 1; of several, the label is the
 * channel of the largest value (the first of equals); without channels, values are labels themselves.
 *
 * @throws as `runOnnx`; {InferenceFailedError} if the output is no mask of the patch
 */
export async function segmentPatch(run: PatchRun): Promise<PatchMask> {
  const output = await runPatch(run);
  const dims = run.patch.dims.slice(1);
  return { labels: labelsOf(output, dims), dims, weightsDigest: run.expectedDigest };
}

function runPatch(run: PatchRun): Promise<OnnxOutput> {
  const { patch, ...rest } = run;
  if (digestOf(run.model) === run.expectedDigest) {
    const inputs = checkOnnx(run.model).inputs;
    if (inputs.length !== 1) {
      throw new InferenceRefusedError(
        `the model has ${inputs.length} inputs, not one image`,
        'runPatch(model)',
        'Export it with the image as its only input.',
      );
    }
    const input = { name: inputs[0].name, data: patch.data, dims: [1, ...patch.dims] };
    return runOnnxTensor({ ...rest, input });
  }
  // Another digest: the door says so before it looks at the input.
  return runOnnxTensor({ ...rest, input: { name: '', data: patch.data, dims: [1, ...patch.dims] } });
}

function labelsOf({ values, dims }: OnnxOutput, wanted: readonly number[]): Uint8Array {
  const size = wanted.reduce((product, dim) => product * dim, 1);
  const spatial = dims.slice(dims.length - wanted.length);
  const fits = spatial.length === wanted.length && spatial.every((dim, axis) => dim === wanted[axis]);
  const channels = values.length / size;
  const hasChannels = dims.length === wanted.length + 2;
  if (!fits || dims[0] !== 1 || !(hasChannels || dims.length === wanted.length + 1) || channels > MOST_LABELS) {
    throw noMask(`its output is ${dims.join(' × ')}, and the patch ${wanted.join(' × ')}`);
  }
  if (!hasChannels) {
    if (values.every((value) => Number.isInteger(value) && value >= 0 && value <= MOST_LABELS))
      return Uint8Array.from(values);
    throw noMask(`its values are no whole numbers from 0 to ${MOST_LABELS}`);
  }
  if (channels === 1) return Uint8Array.from(values, (value) => Number(value >= 0.5));
  const labels = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    for (let c = 1; c < channels; c++) if (values[c * size + i] > values[labels[i] * size + i]) labels[i] = c;
  }
  return labels;
}

function noMask(what: string): InferenceFailedError {
  return new InferenceFailedError(
    `the model gives no mask of the patch: ${what}`,
    'segmentPatch(model)',
    'Use a model whose output has the rows and columns of its input.',
  );
}
