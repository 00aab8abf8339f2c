import { Worker } from 'node:worker_threads';

import type { MeasureResult, MeasureTask } from './measure-case.js';

/** Measures cases; a case that hangs or brings its thread down is refused, the others go on. */
export abstract class Measurer {
  /** How many cases to have under way at once. */
  abstract readonly width: number;

  abstract measure(task: MeasureTask): Promise<MeasureResult>;

  abstract close(): void;
}

/** What a case may take: a minute, and two seconds for each megabyte of its files. */
const CASE_LIMIT_MS = 60_000;
const LIMIT_MS_PER_BYTE = 0.002;
const THREAD_MEMORY_MB = 4096;

/** Threads that read untrusted files: each takes one case at a time and is ended if that takes too long. */
export class MeasurePool extends Measurer {
  private idle: Worker[] = [];
  private readonly all = new Set<Worker>();

  constructor(
    readonly width: number,
    private readonly limitMs = CASE_LIMIT_MS,
    private readonly script = threadScript(),
  ) {
    super();
  }

  override measure(task: MeasureTask): Promise<MeasureResult> {
    const worker = this.idle.pop() ?? this.start();
    return new Promise((resolve) => {
      const finish = (result: MeasureResult, isUsable: boolean): void => {
        clearTimeout(timer);
        // By name: without one, Node's own listeners go too, and the thread's next message is never heard.
        for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
        worker.on('error', () => this.all.delete(worker)); // one that dies while idle is forgotten
        if (isUsable) this.idle.push(worker);
        else this.end(worker);
        resolve(result);
      };
      const limitMs = this.limitMs + task.byteCount * LIMIT_MS_PER_BYTE;
      const timer = setTimeout(() => {
        const what = `it was not measured within ${Math.round(limitMs / 1000)} seconds`;
        finish(crash('MEASURE_TIMEOUT', what, 'Look at its files: they may be damaged.'), false);
      }, limitMs);
      worker.once('message', (result: MeasureResult) => finish(result, true));
      worker.once('error', (error: Error & { code?: string }) => {
        const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
        const what = isMemory ? 'it needs more memory than a case may take' : 'measuring it ended unexpectedly';
        finish(
          crash(
            isMemory ? 'MEASURE_MEMORY' : 'MEASURE_CRASHED',
            what,
            'Look at its files; report it if they are sound.',
          ),
          false,
        );
      });
      worker.once('exit', () =>
        finish(crash('MEASURE_CRASHED', 'measuring it ended unexpectedly', 'Report this.'), false),
      );
      worker.postMessage(task);
    });
  }

  override close(): void {
    for (const worker of this.all) this.end(worker);
    this.idle = [];
  }

  private start(): Worker {
    const worker = new Worker(this.script, { resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB } });
    worker.unref();
    this.all.add(worker);
    return worker;
  }

  private end(worker: Worker): void {
    this.all.delete(worker);
    void worker.terminate();
  }
}

/** Beside this file, compiled or not. */
function threadScript(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './measure-thread.ts' : './measure-thread.js', import.meta.url);
}

function crash(code: string, what: string, fix: string): MeasureResult {
  return { state: 'refused', problem: { code, what, where: '', fix } };
}
