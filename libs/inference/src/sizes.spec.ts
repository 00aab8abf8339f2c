import { inspectOnnx } from '@concord/models';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// The sizes that Concord expects of every operator, held against those of the runtime: a size that is expected too small
// would let a file through that takes more memory than it may.

const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
const int = (field: number, value: number) =>
  Uint8Array.from([...varint(BigInt(field * 8)), ...varint(BigInt.asUintN(64, BigInt(value)))]);
const part = (field: number, content: string | Uint8Array | Uint8Array[]) => {
  const body =
    typeof content === 'string' ? Buffer.from(content) : Array.isArray(content) ? Buffer.concat(content) : content;
  return Uint8Array.from([...varint(BigInt(field * 8 + 2)), ...varint(BigInt(body.length)), ...body]);
};
const port = (field: number, name: string, dims: readonly number[]) =>
  part(field, [
    part(1, name),
    part(2, [
      part(1, [
        int(1, 1),
        part(
          2,
          dims.map((dim) => part(1, [int(1, dim)])),
        ),
      ]),
    ]),
  ]);
const shapeless = (name: string) => part(12, [part(1, name), part(2, [part(1, [int(1, 1)])])]);
const ints = (name: string, ...values: number[]) =>
  part(5, [part(1, name), ...values.map((value) => int(8, value)), int(20, 7)]);
const one = (name: string, value: number) => part(5, [part(1, name), int(3, value), int(20, 2)]);
const word = (name: string, value: string) => part(5, [part(1, name), part(4, value), int(20, 3)]);
const constant = (name: string, element: number, dims: readonly number[], raw: ArrayBuffer) =>
  part(5, [...dims.map((dim) => int(1, dim)), int(2, element), part(8, name), part(9, new Uint8Array(raw))]);
const wholes = (name: string, ...values: number[]) =>
  constant(name, 7, [values.length], BigInt64Array.from(values, BigInt).buffer);
const floats = (name: string, dims: readonly number[]) =>
  constant(name, 1, dims, new Float32Array(dims.reduce((size, dim) => size * dim, 1)).fill(0.5).buffer);
const scales = (name: string, ...values: number[]) =>
  constant(name, 1, [values.length], Float32Array.from(values).buffer);

interface Case {
  readonly operator: string;
  readonly x: readonly number[];
  /** Names of the inputs after x; those of `constants`, or empty. */
  readonly more?: readonly string[];
  readonly attributes?: readonly Uint8Array[];
  readonly constants?: readonly Uint8Array[];
}

const image = [2, 4, 9, 7];
const same = `Abs Ceil Elu Erf Exp Floor HardSigmoid Identity LeakyRelu Log LogSoftmax Neg Reciprocal Relu Round Selu
  Sigmoid Sign Softmax Softplus Softsign Sqrt Tanh Dropout Clip`;
const cases: Case[] = [
  ...same.split(/\s+/).map((operator) => ({ operator, x: image })),
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Mean', 'Sum', 'PRelu'].map((operator) => ({
    operator,
    x: image,
    more: ['w'],
    constants: [
      floats('w', operator === 'PRelu' ? [4, 1, 1] : [3, 2, 4, 9, 7].slice(1 - (operator === 'Add' ? 1 : 0))),
    ],
  })),
  { operator: 'Add', x: [5, 1], more: ['w'], constants: [floats('w', [1, 6])] },
  ...['ReduceMax', 'ReduceMean', 'ReduceMin'].flatMap((operator) => [
    { operator, x: image },
    { operator, x: image, attributes: [ints('axes', 1, -1), one('keepdims', 0)] },
  ]),
  { operator: 'ReduceSum', x: image, more: ['a'], constants: [wholes('a', 2)], attributes: [one('keepdims', 0)] },
  { operator: 'ReduceSum', x: image, attributes: [one('noop_with_empty_axes', 1)] },
  { operator: 'Conv', x: image, more: ['w'], constants: [floats('w', [5, 4, 3, 2])] },
  {
    operator: 'Conv',
    x: image,
    more: ['w'],
    constants: [floats('w', [6, 2, 3, 2])],
    attributes: [one('group', 2), ints('strides', 2, 3), ints('pads', 1, 0, 2, 1), ints('dilations', 2, 1)],
  },
  {
    operator: 'Conv',
    x: image,
    more: ['w'],
    constants: [floats('w', [6, 4, 3, 3])],
    attributes: [word('auto_pad', 'SAME_UPPER'), ints('strides', 2, 2)],
  },
  { operator: 'Conv', x: [1, 2, 5, 6, 7], more: ['w'], constants: [floats('w', [3, 2, 2, 2, 2])] },
  {
    operator: 'ConvTranspose',
    x: image,
    more: ['w'],
    constants: [floats('w', [4, 3, 2, 2])],
    attributes: [ints('strides', 2, 2)],
  },
  {
    operator: 'ConvTranspose',
    x: image,
    more: ['w'],
    constants: [floats('w', [4, 3, 3, 3])],
    attributes: [
      one('group', 2),
      ints('strides', 2, 2),
      ints('pads', 1, 1, 1, 1),
      ints('output_padding', 1, 1),
      ints('dilations', 1, 2),
    ],
  },
  {
    operator: 'ConvTranspose',
    x: image,
    more: ['w'],
    constants: [floats('w', [4, 3, 3, 3])],
    attributes: [ints('strides', 2, 2), ints('output_shape', 18, 14)],
  },
  { operator: 'MaxPool', x: image, attributes: [ints('kernel_shape', 2, 2), ints('strides', 2, 2)] },
  {
    operator: 'MaxPool',
    x: image,
    attributes: [ints('kernel_shape', 2, 2), ints('strides', 2, 2), one('ceil_mode', 1)],
  },
  { operator: 'AveragePool', x: image, attributes: [ints('kernel_shape', 3, 2), ints('pads', 1, 0, 1, 1)] },
  { operator: 'GlobalAveragePool', x: image },
  { operator: 'GlobalMaxPool', x: image },
  {
    operator: 'Concat',
    x: image,
    more: ['x', 'w'],
    constants: [floats('w', [2, 3, 9, 7])],
    attributes: [one('axis', 1)],
  },
  { operator: 'Flatten', x: image },
  { operator: 'Flatten', x: image, attributes: [one('axis', -1)] },
  { operator: 'Flatten', x: image, attributes: [one('axis', 4)] },
  { operator: 'Gather', x: image, more: ['at'], constants: [wholes('at', 0, 1, 0)], attributes: [one('axis', 1)] },
  { operator: 'Gemm', x: [5, 3], more: ['w'], constants: [floats('w', [3, 4])] },
  {
    operator: 'Gemm',
    x: [3, 5],
    more: ['w'],
    constants: [floats('w', [4, 3])],
    attributes: [one('transA', 1), one('transB', 1)],
  },
  { operator: 'MatMul', x: [2, 1, 5, 3], more: ['w'], constants: [floats('w', [4, 3, 6])] },
  { operator: 'MatMul', x: [5, 3], more: ['w'], constants: [floats('w', [3])] },
  { operator: 'Pad', x: image, more: ['p'], constants: [wholes('p', 0, 1, 2, 0, 0, 0, 1, -1)] },
  { operator: 'Reshape', x: image, more: ['s'], constants: [wholes('s', 0, -1, 7)] },
  { operator: 'Resize', x: image, more: ['', 's'], constants: [scales('s', 1, 1, 2, 1.5)] },
  { operator: 'Resize', x: image, more: ['', '', 's'], constants: [wholes('s', 2, 4, 5, 20)] },
  {
    operator: 'Slice',
    x: image,
    more: ['from', 'to', 'axes'],
    constants: [wholes('from', 1, -3), wholes('to', 3, 99), wholes('axes', 1, 2)],
  },
  {
    operator: 'Slice',
    x: image,
    more: ['from', 'to', 'axes', 'steps'],
    constants: [wholes('from', 0), wholes('to', 9), wholes('axes', 2), wholes('steps', 2)],
  },
  { operator: 'Squeeze', x: [1, 5, 1, 2], more: ['a'], constants: [wholes('a', 0)] },
  { operator: 'Squeeze', x: [1, 5, 1, 2] },
  { operator: 'Unsqueeze', x: [5, 2], more: ['a'], constants: [wholes('a', 0, -1)] },
  { operator: 'Transpose', x: image },
  { operator: 'Transpose', x: image, attributes: [ints('perm', 0, 2, 3, 1)] },
  {
    operator: 'BatchNormalization',
    x: image,
    more: ['w', 'w', 'w', 'w'],
    constants: [floats('w', [4])],
  },
  { operator: 'InstanceNormalization', x: image, more: ['w', 'w'], constants: [floats('w', [4])] },
];

describe('sizes that are expected', () => {
  it.each(cases.map((one, i): [string, Case] => [`${one.operator} (${i})`, one]))('are those of %s', async (_, one) => {
    const { operator, x, more = [], attributes = [], constants = [] } = one;
    const names = ['x', ...more].map((name) => part(1, name));
    const node = part(1, [...names, part(2, 'y'), part(4, operator), ...attributes]);
    const graph = [node, part(2, 'g'), ...constants, port(11, 'x', x), shapeless('y')];
    const model = Buffer.concat([int(1, 8), part(7, graph), part(8, [int(2, 13)])]);
    const summary = inspectOnnx(model);
    expect(summary.refusals).toEqual([]);
    const size = x.reduce((product, dim) => product * dim, 1);
    const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array(size).fill(0.5), x) });
    await session.release();
    // Inputs and result, both of four bytes an element.
    expect(summary.memoryBytes - 4 * size).toBe(4 * y.size);
  });

  it('are never less than those of a result by whole numbers', async () => {
    const node = part(1, [part(1, 'x'), part(2, 'y'), part(4, 'ArgMax'), one('axis', 1), one('keepdims', 0)]);
    const answer = part(12, [part(1, 'y'), part(2, [part(1, [int(1, 7)])])]);
    const model = Buffer.concat([
      int(1, 8),
      part(7, [node, part(2, 'g'), port(11, 'x', image), answer]),
      part(8, [int(2, 13)]),
    ]);
    const { y } = await (
      await InferenceSession.create(model)
    ).run({ x: new Tensor('float32', new Float32Array(504), image) });
    expect(inspectOnnx(model).memoryBytes).toBe(4 * 504 + 8 * y.size);
  });
});
