import fc from 'fast-check';
import { OnnxFormatError, OnnxRefusedError } from './errors.js';
import type { LogisticModel } from './logistic-model.js';
import { logisticToOnnx, onnxFeatures } from './logistic-to-onnx.js';
import { checkOnnx, DEFAULT_ONNX_LIMITS, inspectOnnx } from './onnx-guard.js';
import { bytesField, concat, integerField } from './protobuf.js';

const model: LogisticModel = {
  format: 'concord.logistic/1',
  features: ['volume', 'unused', 'entropy'],
  coefficients: [0.25, 0, -1.5],
  intercept: 0.125,
  alpha: 0.5,
  lambda: 0.1,
  lambdaRule: 'min',
  seed: 1,
  foldCount: 5,
  selectedCount: 2,
  development: { n: 10, events: 4 },
  crossValidation: [],
};

const tensorType = (dims: Uint8Array[]) => bytesField(1, [integerField(1, 1), bytesField(2, dims)]);
const fixed = (size: number | bigint) => bytesField(1, [integerField(1, size)]);
const open = bytesField(1, [bytesField(2, 'n')]);
const value = (name: string, type: Uint8Array) => [bytesField(1, name), bytesField(2, [type])];
const node = (operator: string, ...more: Uint8Array[]) =>
  bytesField(1, [bytesField(1, 'x'), bytesField(2, 'y'), bytesField(4, operator), ...more]);
const tensor = (dims: number[], ...more: Uint8Array[]) => [
  ...dims.map((d) => integerField(1, d)),
  integerField(2, 1),
  ...more,
];
const attribute = (name: string, ...more: Uint8Array[]) => bytesField(5, [bytesField(1, name), ...more]);

/** A model of the given graph fields, with a plain input x and output y unless they bring their own. */
function onnx(graph: Uint8Array[], more: Uint8Array[] = [], x = tensorType([open, fixed(3)])): Uint8Array {
  const ends = [bytesField(11, value('x', x)), bytesField(12, value('y', tensorType([open, fixed(3)])))];
  return concat([
    integerField(1, 8),
    bytesField(7, [...graph, ...ends]),
    bytesField(8, [integerField(2, 13)]),
    ...more,
  ]);
}

describe('inspectOnnx', () => {
  it('says what a logistic model of Concord takes and does', () => {
    const summary = checkOnnx(logisticToOnnx(model));
    expect(summary.inputs).toEqual([{ name: 'features', type: 'double', dims: ['N', 2] }]);
    expect(summary.outputs).toEqual([{ name: 'probability', type: 'double', dims: ['N'] }]);
    expect(summary.operators.map(({ name, count }) => `${name} ${count}`)).toEqual([
      'Add 1',
      'MatMul 1',
      'Reshape 1',
      'Sigmoid 1',
    ]);
    expect(JSON.parse(summary.metadata['concord.features'])).toEqual(['volume', 'entropy']);
    expect(summary.constantBytes).toBe(8 * 4);
  });

  it('writes the same bytes for the same model, and others for another coefficient', () => {
    const digest = inspectOnnx(logisticToOnnx(model)).sha256;
    expect(inspectOnnx(logisticToOnnx(structuredClone(model))).sha256).toBe(digest);
    expect(inspectOnnx(logisticToOnnx({ ...model, intercept: 0.126 })).sha256).not.toBe(digest);
  });

  it('keeps one input where no feature was selected', () => {
    expect(onnxFeatures({ ...model, coefficients: [0, 0, 0] })).toEqual(['volume']);
  });
});

describe('checkOnnx', () => {
  const graphAttribute = attribute('body', bytesField(6, [node('Relu')]));
  const external = [integerField(14, 1), bytesField(13, [bytesField(1, 'location'), bytesField(2, '.env')])];
  const raw = (bytes: number) => bytesField(9, new Uint8Array(bytes));
  const hostile: [string, Uint8Array, RegExp][] = [
    ['a constant in another file', onnx([node('Relu'), bytesField(5, tensor([3], ...external))]), /another file/],
    [
      'a location flag without external data',
      onnx([node('Relu'), bytesField(5, tensor([3], raw(12), external[0]))]),
      /another file/,
    ],
    [
      'external data without a location flag',
      onnx([node('Relu'), bytesField(5, tensor([3], external[1]))]),
      /another file/,
    ],
    [
      'external data inside an attribute',
      onnx([node('Constant', attribute('value', bytesField(5, tensor([3], ...external))))]),
      /another file/,
    ],
    ['Loop', onnx([node('Loop', graphAttribute)]), /Loop is not on the list/],
    ['If', onnx([node('If', graphAttribute)]), /If is not on the list/],
    ['Scan', onnx([node('Scan', graphAttribute)]), /Scan is not on the list/],
    ['a graph inside a harmless operator', onnx([node('Relu', graphAttribute)]), /graph of its own/],
    ['ConstantOfShape', onnx([node('ConstantOfShape')]), /ConstantOfShape is not on the list/],
    ['an unknown domain', onnx([node('Relu', bytesField(7, 'com.microsoft'))]), /unknown domain/],
    [
      'an unknown operator set',
      onnx([node('Relu')], [bytesField(8, [bytesField(1, 'evil'), integerField(2, 1)])]),
      /operator set evil/,
    ],
    ['local functions', onnx([node('Relu')], [bytesField(25, [bytesField(1, 'f')])]), /field 25/],
    ['training information', onnx([node('Relu')], [bytesField(20, [bytesField(1, 'f')])]), /field 20/],
    ['two graphs', onnx([node('Relu')], [bytesField(7, [node('Relu')])]), /more than one graph/],
    ['a node with two operators', onnx([node('Relu', bytesField(4, 'Sigmoid'))]), /says twice/],
    [
      'an attribute with two tensors',
      onnx([
        node(
          'Constant',
          attribute('value', bytesField(5, tensor([1], raw(4))), bytesField(5, tensor([1], ...external))),
        ),
      ]),
      /tensor twice/,
    ],
    ['sparse constants', onnx([node('Relu'), bytesField(15, [])]), /sparse/],
    [
      'an open dimension that is not the batch',
      onnx([node('Relu')], [], tensorType([open, open])),
      /leaves dimension 2 open/,
    ],
    ['a huge input', onnx([node('Relu')], [], tensorType([fixed(2 ** 20), fixed(2 ** 20)])), /1099511627776 elements/],
    ['a negative dimension', onnx([node('Relu')], [], tensorType([open, fixed(-1)])), /negative/],
    [
      'a constant larger than its data',
      onnx([node('Relu'), bytesField(5, tensor([1000], raw(4)))]),
      /4 bytes for 1000/,
    ],
    ['a constant without its data', onnx([node('Relu'), bytesField(5, tensor([1000]))]), /fewer values/],
    [
      'an oversize constant',
      onnx([node('Relu'), bytesField(5, tensor([2 ** 20, 2 ** 20], raw(4)))]),
      /elements, more than/,
    ],
    ['a huge padding', onnx([node('Conv', attribute('pads', integerField(8, 2 ** 30)))]), /pads beyond/],
    [
      'a packed huge padding',
      onnx([node('Conv', attribute('pads', bytesField(8, [Uint8Array.of(0x80, 0x80, 0x04)])))]),
      /pads beyond/,
    ],
    ['text constants', onnx([node('Relu'), bytesField(5, [integerField(1, 1), integerField(2, 8)])]), /element type 8/],
    ['an input that is a sequence', onnx([node('Relu')], [], bytesField(4, [])), /not a tensor/],
    ['no nodes', onnx([]), /no graph/],
  ];

  it.each(hostile)('refuses %s', (_, bytes, reason) => {
    expect(() => checkOnnx(bytes)).toThrow(OnnxRefusedError);
    expect(() => checkOnnx(bytes)).toThrow(reason);
  });

  it('passes the plain model that the hostile ones were made from', () => {
    expect(checkOnnx(onnx([node('Relu'), bytesField(5, tensor([3], raw(12)))])).refusals).toEqual([]);
  });

  it('refuses a file over the cap before reading it', () => {
    expect(() => checkOnnx(new Uint8Array(11).fill(255), { ...DEFAULT_ONNX_LIMITS, maxBytes: 10 })).toThrow(/11 bytes/);
  });

  it('never lets a cut file pass as whole with the same graph, and throws typed errors only on random bytes', () => {
    const whole = logisticToOnnx(model);
    expect(() => checkOnnx(whole.subarray(0, -1))).toThrow(OnnxFormatError);
    for (let length = 0; length < whole.length - 140; length++) {
      expect(() => checkOnnx(whole.subarray(0, length))).toThrow(/protobuf|does not run/);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          checkOnnx(bytes);
        } catch (error) {
          expect(error instanceof OnnxFormatError || error instanceof OnnxRefusedError).toBe(true);
        }
      }),
    );
  });
});
