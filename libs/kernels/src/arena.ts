import { KernelMemoryError } from './errors.js';

/** Every kind of array a kernel takes. */
export type KernelArray = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

type Constructor<T> = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBufferLike, at: number, n: number): T };

/**
 * Hands out arrays that kernels can work on, all zero at first; of any content where `isCleared` is false, for scratch.
 * What was handed out inside `scope` is taken back at its end: copy results out before.
 */
export interface Arena {
  u8(length: number, isCleared?: boolean): Uint8Array;
  u16(length: number, isCleared?: boolean): Uint16Array;
  i32(length: number, isCleared?: boolean): Int32Array;
  u32(length: number, isCleared?: boolean): Uint32Array;
  f32(length: number, isCleared?: boolean): Float32Array;
  f64(length: number, isCleared?: boolean): Float64Array;
  /** A copy of `source` where kernels can reach it; `source` itself if it is there already. */
  copy<T extends KernelArray>(source: T): T;
  scope<T>(work: () => T): T;
}

/** Where an arena takes its bytes from. */
export interface ByteSource {
  /** @returns a buffer of at least `end` bytes, the same memory as before */
  reserve(end: number): ArrayBufferLike;
  /** Whether kernels can reach an array as it is. */
  owns(array: KernelArray): boolean;
}

/** Arrays one after the other on one memory, from `start` up; the last `scope` ends first. */
export class StackArena implements Arena {
  private top: number;
  /** Bytes from here on were never handed out, so they are still zero. */
  private touched: number;

  constructor(
    private readonly source: ByteSource,
    start: number,
  ) {
    this.top = start;
    this.touched = start;
  }

  readonly u8 = (length: number, isCleared = true): Uint8Array => this.take(Uint8Array, length, isCleared);
  readonly u16 = (length: number, isCleared = true): Uint16Array => this.take(Uint16Array, length, isCleared);
  readonly i32 = (length: number, isCleared = true): Int32Array => this.take(Int32Array, length, isCleared);
  readonly u32 = (length: number, isCleared = true): Uint32Array => this.take(Uint32Array, length, isCleared);
  readonly f32 = (length: number, isCleared = true): Float32Array => this.take(Float32Array, length, isCleared);
  readonly f64 = (length: number, isCleared = true): Float64Array => this.take(Float64Array, length, isCleared);

  copy<T extends KernelArray>(source: T): T {
    if (this.source.owns(source)) return source;
    const there = this.take(source.constructor as unknown as Constructor<T>, source.length, false); // its own class
    there.set(source);
    return there;
  }

  scope<T>(work: () => T): T {
    const before = this.top;
    try {
      return work();
    } finally {
      this.top = before;
    }
  }

  private take<T extends KernelArray>(kind: Constructor<T>, length: number, isCleared: boolean): T {
    if (!Number.isInteger(length) || length < 0) {
      throw new KernelMemoryError(`an array of ${length} numbers`, 'kernels', 'Ask for a whole number from 0.');
    }
    const start = Math.ceil(this.top / 64) * 64; // a cache line, so that two threads never write to the same one
    const end = start + length * kind.BYTES_PER_ELEMENT;
    const array = new kind(this.source.reserve(end), start, length);
    if (isCleared && start < this.touched) array.fill(0);
    this.top = end;
    this.touched = Math.max(this.touched, end);
    return array;
  }
}

/** Ordinary arrays, for the TypeScript kernels: the collector takes them back. */
export class HeapArena implements Arena {
  readonly u8 = (length: number): Uint8Array => new Uint8Array(length);
  readonly u16 = (length: number): Uint16Array => new Uint16Array(length);
  readonly i32 = (length: number): Int32Array => new Int32Array(length);
  readonly u32 = (length: number): Uint32Array => new Uint32Array(length);
  readonly f32 = (length: number): Float32Array => new Float32Array(length);
  readonly f64 = (length: number): Float64Array => new Float64Array(length);
  copy<T extends KernelArray>(source: T): T {
    return source;
  }
  scope<T>(work: () => T): T {
    return work();
  }
}
