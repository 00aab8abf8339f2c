import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Cli } from '../lib/cli.js';
import { EXIT } from '../lib/errors.js';
import type { CaseSpec } from './case-list.js';
import type { CaseOutcome, CaseTask, ResultOf } from './extract-case.js';
import { Journal } from './journal.js';
import { runCases } from './run-cases.js';

export interface BatchOptions {
  /** Cases at once; a processor each unless told otherwise. */
  readonly jobs?: number;
  readonly resume?: boolean;
  readonly force?: boolean;
  /** The file to be written, or undefined for stdout. */
  readonly out?: string;
}

/** The outcomes of a list, and what is to be done once they are written. */
export interface Batch<T extends CaseTask> {
  readonly outcomes: readonly CaseOutcome<ResultOf<T>>[];
  readonly end: () => void;
}

/**
 * Measures a list of cases, shows how far it is, and keeps results beside the output until that is written: a batch that was
 * stopped, by Ctrl-C too, goes on from them.
 *
 * @throws {OutputRefusedError} if an earlier run left results and neither `resume` nor `force` is set
 */
export async function runBatch<T extends CaseTask>(
  cases: readonly CaseSpec[],
  task: T,
  options: BatchOptions,
  cli: Cli,
): Promise<Batch<T>> {
  const { out, jobs = availableParallelism() } = options;
  const isKept = out !== undefined && out !== '-';
  const journal = isKept ? new Journal<CaseOutcome<ResultOf<T>>>(out, engineOf(task, cli.version)) : null;
  if (journal && options.resume) resume(journal, cases, cli);
  else journal?.start(options.force ?? false);
  const stop = (): never => {
    cli.warn(isKept ? 'stopped; --resume goes on from the cases that are done' : 'stopped');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', stop);
  try {
    const outcomes = await cli.watched(cases.length, 'cases', (step) => runCases(cases, task, jobs, journal, step));
    return { outcomes, end: () => journal?.end() };
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

function resume<Outcome>(journal: Journal<Outcome>, cases: readonly CaseSpec[], cli: Cli): void {
  const kept = journal.resume();
  const used = cases.filter((spec) => journal.resultOf(spec) !== undefined).length;
  cli.note(`${used} of ${cases.length} cases were done before`);
  if (kept > 0 && used === 0) cli.warn('what an earlier run left is of other settings, another version or other files');
}

function engineOf(task: CaseTask, version: string): string {
  const text = JSON.stringify({ version, ...task, isTimed: false }, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
