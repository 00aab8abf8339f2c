import { createKernels } from '@concord/kernels';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CaseSpec } from './case-list.js';
import { extractCase, type CaseOutcome, type CaseTask, type ResultOf } from './extract-case.js';

/** Of the kernels when one case is measured at a time: more have nothing left to do. */
const MOST_THREADS = 4;

/**
 * Extracts cases, in worker threads when there are several jobs. Outcomes come in the order of the cases, whatever the
 * number of jobs and the order in which they end.
 *
 * @param onDone called as each case ends
 */
export async function runCases<T extends CaseTask>(
  cases: readonly CaseSpec[],
  task: T,
  jobs: number,
  onDone: (index: number, outcome: CaseOutcome<ResultOf<T>>) => void,
): Promise<CaseOutcome<ResultOf<T>>[]> {
  const outcomes = new Array<CaseOutcome<ResultOf<T>>>(cases.length);
  let next = 0;
  const take = async (run: (spec: CaseSpec) => Promise<CaseOutcome<ResultOf<T>>>): Promise<void> => {
    while (next < cases.length) {
      const index = next++;
      outcomes[index] = await run(cases[index]);
      onDone(index, outcomes[index]);
    }
  };
  if (jobs <= 1 || cases.length <= 1) {
    const kernels = createKernels({ threads: Math.min(MOST_THREADS, availableParallelism()) });
    await take(async (spec) => extractCase(spec, task, kernels));
    kernels.close();
    return outcomes;
  }
  const workers = Array.from({ length: Math.min(jobs, cases.length) }, startWorker);
  try {
    await Promise.all(workers.map((worker) => take((spec) => askWorker(worker, spec, task))));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return outcomes;
}

function startWorker(): Worker {
  return new Worker(new URL('./extract.thread.js', import.meta.url));
}

/** A worker answers each case with one message; if it dies (out of memory), the error ends the command. */
function askWorker<T extends CaseTask>(worker: Worker, spec: CaseSpec, task: T): Promise<CaseOutcome<ResultOf<T>>> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', onMessage).off('error', onError);
    };
    const onMessage = (outcome: CaseOutcome<ResultOf<T>>): void => {
      settle();
      resolve(outcome);
    };
    const onError = (error: unknown): void => {
      settle();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    worker.once('message', onMessage).once('error', onError);
    worker.postMessage({ spec, task });
  });
}
