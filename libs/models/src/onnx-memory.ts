import { integerOf } from './onnx-attributes.js';
import { fullName, type OnnxFile, type OnnxNode, type OnnxTensor } from './onnx-file.js';
import { ELEMENT_TYPES, FLOAT, INT32, INT64, TENSOR } from './onnx-numbers.js';
import { SHAPE_RULES, UnknownSize, type KnownTensor } from './onnx-shape-rules.js';
import { readIntegers } from './protobuf.js';

/** What a model needs beside its constants, known before it runs. */
export interface OnnxMemory {
  /** Most bytes of inputs and intermediate results that live at one time. */
  readonly peakBytes: number;
  /** Why it cannot be known, or is too much; empty otherwise. */
  readonly refusals: readonly string[];
}

/** Constants up to this length are read for their values: shapes, axes, paddings. */
const SHORT = 64;
const WIDEST = 8;

/**
 * Follows the sizes of all tensors through the graph, the open first dimension of the inputs being `rows`.
 *
 * Every size must follow from the file alone; an operator may not take one from what was computed.
 */
export function onnxMemory(file: OnnxFile, rows: number, maxElements: number): OnnxMemory {
  const tensors = new Map<string, KnownTensor>();
  for (const tensor of file.initializers) tensors.set(tensor.name, constantOf(tensor));
  let live = 0;
  for (const { name, dims, elementType } of file.inputs) {
    if (tensors.has(name) || dims === null) continue;
    const sizes = dims.map((dim, axis) => (typeof dim === 'bigint' ? Number(dim) : axis === 0 ? rows : 1));
    const known = { dims: sizes, elementBytes: ELEMENT_TYPES.get(elementType ?? 0)?.bytes ?? WIDEST, values: null };
    tensors.set(name, known);
    live += bytesOf(known);
  }
  const lastUse = lastUses(file);
  let peak = live;
  for (const [index, node] of file.nodes.entries()) {
    try {
      const outputs = outputsOf(node, tensors);
      node.outputs.forEach((name, i) => {
        if (name === '') return;
        if (tensors.has(name)) throw new UnknownSize(`it gives ${name} a second time`);
        const size = outputs[i]?.dims.reduce((count, dim) => count * dim, 1) ?? 0;
        if (!(size <= maxElements)) throw new UnknownSize(`${size} elements are more than ${maxElements}`);
        if (outputs[i] !== undefined) tensors.set(name, outputs[i]);
        live += bytesOf(outputs[i]);
      });
    } catch (error) {
      if (!(error instanceof UnknownSize)) throw error;
      return {
        peakBytes: peak,
        refusals: [`the result of ${fullName(node)} has no size that is known: ${error.message}`],
      };
    }
    peak = Math.max(peak, live);
    for (const name of lastUse[index]) live -= bytesOf(tensors.get(name));
  }
  const lost = file.outputs.find(({ name }) => !tensors.has(name));
  return { peakBytes: peak, refusals: lost ? [`nothing gives the output ${lost.name}`] : [] };
}

function outputsOf(node: OnnxNode, tensors: ReadonlyMap<string, KnownTensor>): KnownTensor[] {
  const name = fullName(node);
  if (name === 'Constant') return [constantNode(node)];
  const rule = SHAPE_RULES.get(name);
  if (rule === undefined) throw new UnknownSize('the operator is unknown');
  const inputs = node.inputs.map((input) => {
    const tensor = tensors.get(input);
    if (tensor === undefined && input !== '') throw new UnknownSize(`nothing before it gives ${input}`);
    return tensor;
  });
  const elementBytes = elementBytesOf(name, node, inputs);
  const values = name === 'Identity' ? (inputs[0]?.values ?? null) : null;
  return rule(node, inputs).map((dims) => ({ dims, elementBytes, values }));
}

function elementBytesOf(name: string, node: OnnxNode, inputs: readonly (KnownTensor | undefined)[]): number {
  if (name === 'Cast') return ELEMENT_TYPES.get(integerOf(node, 'to', 0))?.bytes ?? WIDEST;
  if (name.startsWith('Arg') || name.startsWith('ai.onnx.ml:')) return WIDEST;
  // Of operators that take indices, shapes or a condition beside the numbers, the numbers decide.
  return inputs[name === 'Where' ? 1 : 0]?.elementBytes ?? WIDEST;
}

/** Before which nodes' ends each result was needed; outputs of the graph are needed to the end. */
function lastUses(file: OnnxFile): string[][] {
  const kept = new Set([...file.outputs, ...file.inputs, ...file.initializers].map(({ name }) => name));
  const last = new Map<string, number>();
  file.nodes.forEach((node, index) => {
    for (const name of [...node.outputs, ...node.inputs]) if (!kept.has(name)) last.set(name, index);
  });
  const byNode = file.nodes.map((): string[] => []);
  for (const [name, index] of last) byNode[index].push(name);
  return byNode;
}

function bytesOf(tensor: KnownTensor | undefined): number {
  return tensor === undefined ? 0 : tensor.dims.reduce((size, dim) => size * dim, tensor.elementBytes);
}

function constantNode(node: OnnxNode): KnownTensor {
  const [attribute] = node.attributes;
  const [tensor] = attribute?.tensors ?? [];
  if (tensor !== undefined) return constantOf(tensor);
  if (attribute === undefined) throw new UnknownSize('it holds no value');
  const values = attribute.name.startsWith('value_int') ? attribute.integers().map(Number) : null;
  const isList = attribute.name.endsWith('s');
  return { dims: isList ? [values?.length ?? attribute.fields.length] : [], elementBytes: WIDEST, values };
}

function constantOf(tensor: OnnxTensor): KnownTensor {
  const dims = tensor.dims.map(Number);
  const size = dims.reduce((count, dim) => count * dim, 1);
  const elementBytes = ELEMENT_TYPES.get(tensor.elementType)?.bytes ?? WIDEST;
  return { dims, elementBytes, values: size <= SHORT ? shortValues(tensor, size, elementBytes) : null };
}

/** Values of a short constant of whole numbers or floats; null for other kinds and for data that do not fit. */
function shortValues(tensor: OnnxTensor, size: number, elementBytes: number): number[] | null {
  const raw = tensor.fields.find(({ field }) => field === TENSOR.raw)?.bytes;
  const { elementType } = tensor;
  if (raw === undefined) {
    const list = elementType === INT64 ? TENSOR.int64s : elementType === INT32 ? TENSOR.int32s : null;
    const values = list === null ? [] : readIntegers(tensor.fields, list).map(Number);
    return values.length === size ? values : null;
  }
  if (raw.length !== size * elementBytes) return null;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const at = (index: number): number => {
    if (elementType === INT64) return Number(view.getBigInt64(index * 8, true));
    return elementType === INT32 ? view.getInt32(index * 4, true) : view.getFloat32(index * 4, true);
  };
  return [INT64, INT32, FLOAT].includes(elementType) ? Array.from({ length: size }, (_, index) => at(index)) : null;
}
