// Runs in a thread of its own. Stands alone, with no relative import, so that it loads as it is, compiled or not.
import { createRequire } from 'node:module';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { EncodedFrame, FrameCodec } from './frame-decoder.js';
import type { LosslessImage } from './jpeg-lossless.js';

/** What the pool gives each thread. */
export interface ThreadStart {
  /** Answers go here; the pool takes them without an event loop. */
  readonly port: MessagePort;
  /** Raised by one, and notified, after each answer. */
  readonly bell: Int32Array;
  /** Address of the module with `decodeJpegLossless`. */
  readonly losslessUrl: string;
}

export interface ThreadTask extends EncodedFrame {
  /** No memory of a codec may grow beyond this many bytes. */
  readonly memoryLimit: number;
}

export type ThreadAnswer =
  | { readonly state: 'ready' }
  | { readonly state: 'decoded'; readonly samples: Uint8Array; readonly info: DecodedInfo }
  | { readonly state: 'failed'; readonly reason: string; readonly isMemory: boolean };

/** What the compressed frame itself says that it holds. */
export interface DecodedInfo {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsPerSample: number;
}

interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
  /** JPEG-LS: 0 is plane after plane, others are pixel after pixel. */
  getInterleaveMode?(): number;
  delete(): void;
}

/** What of WebAssembly is touched here; this project takes no types of browsers. */
interface Memory {
  readonly buffer: { readonly byteLength: number };
  grow: (this: Memory, pages: number) => number;
}
declare const WebAssembly: { readonly Memory: { readonly prototype: Memory } };

type WasmModule = Readonly<Record<string, new () => WasmDecoder>>;

const PACKAGES: Readonly<Record<Exclude<FrameCodec, 'jpegLossless'>, readonly [path: string, decoder: string]>> = {
  jpeg: ['@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs', 'JPEGDecoder'],
  jpegLs: ['@cornerstonejs/codec-charls/decodewasmjs', 'JpegLSDecoder'],
  jpeg2000: ['@cornerstonejs/codec-openjpeg/decodewasmjs', 'J2KDecoder'],
  htj2k: ['@cornerstonejs/codec-openjph/wasmjs', 'HTJ2KDecoder'],
};
const require = createRequire(import.meta.url);
const { port, bell, losslessUrl } = workerData as ThreadStart;
const modules = new Map<FrameCodec, WasmModule>();
let memoryLimit = Infinity;
let isLimitReached = false;

// A corrupt frame can make a codec ask for gigabytes: its memory grows to a limit and no further.
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (this: Memory, pages: number): number {
  if (this.buffer.byteLength + pages * 65536 > memoryLimit) {
    isLimitReached = true;
    throw new RangeError('the codec asks for too much memory');
  }
  return grow.call(this, pages);
};

parentPort?.on('message', (task: ThreadTask) => {
  memoryLimit = task.memoryLimit;
  isLimitReached = false;
  decode(task).then(answer, (error: unknown) => {
    // Codecs throw numbers (addresses in their memory) as well as errors.
    const reason = error instanceof Error ? error.message : 'its codec gave up';
    answer({ state: 'failed', reason, isMemory: isLimitReached });
  });
});
answer({ state: 'ready' });

function answer(message: ThreadAnswer): void {
  port.postMessage(message, message.state === 'decoded' ? [message.samples.buffer as ArrayBuffer] : []);
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
}

async function decode(task: ThreadTask): Promise<ThreadAnswer> {
  if (task.codec === 'jpegLossless') {
    const { decodeJpegLossless } = (await import(losslessUrl)) as {
      decodeJpegLossless: (bytes: Uint8Array) => LosslessImage;
    };
    return decoded(narrowed(decodeJpegLossless(task.bytes)));
  }
  const [path, name] = PACKAGES[task.codec];
  const module = modules.get(task.codec) ?? (await load(path));
  modules.set(task.codec, module);
  const decoder = new module[name]();
  decoder.getEncodedBuffer(task.bytes.length).set(task.bytes);
  decoder.decode();
  const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo();
  const info = { rows: height, columns: width, samplesPerPixel: componentCount, bitsPerSample };
  const samples = new Uint8Array(decoder.getDecodedBuffer()); // a copy: the codec's own memory is used again
  const isByPlane = componentCount > 1 && decoder.getInterleaveMode?.() === 0;
  decoder.delete();
  return decoded({ samples: isByPlane ? interleaved(samples, width * height, componentCount) : samples, info });
}

function decoded(frame: { samples: Uint8Array; info: DecodedInfo }): ThreadAnswer {
  return { state: 'decoded', ...frame };
}

/** Codecs print what they do: to nowhere. */
async function load(path: string): Promise<WasmModule> {
  const factory = require(path) as (options: object) => Promise<WasmModule>;
  const silent = (): void => undefined;
  return factory({ print: silent, printErr: silent });
}

/** As a codec would give them: a byte a sample up to 8 bits, two above. */
function narrowed({ rows, columns, samplesPerPixel, precision, samples }: LosslessImage): {
  samples: Uint8Array;
  info: DecodedInfo;
} {
  const bytes = precision <= 8 ? Uint8Array.from(samples) : new Uint8Array(samples.buffer);
  return { samples: bytes, info: { rows, columns, samplesPerPixel, bitsPerSample: precision } };
}

function interleaved(planes: Uint8Array, count: number, components: number): Uint8Array {
  const width = planes.length / count / components;
  const pixels = new Uint8Array(planes.length);
  for (let component = 0, from = 0; component < components; component++) {
    for (let pixel = 0; pixel < count; pixel++) {
      const to = (pixel * components + component) * width;
      for (let byte = 0; byte < width; byte++) pixels[to + byte] = planes[from++];
    }
  }
  return pixels;
}
