import type { LogisticModel } from './logistic-model.js';
import {
  DIM,
  DOUBLE,
  ENTRY,
  GRAPH,
  INT64,
  MODEL,
  NODE,
  OPSET,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './onnx-numbers.js';
import { bytesField, concat, integerField } from './protobuf.js';

const IR_VERSION = 8;
const OPSET_VERSION = 13;

/**
 * Features that the ONNX form of a model takes, in the order of its input's columns: those with a coefficient, or the
 * first one where none has (an input cannot be empty).
 */
export function onnxFeatures(model: LogisticModel): string[] {
  const used = model.features.filter((_, j) => model.coefficients[j] !== 0);
  return used.length > 0 ? used : model.features.slice(0, 1);
}

/**
 * The model as an ONNX file: input `features`, double [N, p] in the order of `onnxFeatures`; output `probability`,
 * double [N]. The same model gives the same bytes; the feature names are in the metadata as JSON.
 */
export function logisticToOnnx(model: LogisticModel): Uint8Array {
  const features = onnxFeatures(model);
  const weights = features.map((name) => model.coefficients[model.features.indexOf(name)]);
  const count = features.length;
  const graph = [
    node('MatMul', ['features', 'coefficients'], 'product'),
    node('Add', ['product', 'intercept'], 'logit'),
    node('Sigmoid', ['logit'], 'risk'),
    node('Reshape', ['risk', 'shape'], 'probability'),
    bytesField(GRAPH.name, 'concord-logistic'),
    bytesField(GRAPH.initializer, tensor('coefficients', [count, 1], DOUBLE, doubleBytes(weights))),
    bytesField(GRAPH.initializer, tensor('intercept', [1, 1], DOUBLE, doubleBytes([model.intercept]))),
    bytesField(GRAPH.initializer, tensor('shape', [1], INT64, int64Bytes([-1]))),
    bytesField(GRAPH.input, valueInfo('features', ['N', count])),
    bytesField(GRAPH.output, valueInfo('probability', ['N'])),
  ];
  return concat([
    integerField(MODEL.irVersion, IR_VERSION),
    bytesField(MODEL.producerName, 'concord'),
    bytesField(MODEL.graph, graph),
    bytesField(MODEL.opset, [bytesField(OPSET.domain, ''), integerField(OPSET.version, OPSET_VERSION)]),
    metadata('concord.features', JSON.stringify(features)),
    metadata('concord.format', model.format),
  ]);
}

function node(operator: string, inputs: readonly string[], output: string): Uint8Array {
  return bytesField(GRAPH.node, [
    ...inputs.map((name) => bytesField(NODE.input, name)),
    bytesField(NODE.output, output),
    bytesField(NODE.name, output),
    bytesField(NODE.operator, operator),
  ]);
}

function tensor(name: string, dims: readonly number[], type: number, raw: Uint8Array): Uint8Array {
  return concat([
    ...dims.map((dim) => integerField(TENSOR.dims, dim)),
    integerField(TENSOR.dataType, type),
    bytesField(TENSOR.name, name),
    bytesField(TENSOR.raw, raw),
  ]);
}

function valueInfo(name: string, dims: readonly (string | number)[]): Uint8Array {
  const dim = (size: string | number) =>
    bytesField(SHAPE.dim, [typeof size === 'string' ? bytesField(DIM.symbol, size) : integerField(DIM.value, size)]);
  const shape = bytesField(TENSOR_TYPE.shape, dims.map(dim));
  const type = bytesField(TYPE.tensor, [integerField(TENSOR_TYPE.element, DOUBLE), shape]);
  return concat([bytesField(VALUE_INFO.name, name), bytesField(VALUE_INFO.type, type)]);
}

function metadata(key: string, value: string): Uint8Array {
  return bytesField(MODEL.metadata, [bytesField(ENTRY.key, key), bytesField(ENTRY.value, value)]);
}

/** Little-endian on any machine, as ONNX wants it. */
function doubleBytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => view.setFloat64(i * 8, value, true));
  return new Uint8Array(view.buffer);
}

function int64Bytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => view.setBigInt64(i * 8, BigInt(value), true));
  return new Uint8Array(view.buffer);
}
