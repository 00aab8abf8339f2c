/** Field numbers of the ONNX schema (onnx.proto, IR version 10) that are read or written here. */
export const MODEL = { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opset: 8, metadata: 14 } as const;
export const OPSET = { domain: 1, version: 2 } as const;
export const ENTRY = { key: 1, value: 2 } as const;
export const GRAPH = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;
export const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 } as const;
export const ATTRIBUTE = {
  name: 1,
  float: 2,
  integer: 3,
  text: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  integers: 8,
  texts: 9,
  tensors: 10,
  graphs: 11,
  type: 20,
} as const;
export const TENSOR = {
  dims: 1,
  dataType: 2,
  floats: 4,
  int32s: 5,
  strings: 6,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  uint64s: 11,
  externalData: 13,
  dataLocation: 14,
} as const;
export const VALUE_INFO = { name: 1, type: 2 } as const;
export const TYPE = { tensor: 1 } as const;
export const TENSOR_TYPE = { element: 1, shape: 2 } as const;
export const SHAPE = { dim: 1 } as const;
export const DIM = { value: 1, symbol: 2 } as const;

/** Element types that Concord lets a model use: name and bytes of one element. */
export const ELEMENT_TYPES: ReadonlyMap<number, { readonly name: string; readonly bytes: number }> = new Map([
  [1, { name: 'float', bytes: 4 }],
  [2, { name: 'uint8', bytes: 1 }],
  [3, { name: 'int8', bytes: 1 }],
  [6, { name: 'int32', bytes: 4 }],
  [7, { name: 'int64', bytes: 8 }],
  [9, { name: 'bool', bytes: 1 }],
  [10, { name: 'float16', bytes: 2 }],
  [11, { name: 'double', bytes: 8 }],
]);
export const DOUBLE = 11;
export const INT64 = 7;
export const INT32 = 6;
export const FLOAT = 1;
