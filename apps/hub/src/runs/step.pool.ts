import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { ConcordError } from '@concord/errors';

import { computeStep } from './step.compute.js';
import type { StepResult, StepTask } from './step.task.js';

/** A step that failed for a reason in its inputs: running it again would fail again. */
export class StepRefusedError extends ConcordError {
  constructor(
    readonly code: string,
    what: string,
    where: string,
    fix: string,
  ) {
    super(what, where, fix);
  }
}

export type StepReply =
  { result: StepResult } | { refusal: { code: string; what: string; where: string; fix: string } };

/** A task as a pool takes it: the work folder of its context is the pool's to make. */
export type PooledTask = Omit<StepTask, 'context'> & { readonly record: Readonly<Record<string, unknown>> };

/** Where steps are computed: off the event loop in the hub, in place in tests. */
export abstract class StepPool {
  /**
   * @param signal ends it; the promise then rejects
   * @throws {StepRefusedError} if the inputs cannot be computed on
   */
  abstract compute(task: PooledTask, signal: AbortSignal): Promise<StepResult>;
}

/** One worker thread a step, ended with it: a step takes seconds, a thread milliseconds. */
export class ThreadStepPool extends StepPool {
  async compute(task: PooledTask, signal: AbortSignal): Promise<StepResult> {
    return inWorkFolder(async (workFolder) => {
      const { record, ...rest } = task;
      const worker = new Worker(new URL('./step.thread.js', import.meta.url), {
        workerData: { ...rest, context: { record, workFolder } } satisfies StepTask,
      });
      try {
        const reply = await new Promise<StepReply>((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
          worker.once('messageerror', reject);
          worker.once('exit', (code) => reject(new Error(`the step's thread ended with ${code} before it answered`)));
          if (signal.aborted) reject(new Error('the step was stopped'));
          signal.addEventListener('abort', () => reject(new Error('the step was stopped')), { once: true });
        });
        if ('refusal' in reply) {
          const { code, what, where, fix } = reply.refusal;
          throw new StepRefusedError(code, what, where, fix);
        }
        return reply.result;
      } finally {
        await worker.terminate();
      }
    });
  }
}

export class InlineStepPool extends StepPool {
  async compute(task: PooledTask): Promise<StepResult> {
    const { record, ...rest } = task;
    return inWorkFolder((workFolder) => computeStep({ ...rest, context: { record, workFolder } }));
  }
}

async function inWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'concord-step-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
