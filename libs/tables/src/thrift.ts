/** A value in Thrift's compact protocol, as much of it as Parquet needs. */
export type ThriftValue =
  | { readonly kind: 'i32' | 'i64'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly ThriftValue[] }
  | { readonly kind: 'struct'; readonly fields: readonly (readonly [id: number, value: ThriftValue])[] };

export const i32 = (value: number): ThriftValue => ({ kind: 'i32', value });
export const i64 = (value: number): ThriftValue => ({ kind: 'i64', value });
export const text = (value: string): ThriftValue => ({ kind: 'text', value });
export const list = (items: readonly ThriftValue[]): ThriftValue => ({ kind: 'list', items });

/** @param fields by rising number */
export function struct(...fields: readonly (readonly [id: number, value: ThriftValue])[]): ThriftValue {
  return { kind: 'struct', fields };
}

const TYPE = { i32: 5, i64: 6, text: 8, list: 9, struct: 12 } as const;

/** Bytes of a struct (Apache Thrift, compact protocol specification). Lists may not be empty. */
export function thriftBytes(value: ThriftValue): Uint8Array {
  const bytes: number[] = [];
  append(bytes, value);
  return Uint8Array.from(bytes);
}

/** Appends a whole number from 0, seven bits a byte, the lowest first. */
export function appendVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function append(bytes: number[], value: ThriftValue): void {
  switch (value.kind) {
    case 'i32':
    case 'i64':
      appendVarint(bytes, 2 * value.value); // zigzag; Parquet's counts and offsets are never below 0
      return;
    case 'text': {
      const utf8 = new TextEncoder().encode(value.value);
      appendVarint(bytes, utf8.length);
      for (const byte of utf8) bytes.push(byte);
      return;
    }
    case 'list': {
      const { length } = value.items;
      const type = TYPE[value.items[0].kind];
      bytes.push((Math.min(length, 15) << 4) | type);
      if (length >= 15) appendVarint(bytes, length);
      for (const item of value.items) append(bytes, item);
      return;
    }
    case 'struct': {
      let previous = 0;
      for (const [id, field] of value.fields) {
        bytes.push(((id - previous) << 4) | TYPE[field.kind]);
        append(bytes, field);
        previous = id;
      }
      bytes.push(0);
    }
  }
}
