/**
 * The base class of every error that Concord throws on purpose.
 *
 * An error has a stable code and three sentences: what is wrong, where, and how to mend it. None of them may hold a
 * patient's value. Libraries subclass it, one class a cause, and give the class its code.
 */
export abstract class ConcordError extends Error {
  /** Stable, in capitals: scripts and translations stand on it. */
  abstract readonly code: string;

  /**
   * @param what what is wrong, as a sentence without a full stop
   * @param where the file, field, study or call it concerns
   * @param fix what the reader can do about it
   */
  constructor(
    readonly what: string,
    readonly where: string,
    readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(`${what} (${where}). ${fix}`, options);
    this.name = new.target.name;
  }

  toJSON(): { code: string; what: string; where: string; fix: string } {
    return { code: this.code, what: this.what, where: this.where, fix: this.fix };
  }
}

/** A promise of the code to itself was broken: a bug, never the user's fault. */
export class InvariantError extends ConcordError {
  readonly code = 'INVARIANT_BROKEN';
}

/** @throws {InvariantError} if the condition does not hold; stays on in production */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) {
    throw new InvariantError(
      message,
      'inside Concord',
      'This is a bug: please report it with the steps that led here.',
    );
  }
}

export function isConcordError(error: unknown): error is ConcordError {
  return error instanceof ConcordError;
}
