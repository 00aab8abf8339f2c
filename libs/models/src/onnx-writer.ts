import {
  ATTRIBUTE,
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
import { bytesField, concat, integerField, packedIntegers } from './protobuf.js';

const IR_VERSION = 8;
const OPSET_VERSION = 13;
const ML_OPSET_VERSION = 3;
export const ML_DOMAIN = 'ai.onnx.ml';
/** Types of attributes (AttributeProto.AttributeType). */
const ATTRIBUTE_TYPE = { integer: 2, text: 3, tensor: 4, integers: 7, texts: 8 } as const;

/** The ONNX form of a model and what goes in and comes out of it. */
export interface OnnxExport {
  readonly bytes: Uint8Array;
  /** Columns of the input `features`, double [N, p]. */
  readonly features: readonly string[];
  /** The output that stands for the columns of the same names of `predictWith`. */
  readonly output: string;
  readonly columns: readonly string[];
}

/** A constant of doubles as a field of the graph. */
export function doubles(name: string, dims: readonly number[], values: readonly number[]): Uint8Array {
  return bytesField(GRAPH.initializer, tensor(name, dims, DOUBLE, doubleBytes(values)));
}

/** A constant list of whole numbers as a field of the graph. */
export function wholes(name: string, values: readonly number[]): Uint8Array {
  return bytesField(GRAPH.initializer, tensor(name, [values.length], INT64, int64Bytes(values)));
}

/** A whole file; the same parts give the same bytes. */
export function onnxModel(
  graph: readonly Uint8Array[],
  notes: Readonly<Record<string, string>>,
  usesMl = false,
): Uint8Array {
  const opset = (domain: string, version: number) =>
    bytesField(MODEL.opset, [bytesField(OPSET.domain, domain), integerField(OPSET.version, version)]);
  return concat([
    integerField(MODEL.irVersion, IR_VERSION),
    bytesField(MODEL.producerName, 'concord'),
    bytesField(MODEL.graph, graph),
    opset('', OPSET_VERSION),
    ...(usesMl ? [opset(ML_DOMAIN, ML_OPSET_VERSION)] : []),
    ...Object.entries(notes).map(([key, value]) => metadata(key, value)),
  ]);
}

export function integerAttribute(name: string, value: number): Uint8Array {
  return attribute(name, ATTRIBUTE_TYPE.integer, integerField(ATTRIBUTE.integer, value));
}

export function textAttribute(name: string, value: string): Uint8Array {
  return attribute(name, ATTRIBUTE_TYPE.text, bytesField(ATTRIBUTE.text, value));
}

export function integersAttribute(name: string, values: readonly number[]): Uint8Array {
  return attribute(name, ATTRIBUTE_TYPE.integers, bytesField(ATTRIBUTE.integers, packedIntegers(values)));
}

export function textsAttribute(name: string, values: readonly string[]): Uint8Array {
  const fields = values.map((value) => bytesField(ATTRIBUTE.texts, value));
  return attribute(name, ATTRIBUTE_TYPE.texts, concat(fields));
}

export function doublesAttribute(name: string, values: readonly number[]): Uint8Array {
  const content = tensor(name, [values.length], DOUBLE, doubleBytes(values));
  return attribute(name, ATTRIBUTE_TYPE.tensor, bytesField(ATTRIBUTE.tensor, content));
}

function attribute(name: string, type: number, content: Uint8Array): Uint8Array {
  return bytesField(NODE.attribute, [bytesField(ATTRIBUTE.name, name), content, integerField(ATTRIBUTE.type, type)]);
}

/** A node with one output, named for it. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Uint8Array[] = [],
  domain = '',
): Uint8Array {
  return bytesField(GRAPH.node, [
    ...inputs.map((name) => bytesField(NODE.input, name)),
    bytesField(NODE.output, output),
    bytesField(NODE.name, output),
    bytesField(NODE.operator, operator),
    ...attributes,
    ...(domain === '' ? [] : [bytesField(NODE.domain, domain)]),
  ]);
}

/** A constant with its data as bytes. */
export function tensor(name: string, dims: readonly number[], type: number, raw: Uint8Array): Uint8Array {
  return concat([
    ...dims.map((dim) => integerField(TENSOR.dims, dim)),
    integerField(TENSOR.dataType, type),
    bytesField(TENSOR.name, name),
    bytesField(TENSOR.raw, raw),
  ]);
}

/** An input or output of the graph; a text is an open dimension. */
export function valueInfo(name: string, dims: readonly (string | number)[], element = DOUBLE): Uint8Array {
  const dim = (size: string | number) =>
    bytesField(SHAPE.dim, [typeof size === 'string' ? bytesField(DIM.symbol, size) : integerField(DIM.value, size)]);
  const shape = bytesField(TENSOR_TYPE.shape, dims.map(dim));
  const type = bytesField(TYPE.tensor, [integerField(TENSOR_TYPE.element, element), shape]);
  return concat([bytesField(VALUE_INFO.name, name), bytesField(VALUE_INFO.type, type)]);
}

export function metadata(key: string, value: string): Uint8Array {
  return bytesField(MODEL.metadata, [bytesField(ENTRY.key, key), bytesField(ENTRY.value, value)]);
}

/** Little-endian on any machine, as ONNX wants it. */
export function doubleBytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => view.setFloat64(i * 8, value, true));
  return new Uint8Array(view.buffer);
}

export function int64Bytes(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((value, i) => view.setBigInt64(i * 8, BigInt(value), true));
  return new Uint8Array(view.buffer);
}
