import {
  ATTRIBUTE,
  DIM,
  ENTRY,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './onnx-numbers.js';
import { readFields, readIntegers, readText, type WireField } from './protobuf.js';

/** A tensor that a model carries; its data stay bytes. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly bigint[];
  readonly elementType: number;
  readonly dataBytes: number;
  readonly fields: readonly WireField[];
}

export interface OnnxAttribute {
  readonly name: string;
  readonly integers: readonly bigint[];
  readonly tensors: readonly OnnxTensor[];
  readonly fields: readonly WireField[];
}

export interface OnnxNode {
  readonly operator: string;
  readonly domain: string;
  readonly attributes: readonly OnnxAttribute[];
  readonly fields: readonly WireField[];
}

/** An input or output; a dimension is a number, a symbol, or null where the file does not say. */
export interface OnnxValue {
  readonly name: string;
  readonly elementType: number | null;
  readonly dims: readonly (bigint | string | null)[] | null;
}

/** What an ONNX file says, unjudged. */
export interface OnnxFile {
  readonly irVersion: bigint;
  readonly producer: string;
  readonly opsets: readonly { readonly domain: string; readonly version: bigint }[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly graphName: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly modelFields: readonly WireField[];
  readonly graphFields: readonly WireField[];
}

/**
 * Reads the structure of an ONNX file without running or allocating anything it asks for.
 *
 * Where a field that should stand once is repeated, the last one is read; `onnx-guard` refuses such files, because
 * protobuf libraries merge them.
 *
 * @throws {OnnxFormatError} if the bytes are not a whole protobuf message
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  const model = readFields(bytes);
  const graph = readFields(last(model, MODEL.graph));
  return {
    irVersion: number(model, MODEL.irVersion),
    producer: [text(model, MODEL.producerName), text(model, MODEL.producerVersion)].join(' ').trim(),
    opsets: each(model, MODEL.opset).map((set) => ({
      domain: text(set, OPSET.domain),
      version: number(set, OPSET.version),
    })),
    metadata: each(model, MODEL.metadata).map((entry) => ({
      key: text(entry, ENTRY.key),
      value: text(entry, ENTRY.value),
    })),
    graphName: text(graph, GRAPH.name),
    nodes: each(graph, GRAPH.node).map(readNode),
    initializers: each(graph, GRAPH.initializer).map(readTensor),
    inputs: each(graph, GRAPH.input).map(readValue),
    outputs: each(graph, GRAPH.output).map(readValue),
    modelFields: model,
    graphFields: graph,
  };
}

function readNode(fields: WireField[]): OnnxNode {
  return {
    operator: text(fields, NODE.operator),
    domain: text(fields, NODE.domain),
    attributes: each(fields, NODE.attribute).map(readAttribute),
    fields,
  };
}

function readAttribute(fields: WireField[]): OnnxAttribute {
  return {
    name: text(fields, ATTRIBUTE.name),
    integers: [...readIntegers(fields, ATTRIBUTE.integers), ...readIntegers(fields, ATTRIBUTE.integer)],
    tensors: [...each(fields, ATTRIBUTE.tensor), ...each(fields, ATTRIBUTE.tensors)].map(readTensor),
    fields,
  };
}

function readTensor(fields: WireField[]): OnnxTensor {
  const data: number[] = [
    TENSOR.floats,
    TENSOR.int32s,
    TENSOR.strings,
    TENSOR.int64s,
    TENSOR.raw,
    TENSOR.doubles,
    TENSOR.uint64s,
  ];
  return {
    name: text(fields, TENSOR.name),
    dims: readIntegers(fields, TENSOR.dims),
    elementType: Number(number(fields, TENSOR.dataType)),
    dataBytes: fields.reduce(
      (sum, { field, bytes }) => sum + (data.includes(field) ? Math.max(bytes.length, 1) : 0),
      0,
    ),
    fields,
  };
}

function readValue(fields: WireField[]): OnnxValue {
  const type = readFields(last(fields, VALUE_INFO.type)).find(({ field }) => field === TYPE.tensor);
  if (type === undefined) return { name: text(fields, VALUE_INFO.name), elementType: null, dims: null };
  const tensor = readFields(type.bytes);
  const hasShape = tensor.some(({ field }) => field === TENSOR_TYPE.shape);
  return {
    name: text(fields, VALUE_INFO.name),
    elementType: Number(number(tensor, TENSOR_TYPE.element)),
    dims: hasShape ? each(readFields(last(tensor, TENSOR_TYPE.shape)), SHAPE.dim).map(readDim) : null,
  };
}

function readDim(fields: WireField[]): bigint | string | null {
  const value = fields.findLast(({ field }) => field === DIM.value || field === DIM.symbol);
  if (value === undefined) return null;
  return value.field === DIM.value ? value.value : readText(value.bytes);
}

function each(fields: readonly WireField[], number: number): WireField[][] {
  return fields.filter(({ field, wire }) => field === number && wire === 2).map(({ bytes }) => readFields(bytes));
}

function last(fields: readonly WireField[], number: number): Uint8Array {
  return fields.findLast(({ field }) => field === number)?.bytes ?? new Uint8Array();
}

function text(fields: readonly WireField[], number: number): string {
  return readText(last(fields, number));
}

function number(fields: readonly WireField[], number: number): bigint {
  return fields.findLast(({ field }) => field === number)?.value ?? 0n;
}
