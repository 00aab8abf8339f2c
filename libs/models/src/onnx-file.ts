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
import { readFields, readIntegers, readText, type FieldBudget, type WireField } from './protobuf.js';

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
  /** Read when asked for: the lists of tree ensembles are long. */
  readonly integers: () => bigint[];
  readonly tensors: readonly OnnxTensor[];
  readonly fields: readonly WireField[];
}

export interface OnnxNode {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
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
 * @throws {OnnxFormatError} if the bytes are not a whole protobuf message, or hold more than `maxFields` fields
 */
export function readOnnx(bytes: Uint8Array, maxFields: number): OnnxFile {
  const budget: FieldBudget = { left: maxFields };
  const model = readFields(bytes, budget);
  const graph = readFields(last(model, MODEL.graph), budget);
  const each = <T>(fields: readonly WireField[], number: number, read: (part: WireField[], b: FieldBudget) => T): T[] =>
    parts(fields, number, budget).map((part) => read(part, budget));
  return {
    irVersion: number(model, MODEL.irVersion),
    producer: [text(model, MODEL.producerName), text(model, MODEL.producerVersion)].join(' ').trim(),
    opsets: each(model, MODEL.opset, (set) => ({
      domain: text(set, OPSET.domain),
      version: number(set, OPSET.version),
    })),
    metadata: each(model, MODEL.metadata, (entry) => ({
      key: text(entry, ENTRY.key),
      value: text(entry, ENTRY.value),
    })),
    graphName: text(graph, GRAPH.name),
    nodes: each(graph, GRAPH.node, readNode),
    initializers: each(graph, GRAPH.initializer, readTensor),
    inputs: each(graph, GRAPH.input, readValue),
    outputs: each(graph, GRAPH.output, readValue),
    modelFields: model,
    graphFields: graph,
  };
}

/** The operator with its domain, if that is not the plain one. */
export function fullName({ domain, operator }: Pick<OnnxNode, 'domain' | 'operator'>): string {
  return domain === '' || domain === 'ai.onnx' ? operator : `${domain}:${operator}`;
}

function readNode(fields: WireField[], budget: FieldBudget): OnnxNode {
  return {
    operator: text(fields, NODE.operator),
    domain: text(fields, NODE.domain),
    inputs: texts(fields, NODE.input),
    outputs: texts(fields, NODE.output),
    attributes: parts(fields, NODE.attribute, budget).map((part) => readAttribute(part, budget)),
    fields,
  };
}

function readAttribute(fields: WireField[], budget: FieldBudget): OnnxAttribute {
  const tensors = [ATTRIBUTE.tensor, ATTRIBUTE.tensors].flatMap((number) => parts(fields, number, budget));
  return {
    name: text(fields, ATTRIBUTE.name),
    integers: () => [...readIntegers(fields, ATTRIBUTE.integers), ...readIntegers(fields, ATTRIBUTE.integer)],
    tensors: tensors.map(readTensor),
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

function readValue(fields: WireField[], budget: FieldBudget): OnnxValue {
  const type = readFields(last(fields, VALUE_INFO.type), budget).find(({ field }) => field === TYPE.tensor);
  if (type === undefined) return { name: text(fields, VALUE_INFO.name), elementType: null, dims: null };
  const tensor = readFields(type.bytes, budget);
  const hasShape = tensor.some(({ field }) => field === TENSOR_TYPE.shape);
  const shape = readFields(last(tensor, TENSOR_TYPE.shape), budget);
  return {
    name: text(fields, VALUE_INFO.name),
    elementType: Number(number(tensor, TENSOR_TYPE.element)),
    dims: hasShape ? parts(shape, SHAPE.dim, budget).map(readDim) : null,
  };
}

function readDim(fields: WireField[]): bigint | string | null {
  const value = fields.findLast(({ field }) => field === DIM.value || field === DIM.symbol);
  if (value === undefined) return null;
  return value.field === DIM.value ? value.value : readText(value.bytes);
}

function parts(fields: readonly WireField[], number: number, budget: FieldBudget): WireField[][] {
  return fields
    .filter(({ field, wire }) => field === number && wire === 2)
    .map(({ bytes }) => readFields(bytes, budget));
}

function texts(fields: readonly WireField[], number: number): string[] {
  return fields.filter(({ field }) => field === number).map(({ bytes }) => readText(bytes));
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
