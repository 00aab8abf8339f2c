import { createKernels } from '@concord/kernels';
import { availableParallelism } from 'node:os';
import type { CaseSpec } from './case-list.js';
import { CaseWorker } from './case-worker.js';
import { extractAnyCase, extractCase, type CaseOutcome, type CaseTask, type ResultOf } from './extract-case.js';

/** Of the kernels when one case is measured at a time: more have nothing left to do. */
const MOST_THREADS = 4;

/** Results that are there already, and where new ones are kept. */
export interface CaseKeeper<Outcome> {
  resultOf(spec: CaseSpec): Outcome | undefined;
  add(spec: CaseSpec, outcome: Outcome): void;
}

/**
 * Extracts cases, in worker threads when there are several jobs. Outcomes come in the order of the cases, whatever the
 * number of jobs and the order in which they end.
 *
 * @param keeper of results, or null
 * @param onDone called as each case ends
 */
export async function runCases<T extends CaseTask>(
  cases: readonly CaseSpec[],
  task: T,
  jobs: number,
  keeper: CaseKeeper<CaseOutcome<ResultOf<T>>> | null = null,
  onDone: () => void = () => undefined,
): Promise<CaseOutcome<ResultOf<T>>[]> {
  const outcomes = cases.map((spec) => keeper?.resultOf(spec));
  const missing = cases.flatMap((_, index) => (outcomes[index] === undefined ? [index] : []));
  for (let n = missing.length; n < cases.length; n++) onDone();
  let next = 0;
  const take = async (measure: (spec: CaseSpec) => Promise<CaseOutcome<ResultOf<T>>>): Promise<void> => {
    while (next < missing.length) {
      const index = missing[next++];
      const outcome = await measure(cases[index]);
      outcomes[index] = outcome;
      if (outcome.status === 'ok') keeper?.add(cases[index], outcome);
      onDone();
    }
  };
  await (jobs <= 1 || missing.length <= 1 ? inThisThread(cases.length, task, take) : inThreads(task, jobs, take));
  return outcomes as CaseOutcome<ResultOf<T>>[]; // every missing one was taken
}

type Take<T extends CaseTask> = (measure: (spec: CaseSpec) => Promise<CaseOutcome<ResultOf<T>>>) => Promise<void>;

async function inThisThread<T extends CaseTask>(count: number, task: T, take: Take<T>): Promise<void> {
  const kernels = createKernels({ threads: Math.min(MOST_THREADS, availableParallelism()) });
  const measure = count === 1 ? extractCase<T> : extractAnyCase<T>;
  await take(async (spec) => measure(spec, task, kernels));
  kernels.close();
}

async function inThreads<T extends CaseTask>(task: T, jobs: number, take: Take<T>): Promise<void> {
  const workers = Array.from({ length: jobs }, () => new CaseWorker(task));
  try {
    await Promise.all(workers.map((worker) => take((spec) => worker.measure(spec))));
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}
