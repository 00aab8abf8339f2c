import { ConcordError, InvariantError } from '@concord/errors';

/** Wrong usage: an unknown option, a missing argument, options that exclude each other (exit 2). */
export class UsageError extends ConcordError {
  readonly code = 'USAGE';
}

/** The person stopped the command at a question (exit 130). */
export class InterruptedError extends ConcordError {
  readonly code = 'INTERRUPTED';
}

/** A file or folder named on the command line is not there or cannot be read (exit 3). */
export class FileNotReadableError extends ConcordError {
  readonly code = 'FILE_NOT_READABLE';
}

/** The output exists and `--force` was not given, or its folder cannot be written (exit 3). */
export class OutputRefusedError extends ConcordError {
  readonly code = 'OUTPUT_REFUSED';
}

/** A file's name or content is of a kind this command does not take (exit 3). */
export class UnsupportedFileError extends ConcordError {
  readonly code = 'UNSUPPORTED_FILE';
}

export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  inputRefused: 3,
  doneInPart: 4,
  refusedByRule: 5,
  noAnswer: 6,
  interrupted: 130,
} as const;

/** Codes of refusals by a privacy, lock or approval rule. Add yours here. */
const REFUSED_BY_RULE: ReadonlySet<string> = new Set([
  'OUTCOME_AS_COVARIATE',
  'RELEASE_REFUSED',
  'SUMS_REFUSED',
  'NOT_LOCKED',
  'LOCK_VIOLATED',
  'ALREADY_LOCKED',
  'NOT_APPROVED',
  'FORBIDDEN',
  'STUDY_STATE',
  'RUN_STATE',
  'TITLE_NOT_CONFIRMED',
  'OUTCOME_BEFORE_LOCK',
]);

/** Codes of another machine that did not answer. Add yours here. */
const NO_ANSWER: ReadonlySet<string> = new Set(['HUB_UNREACHABLE', 'STORE_UNREACHABLE']);

/** Exit code for an error that ended a command; see the table in docs/cli.md. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ConcordError) || error instanceof InvariantError) return EXIT.bug;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (REFUSED_BY_RULE.has(error.code)) return EXIT.refusedByRule;
  if (NO_ANSWER.has(error.code)) return EXIT.noAnswer;
  return EXIT.inputRefused;
}

/** An error known only by its report: from another thread, or retold with the file it concerns. */
export class ReportedError extends ConcordError {
  readonly code: string;

  constructor({ code, what, where, fix }: ErrorReport, options?: ErrorOptions) {
    super(what, where, fix, options);
    this.code = code;
  }
}

/** Runs work on a file; an error of a library, which knows no paths, is retold with the path and the place inside. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConcordError) || error instanceof InvariantError || error.where.includes(path)) throw error;
    const isInside = /^(line \d+|(settings|items|options|conditions)[.[\]\w-]+)$/.test(error.where);
    const where = isInside ? `${path}, ${error.where}` : path;
    throw new ReportedError({ ...error.toJSON(), where }, { cause: error });
  }
}

export interface ErrorReport {
  readonly code: string;
  readonly what: string;
  readonly where: string;
  readonly fix: string;
}

/** The error as `{code, what, where, fix}`; one that is no ConcordError is a bug, and says how to report it. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof ConcordError) return error.toJSON();
  return {
    code: 'INTERNAL',
    what: error instanceof Error ? error.message : String(error),
    where: 'inside Concord',
    fix: 'This is a bug: please report it with the command you typed; --verbose shows the stack.',
  };
}

/** The error as three lines for a person. */
export function formatError(error: unknown, isVerbose = false): string {
  const { code, what, where, fix } = reportOf(error);
  const stack = isVerbose && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return `error ${code}: ${what}\n  where  ${where}\n  fix    ${fix}${stack}\n`;
}
