import {
  int,
  constant,
  FLOAT,
  input,
  INT64,
  int64s,
  ints,
  join,
  node,
  onnx,
  output,
  part,
  raw,
  relu,
  shapeless,
  whole,
  x,
  y,
  zeros,
  type Bytes,
  type Dim,
} from './bytes.js';
import type { Entry } from './structure-files.js';

const HUGE = 2n ** 40n;
const shape = (...sizes: (number | bigint)[]) => constant('shape', INT64, [sizes.length], int64s(...sizes));
const open = (...dims: Dim[]) => output('y', FLOAT, ...dims);

/** Joins a vector to itself again and again: each step doubles it. */
function doubled(steps: number): Bytes[] {
  const name = (step: number) => (step === 0 ? 'x' : step === steps ? 'y' : `t${step}`);
  return Array.from({ length: steps }, (_, step) =>
    node('Concat', [name(step), name(step)], [name(step + 1)], whole('axis', 0)),
  );
}

/** Outer products of a vector with itself: 2, 4, 8 … dimensions. */
function outer(): Bytes[] {
  return [
    node('Unsqueeze', ['x', 'last'], ['column']),
    node('Unsqueeze', ['x', 'first'], ['row']),
    node('Mul', ['column', 'row'], ['y']),
    constant('last', INT64, [1], int64s(1)),
    constant('first', INT64, [1], int64s(0)),
    input('x', FLOAT, 2 ** 20),
    open(2 ** 20, 2 ** 20),
  ];
}

/** Tensors that are too large, or of a size that nobody can say. */
export const boundFiles: readonly Entry[] = [
  [
    'size-constant-of-shape',
    'ONNX_REFUSED',
    () => onnx([node('ConstantOfShape', ['shape'], ['y']), shape(2n ** 30n), x, open(2 ** 30)]),
  ],
  [
    'size-expand',
    'ONNX_REFUSED',
    () => onnx([node('Expand', ['x', 'shape'], ['y']), shape(HUGE, 2), x, open(HUGE, 2)]),
  ],
  ['size-tile', 'ONNX_REFUSED', () => onnx([node('Tile', ['x', 'shape'], ['y']), shape(HUGE), x, open(HUGE)])],
  ['size-range', 'ONNX_REFUSED', () => onnx([node('Range', ['x', 'x', 'x'], ['y']), x, open('n')])],
  ['size-one-hot', 'ONNX_REFUSED', () => onnx([node('OneHot', ['x', 'shape', 'x'], ['y']), shape(HUGE), x, open('n')])],
  ['size-non-zero', 'ONNX_REFUSED', () => onnx([node('NonZero', ['x'], ['y']), x, open('n')])],
  [
    'size-pad-of-2-to-the-40',
    'ONNX_REFUSED',
    () => onnx([node('Pad', ['x', 'shape'], ['y']), shape(0, HUGE), x, open('n')]),
  ],
  [
    'size-resize-by-1e9',
    'ONNX_REFUSED',
    () => {
      const scale = raw(new Uint8Array(Float32Array.of(1e9).buffer));
      return onnx([node('Resize', ['x', '', 'scale'], ['y']), constant('scale', FLOAT, [1], scale), x, open('n')]);
    },
  ],
  [
    'size-resize-to-2-to-the-40',
    'ONNX_REFUSED',
    () => onnx([node('Resize', ['x', '', '', 'shape'], ['y']), shape(HUGE), x, open('n')]),
  ],
  ['size-doubled-40-times', 'ONNX_REFUSED', () => onnx([...doubled(40), x, open(2n ** 41n)])],
  ['size-outer-product', 'ONNX_REFUSED', () => onnx(outer())],
  [
    'size-product-of-a-column-and-a-row',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('MatMul', ['x', 'w'], ['y']),
        node('MatMul', ['v', 'x'], ['z']),
        constant('w', FLOAT, [1, 40_000], zeros(160_000)),
        constant('v', FLOAT, [1, 1], zeros(4)),
        input('x', FLOAT, 40_000, 1),
        open(40_000, 40_000),
      ]),
  ],
  [
    'size-gather-of-many',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('Gather', ['w', 'many'], ['y'], whole('axis', 0)),
        constant('w', FLOAT, [1, 100_000], zeros(400_000)),
        constant('many', INT64, [10_000], zeros(80_000)),
        x,
        open(10_000, 100_000),
      ]),
  ],
  [
    'size-split-beyond',
    'ONNX_REFUSED',
    () => onnx([node('Split', ['x', 'shape'], ['y', 'z'], whole('axis', 0)), shape(HUGE, -HUGE), x, y]),
  ],
  [
    'size-transposed-convolution',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('ConvTranspose', ['x', 'w'], ['y'], ints('strides', 1024, 1024)),
        constant('w', FLOAT, [1, 1, 1, 1], zeros(4)),
        input('x', FLOAT, 1, 1, 512, 512),
        open(1, 1, 'n', 'n'),
      ]),
  ],
  [
    'size-output-of-a-transposed-convolution',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('ConvTranspose', ['x', 'w'], ['y'], ints('output_shape', 2 ** 20, 2 ** 20)),
        constant('w', FLOAT, [1, 1, 1, 1], zeros(4)),
        input('x', FLOAT, 1, 1, 8, 8),
        open(1, 1, 2 ** 20, 2 ** 20),
      ]),
  ],
  [
    'size-padding-of-a-convolution',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('Conv', ['x', 'w'], ['y'], ints('pads', 2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30)),
        constant('w', FLOAT, [1, 1, 1, 1], zeros(4)),
        input('x', FLOAT, 1, 1, 8, 8),
        open(1, 1, 'n', 'n'),
      ]),
  ],
  [
    'size-stride-zero',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('MaxPool', ['x'], ['y'], ints('kernel_shape', 1), ints('strides', 0)),
        input('x', FLOAT, 1, 1, 8),
        open(1, 1, 8),
      ]),
  ],
  [
    'size-many-targets-of-a-forest',
    'ONNX_REFUSED',
    () =>
      onnx([
        node('TreeEnsembleRegressor', ['x'], ['y'], part(7, 'ai.onnx.ml'), whole('n_targets', HUGE)),
        input('x', FLOAT, 1, 2),
        open(1, HUGE),
      ]),
  ],
  [
    'size-a-thousand-live-results',
    'ONNX_REFUSED',
    () => {
      const names = Array.from({ length: 1000 }, (_, i) => `t${i}`);
      const many = names.map((name) => node('Relu', ['x'], [name]));
      return onnx([...many, node('Sum', names, ['y']), input('x', FLOAT, 2 ** 20), open(2 ** 20)]);
    },
  ],
  [
    'size-input-of-2-to-the-40',
    'ONNX_REFUSED',
    () => onnx([relu, input('x', FLOAT, 2 ** 20, 2 ** 20), open(2 ** 20, 2 ** 20)]),
  ],
  ['size-input-negative', 'ONNX_REFUSED', () => onnx([relu, input('x', FLOAT, -2), y])],
  ['size-second-dimension-open', 'ONNX_REFUSED', () => onnx([relu, input('x', FLOAT, 1, 'n'), open(1, 'n')])],
  ['size-input-without-shape', 'ONNX_REFUSED', () => onnx([relu, shapeless('x'), y])],
  [
    'size-constant-larger-than-its-data',
    'ONNX_REFUSED',
    () => onnx([relu, constant('w', FLOAT, [1000], zeros(4)), x, y]),
  ],
  ['size-constant-without-data', 'ONNX_REFUSED', () => onnx([relu, constant('w', FLOAT, [2 ** 24]), x, y])],
  [
    'size-constant-of-2-to-the-64',
    'ONNX_REFUSED',
    () => onnx([relu, constant('w', FLOAT, [2n ** 32n, 2n ** 32n], zeros(4)), x, y]),
  ],
  ['size-constant-negative', 'ONNX_REFUSED', () => onnx([relu, constant('w', FLOAT, [-1, -4], zeros(16)), x, y])],
  [
    'size-shape-that-is-computed',
    'ONNX_REFUSED',
    () => onnx([node('Cast', ['x'], ['n'], whole('to', INT64)), node('Reshape', ['x', 'n'], ['y']), x, y]),
  ],
  [
    'size-reshape-by-minus-one-twice',
    'ONNX_REFUSED',
    () => onnx([node('Reshape', ['x', 'shape'], ['y']), shape(-1, -1), x, open(2, 1)]),
  ],
  [
    'size-30000-nodes',
    'ONNX_REFUSED',
    () => onnx([...Array.from({ length: 30_000 }, (_, i) => node('Relu', ['x'], [`t${i}`])), relu, x, y]),
  ],
];

/** Many products of matrices, every one within its bounds. */
function slow(): Bytes {
  const side = 1536;
  const name = (step: number) => (step === 0 ? 'x' : step === 400 ? 'y' : `t${step}`);
  const steps = Array.from({ length: 400 }, (_, i) => node('MatMul', [name(i), 'x'], [name(i + 1)]));
  return onnx([...steps, input('x', FLOAT, side, side), open(side, side)]);
}

/** A convolution of many channels over and over. */
function slowConvolution(): Bytes {
  const name = (step: number) => (step === 0 ? 'x' : step === 200 ? 'y' : `t${step}`);
  const steps = Array.from({ length: 200 }, (_, i) =>
    node('Conv', [name(i), 'w'], [name(i + 1)], ints('kernel_shape', 7, 7), ints('pads', 3, 3, 3, 3)),
  );
  const weights = constant('w', FLOAT, [64, 64, 7, 7], zeros(64 * 64 * 49 * 4));
  return onnx([...steps, weights, input('x', FLOAT, 1, 64, 256, 256), open(1, 64, 256, 256)]);
}

const infinite = raw(new Uint8Array(Float32Array.of(Infinity, NaN).buffer));

/** What only shows when it runs: too much work, what the runtime does not take, answers that are no numbers. */
export const workFiles: readonly Entry[] = [
  ['work-400-products', 'INFERENCE_TIMEOUT', slow],
  ['work-200-convolutions', 'INFERENCE_TIMEOUT', slowConvolution],
  ['work-wrong-type', 'INFERENCE_FAILED', () => onnx([node('And', ['x', 'x'], ['y']), x, y])],
  [
    'work-index-out-of-bounds',
    'INFERENCE_FAILED',
    () =>
      onnx([
        node('Gather', ['x', 'at'], ['y'], whole('axis', 0)),
        constant('at', INT64, [2], int64s(0, 2n ** 40n)),
        x,
        y,
      ]),
  ],
  ['work-forest-in-a-circle', 'INFERENCE_FAILED', circle],
  [
    'work-answer-of-nan',
    'INFERENCE_FAILED',
    () => onnx([node('Add', ['x', 'w'], ['y']), constant('w', FLOAT, [2], infinite), x, y]),
  ],
  ['work-unknown-opset', 'INFERENCE_FAILED', () => join([onnx([relu, x, y]), part(8, [int(2, 9999)])])],
];

/** A tree whose branches are its own root. */
function circle(): Bytes {
  const list = (name: string, value: number) => ints(name, value);
  const modes = part(5, [part(1, 'nodes_modes'), part(9, 'BRANCH_LEQ'), int(20, 8)]);
  const zero = (name: string) => part(5, [part(1, name), part(7, new Uint8Array(4)), int(20, 6)]);
  const zeroInts = ['nodes_treeids', 'nodes_nodeids', 'nodes_featureids', 'nodes_truenodeids', 'nodes_falsenodeids'];
  const targets = ['target_treeids', 'target_nodeids', 'target_ids'];
  const attributes = [...zeroInts, ...targets].map((name) => list(name, 0));
  const tree = node(
    'TreeEnsembleRegressor',
    ['x'],
    ['y'],
    part(7, 'ai.onnx.ml'),
    whole('n_targets', 1),
    modes,
    zero('nodes_values'),
    zero('target_weights'),
    ...attributes,
  );
  return onnx([tree, input('x', FLOAT, 1, 2), open(1, 1)], [part(8, [part(1, 'ai.onnx.ml'), int(2, 1)])]);
}
