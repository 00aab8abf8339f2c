import { Worker } from 'node:worker_threads';
import type { ErrorReport } from '../lib/errors.js';
import type { CaseSpec } from './case-list.js';
import type { CaseOutcome, CaseTask, ResultOf } from './extract-case.js';

/** A thread that measures one case at a time. One that dies is replaced, and the case refused. */
export class CaseWorker<T extends CaseTask> {
  private worker: Worker | null = null;

  constructor(private readonly task: T) {}

  measure(spec: CaseSpec): Promise<CaseOutcome<ResultOf<T>>> {
    this.worker ??= new Worker(threadScript());
    const worker = this.worker;
    return new Promise((resolve) => {
      const settle = (outcome: CaseOutcome<ResultOf<T>>): void => {
        worker.removeListener('message', settle).removeListener('error', onDeath);
        resolve(outcome);
      };
      const onDeath = (error: Error & { code?: string }): void => {
        this.worker = null;
        settle({ status: 'refused', error: deathReport(spec, error.code === 'ERR_WORKER_OUT_OF_MEMORY') });
      };
      worker.on('message', settle).on('error', onDeath);
      worker.postMessage({ spec, task: this.task });
    });
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = null;
  }
}

/** Threads run compiled code, also when this file is not. */
function threadScript(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? '../../dist/extract/extract.thread.js' : './extract.thread.js', import.meta.url);
}

function deathReport(spec: CaseSpec, isMemory: boolean): ErrorReport {
  return isMemory
    ? {
        code: 'CASE_MEMORY',
        what: 'it needs more memory than there is',
        where: spec.image,
        fix: 'Try it with --jobs 1, or resample to a coarser spacing.',
      }
    : {
        code: 'CASE_CRASHED',
        what: 'measuring it ended unexpectedly',
        where: spec.image,
        fix: 'Look at its files: they may be damaged. Report it if they are sound.',
      };
}
