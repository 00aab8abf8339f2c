import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { ImagingError } from '../imaging-error.js';
import { checkCodestream } from './codestream.js';
import { decodedSize, type EncodedFrame, type FrameDecoder } from './frame-decoder.js';
import type { ThreadAnswer, ThreadStart, ThreadTask } from './frame-thread.js';

const FRAME_LIMIT_MS = 5000;
/** Starting a thread takes 50 ms; on a machine that is overrun it may take seconds. */
const START_LIMIT_MS = 60_000;
/** A codec starts with 50 MiB and works on a few copies of its frame. */
const BASE_MEMORY = 64 * 2 ** 20;
const MEMORY_PER_BYTE = 24;

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  isReady: boolean;
  /** The frame it is at, and when its time ends. */
  index: number | null;
  deadline: number;
}

/**
 * Starts threads that decode frames. Threads start when the first frame comes, and do not keep the process alive.
 *
 * Waiting for them blocks the calling thread, so a server calls this in a thread of its own. A thread that is 5 s at one
 * frame is ended, and another takes its place when needed.
 *
 * @param options.threads how many frames at a time, 2 unless told otherwise
 * @param options.frameLimitMs time for a frame
 */
export function startFrameDecoder(options: { threads?: number; frameLimitMs?: number } = {}): FrameDecoder & {
  /** Ends the threads. */
  close(): void;
} {
  return new FramePool(options.threads ?? 2, options.frameLimitMs ?? FRAME_LIMIT_MS);
}

class FramePool implements FrameDecoder {
  private readonly bell = new Int32Array(new SharedArrayBuffer(4));
  private threads: Thread[] = [];

  constructor(
    private readonly width: number,
    private readonly frameLimitMs: number,
  ) {}

  decode(
    count: number,
    frameOf: (index: number) => EncodedFrame,
    onFrame: (index: number, samples: Uint8Array) => void,
  ): void {
    let next = 0;
    let done = 0;
    const frames = new Map<number, EncodedFrame>();
    try {
      while (done < count) {
        while (next < count && frames.size < this.width) {
          const frame = frameOf(next);
          checkCodestream(frame);
          frames.set(next, frame);
          this.give(this.idleThread(), next++, frame);
        }
        const { index, answer } = this.wait(frames);
        const frame = frames.get(index);
        frames.delete(index);
        if (frame) onFrame(index, samplesOf(answer, frame));
        done++;
      }
    } finally {
      // After an error, frames still under way belong to nobody.
      for (const thread of this.threads.filter((each) => each.index !== null)) this.end(thread);
    }
  }

  close(): void {
    for (const thread of this.threads) this.end(thread);
  }

  private idleThread(): Thread {
    const idle = this.threads.find(({ index }) => index === null);
    if (idle) return idle;
    const { port1, port2 } = new MessageChannel();
    const isSource = import.meta.url.endsWith('.ts');
    const beside = (name: string): URL => new URL(`./${name}.${isSource ? 'ts' : 'js'}`, import.meta.url);
    const start: ThreadStart = { port: port2, bell: this.bell, losslessUrl: beside('jpeg-lossless').href };
    const silent = { stdout: true, stderr: true };
    const worker = new Worker(beside('frame-thread'), { workerData: start, transferList: [port2], ...silent });
    worker.unref();
    // Reported by the deadline of its frame; without a listener the process would end.
    worker.on('error', () => undefined);
    const thread: Thread = { worker, port: port1, isReady: false, index: null, deadline: 0 };
    this.threads.push(thread);
    return thread;
  }

  private give(thread: Thread, index: number, frame: EncodedFrame): void {
    const memoryLimit = BASE_MEMORY + MEMORY_PER_BYTE * decodedSize(frame);
    // A copy of its own: what is posted from a view would take the whole file along.
    const task: ThreadTask = { ...frame, bytes: new Uint8Array(frame.bytes), memoryLimit };
    thread.index = index;
    thread.deadline = performance.now() + (thread.isReady ? this.frameLimitMs : START_LIMIT_MS);
    thread.worker.postMessage(task, [task.bytes.buffer as ArrayBuffer]);
  }

  /** The next answer of any thread. @throws {ImagingError} `DECODE_TIMEOUT` */
  private wait(frames: ReadonlyMap<number, EncodedFrame>): { index: number; answer: ThreadAnswer } {
    for (;;) {
      const heard = Atomics.load(this.bell, 0);
      for (const thread of this.threads) {
        const answer = receiveMessageOnPort(thread.port)?.message as ThreadAnswer | undefined;
        if (answer === undefined) continue;
        if (answer.state === 'ready') {
          thread.isReady = true;
          thread.deadline = performance.now() + this.frameLimitMs;
        } else if (thread.index !== null) {
          const { index } = thread;
          thread.index = null;
          // A codec that gave up keeps the memory it had taken.
          if (answer.state === 'failed') this.end(thread);
          return { index, answer };
        }
      }
      const busy = this.threads.filter(({ index }) => index !== null);
      const first = busy.reduce((a, b) => (a.deadline < b.deadline ? a : b));
      const left = first.deadline - performance.now();
      if (left > 0) {
        Atomics.wait(this.bell, 0, heard, left);
        continue;
      }
      throw new ImagingError(
        'DECODE_TIMEOUT',
        `a compressed frame was not decoded within ${this.frameLimitMs / 1000} seconds`,
        frames.get(first.index ?? -1)?.where ?? 'the DICOM file',
        'The frame is probably damaged: fetch the file again, or have the archive send it uncompressed.',
      );
    }
  }

  private end(thread: Thread): void {
    this.threads = this.threads.filter((other) => other !== thread);
    thread.port.close();
    void thread.worker.terminate();
  }
}

/** Samples as described: as wide as the header says. @throws {ImagingError} `CORRUPT`, `TOO_LARGE` */
function samplesOf(answer: ThreadAnswer, frame: EncodedFrame): Uint8Array {
  if (answer.state !== 'decoded') {
    const isMemory = answer.state === 'failed' && answer.isMemory;
    throw new ImagingError(
      isMemory ? 'TOO_LARGE' : 'CORRUPT',
      isMemory ? 'decoding a frame takes more memory than it may' : 'a compressed frame cannot be decoded',
      frame.where,
      'Fetch the file again from the archive, or have it sent uncompressed.',
      { cause: new Error(answer.state === 'failed' ? answer.reason : answer.state) },
    );
  }
  const { samples, info } = answer;
  const count = frame.rows * frame.columns * frame.samplesPerPixel;
  const width = frame.bitsAllocated / 8;
  const isAsDescribed =
    info.rows === frame.rows && info.columns === frame.columns && info.samplesPerPixel === frame.samplesPerPixel;
  if (isAsDescribed && samples.length === count * width) return samples;
  if (isAsDescribed && samples.length === count && width === 2) return new Uint8Array(Uint16Array.from(samples).buffer);
  throw new ImagingError(
    'CORRUPT',
    'a decoded frame has another size than its header says',
    frame.where,
    'Fetch the file again from the archive.',
  );
}
