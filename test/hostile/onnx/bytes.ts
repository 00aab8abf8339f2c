// ONNX by hand: nothing here uses the code that is under attack.

export type Bytes = Uint8Array;

const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];

/** A field with a whole number; negative ones as protobuf writes them. */
export function int(field: number, value: number | bigint): Bytes {
  return Uint8Array.from([...varint(BigInt(field * 8)), ...varint(BigInt.asUintN(64, BigInt(value)))]);
}

/** A field with text or nested messages. */
export function part(field: number, content: string | Bytes | readonly Bytes[]): Bytes {
  const body = typeof content === 'string' ? Buffer.from(content) : Array.isArray(content) ? join(content) : content;
  const bytes = body as Bytes;
  return join([Uint8Array.from([...varint(BigInt(field * 8 + 2)), ...varint(BigInt(bytes.length))]), bytes]);
}

export function join(parts: readonly Bytes[]): Bytes {
  return new Uint8Array(Buffer.concat(parts));
}

export const FLOAT = 1;
export const UINT8 = 2;
export const INT64 = 7;
export const BOOL = 9;
export type Dim = number | bigint | string | null;

function type(element: number, dims: readonly Dim[] | null): Bytes {
  const dim = (size: Dim) => part(1, size === null ? [] : [typeof size === 'string' ? part(2, size) : int(1, size)]);
  return part(1, [int(1, element), ...(dims === null ? [] : [part(2, dims.map(dim))])]);
}

export const input = (name: string, element: number, ...dims: Dim[]) =>
  part(11, [part(1, name), part(2, [type(element, dims)])]);
export const output = (name: string, element: number, ...dims: Dim[]) =>
  part(12, [part(1, name), part(2, [type(element, dims)])]);
/** An input whose shape the file does not say. */
export const shapeless = (name: string) => part(11, [part(1, name), part(2, [type(FLOAT, null)])]);

export function node(operator: string, inputs: readonly string[], outputs: readonly string[], ...more: Bytes[]): Bytes {
  const names = [...inputs.map((name) => part(1, name)), ...outputs.map((name) => part(2, name))];
  return part(1, [...names, part(4, operator), ...more]);
}

export const domain = (name: string) => part(7, name);
export const ints = (name: string, ...values: (number | bigint)[]) =>
  part(5, [part(1, name), ...values.map((value) => int(8, value)), int(20, 7)]);
export const whole = (name: string, value: number | bigint) => part(5, [part(1, name), int(3, value), int(20, 2)]);
export const graphAttribute = (name: string, graph: readonly Bytes[]) =>
  part(5, [part(1, name), part(6, graph), int(20, 5)]);

export const tensor = (name: string, element: number, dims: readonly (number | bigint)[], ...data: Bytes[]) =>
  join([...dims.map((dim) => int(1, dim)), int(2, element), part(8, name), ...data]);
export const constant = (...of: Parameters<typeof tensor>) => part(5, tensor(...of));
export const raw = (bytes: Bytes) => part(9, bytes);
export const int64s = (...values: (number | bigint)[]) =>
  raw(new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value)).buffer));
export const zeros = (count: number) => raw(new Uint8Array(count));
export const external = (location: string, ...more: Bytes[]) =>
  join([part(13, [part(1, 'location'), part(2, location)]), ...more, int(14, 1)]);

/** A whole file of a graph; x is a float vector of two and y as well, unless the graph brings its own. */
export function onnx(graph: readonly Bytes[], more: readonly Bytes[] = []): Bytes {
  return join([int(1, 8), part(7, [part(2, 'g'), ...graph]), part(8, [int(2, 13)]), ...more]);
}

export const x = input('x', FLOAT, 2);
export const y = output('y', FLOAT, 2);
export const relu = node('Relu', ['x'], ['y']);

/** The model that hostile ones are made of by a change. */
export const harmless = (): Bytes => onnx([relu, x, y]);

/** Numbers that look like noise and are the same each time. */
export function noise(count: number): Bytes {
  let state = 20260101;
  return Uint8Array.from({ length: count }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}
