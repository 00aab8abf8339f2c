import { OnnxRefusedError } from './errors.js';
import { digestOf } from './lock.js';
import { fullName, readOnnx, type OnnxFile, type OnnxNode, type OnnxTensor, type OnnxValue } from './onnx-file.js';
import { onnxMemory } from './onnx-memory.js';
import { ATTRIBUTE, ELEMENT_TYPES, GRAPH, MODEL, NODE, TENSOR } from './onnx-numbers.js';
import { SHAPE_RULES } from './onnx-shape-rules.js';
import type { WireField } from './protobuf.js';

/** An input or output of a model as shown to a person; a dimension that is not fixed is its symbol or `?`. */
export interface OnnxPort {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly (number | string)[] | null;
}

/** What an ONNX file would do, read without running it. */
export interface OnnxSummary {
  readonly sha256: string;
  readonly fileBytes: number;
  /** Bytes of all constants once loaded. */
  readonly constantBytes: number;
  /** Most bytes that inputs and results take at one time, for the number of rows that was asked about. */
  readonly memoryBytes: number;
  readonly irVersion: number;
  readonly producer: string;
  readonly graphName: string;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** By name, with how often each occurs. */
  readonly operators: readonly { readonly name: string; readonly count: number }[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Why Concord would not run it, in words; empty if it would. */
  readonly refusals: readonly string[];
}

/** Caps of what is run. */
export interface OnnxLimits {
  readonly maxBytes: number;
  readonly maxNodes: number;
  /** Fields of the protobuf, all messages together: bounds the time that reading takes. */
  readonly maxFields: number;
  /** Constants, inputs and results together. */
  readonly maxMemoryBytes: number;
  /** Elements of one input row or one constant. */
  readonly maxElements: number;
  /** Kernel, stride, dilation and padding along one axis. */
  readonly maxWindow: number;
}

export const DEFAULT_ONNX_LIMITS: OnnxLimits = {
  maxBytes: 256 * 1024 * 1024,
  maxNodes: 20_000,
  maxFields: 500_000,
  maxMemoryBytes: 1024 * 1024 * 1024,
  maxElements: 2 ** 26,
  maxWindow: 1024,
};

const DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml']);
const WINDOW_ATTRIBUTES: ReadonlySet<string> = new Set(['kernel_shape', 'pads', 'strides', 'dilations']);

/** Fields that stand in ordinary files (producer, doc strings, names …); anything else may mean something to the runtime. */
const KNOWN_MODEL_FIELDS = [1, 2, 3, 4, 5, 6, 7, 8, 14];
const KNOWN_GRAPH_FIELDS = [1, 2, 5, 10, 11, 12, 13, 14, 16];
const KNOWN_NODE_FIELDS = [1, 2, 3, 4, 5, 6, 7, 9];
const KNOWN_ATTRIBUTE_FIELDS = [1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 20];
const KNOWN_TENSOR_FIELDS = [1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 14, 16];

/**
 * Says what an ONNX file would do and why it would be refused, without running it.
 *
 * @param rows what the open first dimension of the inputs is taken for
 * @throws {OnnxFormatError} if the bytes are not a whole ONNX file
 */
export function inspectOnnx(bytes: Uint8Array, limits: OnnxLimits = DEFAULT_ONNX_LIMITS, rows = 1): OnnxSummary {
  if (bytes.length > limits.maxBytes) throw tooBig(bytes.length, limits);
  const file = readOnnx(bytes, limits.maxFields);
  const constants = [...file.initializers, ...file.nodes.flatMap((node) => node.attributes.flatMap((a) => a.tensors))];
  const constantBytes = constants.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const operators = new Map<string, number>();
  for (const node of file.nodes) operators.set(fullName(node), (operators.get(fullName(node)) ?? 0) + 1);
  const plain = refusalsOf(file, constants, limits);
  // Sizes are followed through a graph of known operators only.
  const memory = plain.length > 0 ? { peakBytes: 0, refusals: [] } : onnxMemory(file, rows, limits.maxElements);
  const total = constantBytes + memory.peakBytes;
  const tooMuch = total > limits.maxMemoryBytes ? [`it needs ${total} bytes, more than ${limits.maxMemoryBytes}`] : [];
  return {
    sha256: digestOf(bytes),
    fileBytes: bytes.length,
    constantBytes,
    memoryBytes: memory.peakBytes,
    irVersion: Number(file.irVersion),
    producer: file.producer,
    graphName: file.graphName,
    opsets: file.opsets.map(({ domain, version }) => ({ domain, version: Number(version) })),
    inputs: file.inputs.map(port),
    outputs: file.outputs.map(port),
    operators: [...operators].map(([name, count]) => ({ name, count })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    metadata: Object.fromEntries(file.metadata.map(({ key, value }) => [key, value])),
    refusals: [...new Set([...plain, ...memory.refusals, ...tooMuch])],
  };
}

/**
 * Lets a file pass only if Concord runs it.
 *
 * @returns the summary of a file with no refusals
 * @throws {OnnxFormatError} if the bytes are not a whole ONNX file
 * @throws {OnnxRefusedError} with every reason, if the file is not run
 */
export function checkOnnx(bytes: Uint8Array, limits: OnnxLimits = DEFAULT_ONNX_LIMITS, rows = 1): OnnxSummary {
  const summary = inspectOnnx(bytes, limits, rows);
  if (summary.refusals.length > 0) throw refused(summary.refusals.join('; '));
  return summary;
}

function refusalsOf(file: OnnxFile, constants: readonly OnnxTensor[], limits: OnnxLimits): string[] {
  return [
    ...structureRefusals(file, limits),
    ...file.nodes.flatMap((node) => nodeRefusals(node, limits)),
    ...constants.flatMap((tensor) => tensorRefusals(tensor, limits)),
    ...[...file.inputs, ...file.outputs].flatMap((value) => valueRefusals(value, limits)),
  ];
}

function structureRefusals(file: OnnxFile, limits: OnnxLimits): string[] {
  const reasons: string[] = [];
  const { modelFields, graphFields } = file;
  if (file.nodes.length === 0 || file.outputs.length === 0) reasons.push('it holds no graph with an output');
  if (file.nodes.length > limits.maxNodes)
    reasons.push(`it has ${file.nodes.length} nodes, more than ${limits.maxNodes}`);
  // Protobuf libraries merge repeated messages; a guard that reads one of them would be led past the other.
  if (repeats(modelFields, MODEL.graph)) reasons.push('it has more than one graph');
  if (graphFields.some(({ field }) => field === GRAPH.sparseInitializer)) reasons.push('it has sparse constants');
  reasons.push(...unknownFields('the model', modelFields, KNOWN_MODEL_FIELDS));
  reasons.push(...unknownFields('the graph', graphFields, [...KNOWN_GRAPH_FIELDS, GRAPH.sparseInitializer]));
  for (const { domain } of file.opsets) if (!DOMAINS.has(domain)) reasons.push(`it needs the operator set ${domain}`);
  return reasons;
}

function nodeRefusals(node: OnnxNode, limits: OnnxLimits): string[] {
  const name = fullName(node);
  const reasons: string[] = [];
  if (!DOMAINS.has(node.domain)) reasons.push(`operator ${name} is of an unknown domain`);
  else if (!SHAPE_RULES.has(name)) reasons.push(`operator ${name} is not on the list of what Concord runs`);
  if (repeats(node.fields, NODE.operator) || repeats(node.fields, NODE.domain))
    reasons.push(`a node says twice what it is`);
  reasons.push(...unknownFields(`operator ${name}`, node.fields, KNOWN_NODE_FIELDS));
  for (const attribute of node.attributes) {
    if (attribute.fields.some(({ field }) => field === ATTRIBUTE.graph || field === ATTRIBUTE.graphs)) {
      reasons.push(`operator ${name} holds a graph of its own`);
    } else reasons.push(...unknownFields(`attribute ${attribute.name}`, attribute.fields, KNOWN_ATTRIBUTE_FIELDS));
    if (repeats(attribute.fields, ATTRIBUTE.tensor)) reasons.push(`attribute ${attribute.name} holds its tensor twice`);
    const isWindow = WINDOW_ATTRIBUTES.has(attribute.name);
    if (isWindow && attribute.integers().some((value) => value < 0n || value > BigInt(limits.maxWindow))) {
      reasons.push(`operator ${name} has a ${attribute.name} beyond ${limits.maxWindow}`);
    }
  }
  return reasons;
}

function tensorRefusals(tensor: OnnxTensor, limits: OnnxLimits): string[] {
  const label = `constant ${tensor.name || '(unnamed)'}`;
  const location = tensor.fields.some(({ field, value }) => field === TENSOR.dataLocation && value !== 0n);
  if (location || tensor.fields.some(({ field }) => field === TENSOR.externalData))
    return [`${label} lies in another file`];
  const type = ELEMENT_TYPES.get(tensor.elementType);
  if (type === undefined) return [`${label} has element type ${tensor.elementType}, which is not supported`];
  const reasons = unknownFields(label, tensor.fields, KNOWN_TENSOR_FIELDS);
  if (repeats(tensor.fields, TENSOR.raw) || repeats(tensor.fields, TENSOR.dataType))
    reasons.push(`${label} has its data twice`);
  const elements = tensor.dims.reduce((product, dim) => product * dim, 1n);
  if (tensor.dims.some((dim) => dim < 0n) || elements > BigInt(limits.maxElements)) {
    return [...reasons, `${label} has ${elements} elements, more than ${limits.maxElements}`];
  }
  const raw = tensor.fields.find(({ field }) => field === TENSOR.raw);
  if (raw !== undefined && BigInt(raw.bytes.length) !== elements * BigInt(type.bytes)) {
    reasons.push(`${label} has ${raw.bytes.length} bytes for ${elements} elements of ${type.name}`);
  } else if (raw === undefined && BigInt(tensor.dataBytes) < elements) {
    reasons.push(`${label} has fewer values than its ${elements} elements`);
  }
  return reasons;
}

function valueRefusals(value: OnnxValue, limits: OnnxLimits): string[] {
  const label = `input or output ${value.name}`;
  if (value.elementType === null) return [`${label} is not a tensor`];
  if (!ELEMENT_TYPES.has(value.elementType))
    return [`${label} has element type ${value.elementType}, which is not supported`];
  if (value.dims === null) return [];
  let elements = 1n;
  for (const [axis, dim] of value.dims.entries()) {
    if (typeof dim === 'bigint') {
      if (dim < 0n) return [`${label} has a negative dimension`];
      elements *= dim;
    } else if (axis > 0) return [`${label} leaves dimension ${axis + 1} open; only the first, the batch, may be`];
  }
  return elements > BigInt(limits.maxElements)
    ? [`${label} has ${elements} elements, more than ${limits.maxElements}`]
    : [];
}

function unknownFields(where: string, fields: readonly WireField[], known: readonly number[]): string[] {
  const strange = fields.find(({ field }) => !known.includes(field));
  return strange ? [`${where} has field ${strange.field}, which Concord does not know or does not allow`] : [];
}

function repeats(fields: readonly WireField[], number: number): boolean {
  return fields.filter(({ field }) => field === number).length > 1;
}

function tensorBytes(tensor: OnnxTensor): number {
  return (
    Number(tensor.dims.reduce((product, dim) => product * dim, 1n)) *
    (ELEMENT_TYPES.get(tensor.elementType)?.bytes ?? 0)
  );
}

function port(value: OnnxValue): OnnxPort {
  const type =
    value.elementType === null
      ? 'not a tensor'
      : (ELEMENT_TYPES.get(value.elementType)?.name ?? `type ${value.elementType}`);
  return {
    name: value.name,
    type,
    dims: value.dims?.map((dim) => (typeof dim === 'bigint' ? Number(dim) : dim || '?')) ?? null,
  };
}

function tooBig(bytes: number, limits: OnnxLimits): OnnxRefusedError {
  return refused(`it has ${bytes} bytes, more than ${limits.maxBytes}`);
}

function refused(why: string): OnnxRefusedError {
  return new OnnxRefusedError(
    `Concord does not run this model: ${why}`,
    'ONNX file',
    'Export it as plain ONNX with all weights inside, fixed shapes but for the batch, and operators from the documented list.',
  );
}
