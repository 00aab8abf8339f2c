import { integerOf, integersOf, lengthOf, textOf } from './onnx-attributes.js';
import type { OnnxNode } from './onnx-file.js';

/** What is known of a tensor before the model runs: its size, and its values where it is a short constant. */
export interface KnownTensor {
  readonly dims: readonly number[];
  readonly elementBytes: number;
  readonly values: readonly number[] | null;
}

type Dims = readonly number[];
type Inputs = readonly (KnownTensor | undefined)[];
type Rule = (node: OnnxNode, inputs: Inputs) => readonly Dims[];

/** A size that depends on more than the constants of the file. */
export class UnknownSize extends Error {}

const SAME = `Abs Cast Ceil Clip Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity LeakyRelu Log LogSoftmax Mish
  Neg Not Reciprocal Relu Round Selu Sigmoid Sign Softmax Softplus Softsign Sqrt Tanh InstanceNormalization BatchNormalization
  GroupNormalization LayerNormalization ai.onnx.ml:Normalizer ai.onnx.ml:Scaler`;
const BROADCAST = `Add And Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mul Or PRelu Pow Sub Sum Where`;
const names = (text: string): string[] => text.split(/\s+/);

/**
 * Dimensions of the outputs of every operator that Concord runs, by its full name. What is not here is not run: control
 * flow (Loop, If, Scan), what makes a tensor from a number (ConstantOfShape, Expand, Tile, Range, OneHot), sequences, maps.
 */
export const SHAPE_RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...names(SAME).map((name): [string, Rule] => [name, (_, inputs) => [first(inputs).dims]]),
  ...names(BROADCAST).map((name): [string, Rule] => [name, (_, inputs) => [broadcast(inputs)]]),
  ...names('ReduceMax ReduceMean ReduceMin ReduceSum').map((name): [string, Rule] => [name, reduced]),
  ...names('ArgMax ArgMin').map((name): [string, Rule] => [name, argument]),
  ...names('AveragePool MaxPool').map((name): [string, Rule] => [
    name,
    (node, inputs) => [windowed(node, inputs, null)],
  ]),
  ...names('GlobalAveragePool GlobalMaxPool').map((name): [string, Rule] => [name, (_, inputs) => [pooled(inputs)]]),
  ['Concat', concatenated],
  ['Constant', () => []],
  ['Conv', (node, inputs) => [windowed(node, inputs, known(inputs[1]).dims[0])]],
  ['ConvTranspose', (node, inputs) => [transposedConvolution(node, inputs)]],
  ['Flatten', flattened],
  ['Gather', gathered],
  ['Gemm', multipliedByGemm],
  ['MatMul', (_, inputs) => [multiplied(first(inputs).dims, known(inputs[1]).dims)]],
  ['Pad', (node, inputs) => [padded(node, inputs)]],
  ['Reshape', (_, inputs) => [reshaped(first(inputs).dims, valuesOf(inputs[1]))]],
  ['Resize', (_, inputs) => [resized(inputs)]],
  ['Slice', (node, inputs) => [sliced(node, inputs)]],
  ['Split', split],
  ['Squeeze', squeezed],
  ['Transpose', transposed],
  ['Unsqueeze', unsqueezed],
  ['ai.onnx.ml:LinearClassifier', classified('classlabels_ints', 'classlabels_strings')],
  ['ai.onnx.ml:TreeEnsembleClassifier', classified('classlabels_int64s', 'classlabels_strings')],
  ['ai.onnx.ml:LinearRegressor', (node, inputs) => [[first(inputs).dims[0], integerOf(node, 'targets', 1)]]],
  ['ai.onnx.ml:TreeEnsembleRegressor', (node, inputs) => [[first(inputs).dims[0], integerOf(node, 'n_targets', 1)]]],
]);

function first(inputs: Inputs): KnownTensor {
  return known(inputs[0]);
}

function known(tensor: KnownTensor | undefined): KnownTensor {
  if (tensor === undefined) throw new UnknownSize('an input is absent');
  return tensor;
}

function valuesOf(tensor: KnownTensor | undefined): readonly number[] {
  const { values } = known(tensor);
  if (values === null) throw new UnknownSize('it depends on values that are no constant');
  return values;
}

function axisOf(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!(index >= 0 && index < rank)) throw new UnknownSize(`axis ${axis} is none of ${rank}`);
  return index;
}

function product(dims: Dims): number {
  return dims.reduce((size, dim) => size * dim, 1);
}

function broadcast(inputs: Inputs): number[] {
  const all = inputs.map((input) => known(input).dims);
  const rank = Math.max(...all.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = all.map((dims) => dims[axis - rank + dims.length] ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) throw new UnknownSize('its inputs do not fit each other');
    return sizes[0] ?? 1;
  });
}

function multiplied(a: Dims, b: Dims): number[] {
  if (a.length === 0 || b.length === 0) throw new UnknownSize('it multiplies a single number');
  const left = a.length === 1 ? [1, a[0]] : a;
  const right = b.length === 1 ? [b[0], 1] : b;
  if (left[left.length - 1] !== right[right.length - 2]) throw new UnknownSize('its inputs do not fit each other');
  const tensor = (dims: Dims): KnownTensor => ({ dims: dims.slice(0, -2), elementBytes: 0, values: null });
  const rows = a.length === 1 ? [] : [left[left.length - 2]];
  const columns = b.length === 1 ? [] : [right[right.length - 1]];
  return [...broadcast([tensor(left), tensor(right)]), ...rows, ...columns];
}

function multipliedByGemm(node: OnnxNode, inputs: Inputs): Dims[] {
  const [a, b] = [first(inputs).dims, known(inputs[1]).dims];
  if (a.length !== 2 || b.length !== 2) throw new UnknownSize('its inputs are not matrices');
  const [isLeftTurned, isRightTurned] = [integerOf(node, 'transA', 0) !== 0, integerOf(node, 'transB', 0) !== 0];
  return [multiplied(isLeftTurned ? [a[1], a[0]] : a, isRightTurned ? [b[1], b[0]] : b)];
}

function axesOf(node: OnnxNode, inputs: Inputs): readonly number[] | null {
  if (inputs[1] !== undefined) return valuesOf(inputs[1]);
  return integersOf(node, 'axes');
}

function reduced(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const given = axesOf(node, inputs);
  const isNothing = (given === null || given.length === 0) && integerOf(node, 'noop_with_empty_axes', 0) === 1;
  if (isNothing) return [dims];
  const chosen = given === null || given.length === 0 ? dims.map((_, axis) => axis) : given;
  const axes = new Set(chosen.map((axis) => axisOf(axis, dims.length)));
  if (integerOf(node, 'keepdims', 1) === 0) return [dims.filter((_, axis) => !axes.has(axis))];
  return [dims.map((dim, axis) => (axes.has(axis) ? 1 : dim))];
}

function argument(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const along = axisOf(integerOf(node, 'axis', 0), dims.length);
  if (integerOf(node, 'keepdims', 1) === 0) return [dims.filter((_, axis) => axis !== along)];
  return [dims.map((dim, axis) => (axis === along ? 1 : dim))];
}

function pooled(inputs: Inputs): number[] {
  return first(inputs).dims.map((dim, axis) => (axis < 2 ? dim : 1));
}

/** Convolutions and pools; their channels stay where `channels` is null. */
function windowed(node: OnnxNode, inputs: Inputs, channels: number | null): number[] {
  const { dims } = first(inputs);
  const rank = dims.length - 2;
  const kernel = integersOf(node, 'kernel_shape') ?? inputs[1]?.dims.slice(2);
  if (rank < 1 || kernel?.length !== rank) throw new UnknownSize('its window does not fit its input');
  const { strides, dilations, pads } = windowOf(node, rank);
  const isCeiling = integerOf(node, 'ceil_mode', 0) === 1;
  const spatial = kernel.map((size, axis) => {
    const dim = dims[axis + 2];
    if (/^SAME/.test(textOf(node, 'auto_pad'))) return Math.ceil(dim / strides[axis]);
    const reach = dilations[axis] * (size - 1) + 1;
    const steps = (dim + pads[axis] + pads[axis + rank] - reach) / strides[axis];
    return Math.max(0, (isCeiling ? Math.ceil(steps) : Math.floor(steps)) + 1);
  });
  return [dims[0], channels ?? dims[1], ...spatial];
}

function windowOf(node: OnnxNode, rank: number) {
  const ones = new Array<number>(rank).fill(1);
  const strides = integersOf(node, 'strides') ?? ones;
  const dilations = integersOf(node, 'dilations') ?? ones;
  const pads = integersOf(node, 'pads') ?? new Array<number>(2 * rank).fill(0);
  const fits = strides.length === rank && dilations.length === rank && pads.length === 2 * rank;
  if (!fits || strides.some((step) => step < 1)) throw new UnknownSize('its window does not fit its input');
  return { strides, dilations, pads };
}

function transposedConvolution(node: OnnxNode, inputs: Inputs): number[] {
  const { dims } = first(inputs);
  const weights = known(inputs[1]).dims;
  const rank = dims.length - 2;
  if (rank < 1 || weights.length !== dims.length) throw new UnknownSize('its window does not fit its input');
  const { strides, dilations, pads } = windowOf(node, rank);
  const extra = integersOf(node, 'output_padding') ?? [];
  const given = integersOf(node, 'output_shape')?.slice(-rank);
  const spatial = Array.from({ length: rank }, (_, axis) => {
    const reach = dilations[axis] * (weights[axis + 2] - 1) + 1;
    const whole = strides[axis] * (dims[axis + 2] - 1) + (extra[axis] ?? 0) + reach;
    return given?.[axis] ?? (textOf(node, 'auto_pad') === '' ? whole - pads[axis] - pads[axis + rank] : whole);
  });
  return [dims[0], weights[1] * integerOf(node, 'group', 1), ...spatial.map((size) => Math.max(0, size))];
}

function concatenated(node: OnnxNode, inputs: Inputs): Dims[] {
  const all = inputs.map((input) => known(input).dims);
  const along = axisOf(integerOf(node, 'axis', 0), all[0].length);
  return [all[0].map((dim, axis) => (axis === along ? all.reduce((sum, dims) => sum + dims[along], 0) : dim))];
}

function flattened(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const axis = integerOf(node, 'axis', 1);
  const cut = axis === dims.length ? axis : axisOf(axis, dims.length);
  return [[product(dims.slice(0, cut)), product(dims.slice(cut))]];
}

function gathered(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const axis = axisOf(integerOf(node, 'axis', 0), dims.length);
  return [[...dims.slice(0, axis), ...known(inputs[1]).dims, ...dims.slice(axis + 1)]];
}

function padded(node: OnnxNode, inputs: Inputs): number[] {
  const { dims } = first(inputs);
  const pads = inputs[1] === undefined ? integersOf(node, 'pads') : valuesOf(inputs[1]);
  if (pads?.length !== 2 * dims.length || inputs[3] !== undefined) throw new UnknownSize('its padding does not fit');
  return dims.map((dim, axis) => Math.max(0, dim + pads[axis] + pads[axis + dims.length]));
}

function reshaped(dims: Dims, wanted: readonly number[]): number[] {
  const sizes = wanted.map((size, axis) => (size === 0 ? (dims[axis] ?? 0) : size));
  const rest = product(sizes.filter((size) => size !== -1));
  const open = sizes.filter((size) => size === -1).length;
  const size = open === 0 ? rest : rest * Math.floor(product(dims) / rest);
  if (open > 1 || size !== product(dims)) throw new UnknownSize('its shape does not fit its input');
  return sizes.map((given) => (given === -1 ? product(dims) / rest : given));
}

function resized(inputs: Inputs): number[] {
  const { dims } = first(inputs);
  if (inputs[3] !== undefined) return [...valuesOf(inputs[3])];
  const scales = valuesOf(inputs[2]);
  if (scales.length !== dims.length) throw new UnknownSize('its scales do not fit its input');
  return dims.map((dim, axis) => Math.floor(dim * scales[axis]));
}

/** An upper bound: what is cut away along an axis is only counted where start and end are plain. */
function sliced(node: OnnxNode, inputs: Inputs): number[] {
  const { dims } = first(inputs);
  const starts = inputs[1] === undefined ? (integersOf(node, 'starts') ?? []) : valuesOf(inputs[1]);
  const ends = inputs[2] === undefined ? (integersOf(node, 'ends') ?? []) : valuesOf(inputs[2]);
  const given = inputs[3] === undefined ? integersOf(node, 'axes') : valuesOf(inputs[3]);
  const steps = inputs[4] === undefined ? [] : valuesOf(inputs[4]);
  const out = [...dims];
  starts.forEach((start, i) => {
    const axis = axisOf(given?.[i] ?? i, dims.length);
    const dim = dims[axis];
    const at = (index: number) => Math.min(Math.max(index < 0 ? index + dim : index, 0), dim);
    const step = steps[i] ?? 1;
    out[axis] = step > 0 ? Math.max(0, Math.ceil((at(ends[i]) - at(start)) / step)) : dim;
  });
  return out;
}

function split(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const along = axisOf(integerOf(node, 'axis', 0), dims.length);
  const given = inputs[1] === undefined ? integersOf(node, 'split') : valuesOf(inputs[1]);
  const even = new Array<number>(node.outputs.length).fill(Math.ceil(dims[along] / node.outputs.length));
  return (given ?? even).map((size) => dims.map((dim, axis) => (axis === along ? size : dim)));
}

function squeezed(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const axes = axesOf(node, inputs)?.map((axis) => axisOf(axis, dims.length));
  return [dims.filter((dim, axis) => (axes ? !axes.includes(axis) : dim !== 1))];
}

function unsqueezed(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const given = axesOf(node, inputs) ?? [];
  const rank = dims.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  let next = 0;
  return [Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : dims[next++]))];
}

function transposed(node: OnnxNode, inputs: Inputs): Dims[] {
  const { dims } = first(inputs);
  const order = integersOf(node, 'perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
  return [order.map((axis) => dims[axisOf(axis, dims.length)])];
}

function classified(whole: string, texts: string): Rule {
  return (node, inputs) => {
    const rows = first(inputs).dims[0];
    return [[rows], [rows, Math.max(2, lengthOf(node, whole) + lengthOf(node, texts))]];
  };
}
