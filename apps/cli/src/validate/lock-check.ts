import { ConcordError } from '@concord/errors';
import { digestOf, type LockRecord } from '@concord/models';
import type { Deviation, ValidationProvenance } from '@concord/reports';
import { UnsupportedFileError, UsageError } from '../lib/errors.js';
import { readInput, readInputText } from '../lib/files.js';
import type { ValidateOptions } from './validation-options.js';

/** Something differs from what was locked (exit 5). */
export class LockViolatedError extends ConcordError {
  readonly code = 'LOCK_VIOLATED';
}

/** A lock as a file: its parts, and what the analysis plan fixed besides where it did. */
type LockFile = LockRecord & {
  readonly lockedAt?: string;
  readonly horizons?: readonly number[];
  readonly decisionThresholds?: readonly number[];
};

/** What a validation is about to use, for comparison with the lock. */
export interface UsedParts {
  /** By score; null where none was given, then the locked one is taken. */
  readonly thresholds: ReadonlyMap<string, number>;
  readonly horizons: readonly number[];
  readonly decisionThresholds: readonly number[] | undefined;
  /** Sites whose patients are validated. */
  readonly sites: readonly string[];
}

export interface LockedValidation {
  readonly lock: ValidationProvenance['lock'];
  readonly deviations: readonly Deviation[];
  /** Null where there is no lock. */
  readonly threshold: number | null;
}

/**
 * Holds what is used against the lock. Every difference is refused, unless a reason was given for it by
 * `--deviation PART=REASON`: then it is recorded, and the report shows it.
 *
 * @throws {LockViolatedError} naming each part that differs
 * @throws {UnsupportedFileError} if the file is no lock
 */
export function heldAgainstLock(options: ValidateOptions, used: UsedParts): LockedValidation {
  const reasons = reasonsOf(options.deviation ?? []);
  if (options.lock === undefined) {
    if (reasons.size === 0) return { lock: null, deviations: [], threshold: null };
    throw new UsageError('a deviation needs the lock that it departs from', '--deviation', 'Give --lock too.');
  }
  const text = readInputText(options.lock);
  const lock = parseLock(text, options.lock);
  const differences = differencesOf(lock, options, used);
  const unexplained = differences.filter(({ part }) => !reasons.has(part));
  if (unexplained.length > 0) {
    throw new LockViolatedError(
      unexplained.map(({ part, locked, used: now }) => `${part}: locked ${locked}, used ${now}`).join('; '),
      options.lock,
      `Use what was locked, or record why not: --deviation "${unexplained[0]?.part ?? ''}=the reason".`,
    );
  }
  return {
    lock: { digest: digestOf(text), lockedAt: lock.lockedAt ?? null },
    deviations: differences.map((one) => ({ ...one, reason: reasons.get(one.part) ?? '' })),
    threshold: lock.threshold.value,
  };
}

function reasonsOf(given: readonly string[]): Map<string, string> {
  return new Map(
    given.map((text) => {
      const cut = text.indexOf('=');
      const [part, reason] = [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
      if (cut > 0 && reason !== '') return [part, reason] as const;
      const fix = 'Write it like --deviation "threshold=the laboratory changed its unit".';
      throw new UsageError(`${text} is not PART=REASON`, '--deviation', fix);
    }),
  );
}

function parseLock(text: string, path: string): LockFile {
  const refuse = (what: string) => new UnsupportedFileError(what, path, 'Give the file that concord model lock wrote.');
  let lock: LockFile;
  try {
    lock = JSON.parse(text) as LockFile;
  } catch (error) {
    throw new UnsupportedFileError('it is not JSON', path, 'Give the file that concord model lock wrote.', {
      cause: error,
    });
  }
  // Read from a file, so the type is only hoped for.
  const { format, threshold } = lock as { format?: unknown; threshold?: { value?: unknown } };
  if (format !== 'concord.lock/1') throw refuse('it is no lock of Concord');
  if (typeof threshold?.value !== 'number') throw refuse('it locks no threshold');
  return lock;
}

function differencesOf(lock: LockFile, options: ValidateOptions, used: UsedParts): Omit<Deviation, 'reason'>[] {
  const different: Omit<Deviation, 'reason'>[] = [];
  const compare = (part: string, locked: string, now: string) => {
    if (locked !== now) different.push({ part, locked, used: now });
  };
  for (const value of used.thresholds.values()) compare('threshold', String(lock.threshold.value), String(value));
  if (options.model !== undefined) compare('model', lock.modelDigest, digestOf(readInput(options.model)));
  if (options.harmonization !== undefined) {
    compare('harmonization', lock.harmonizationDigest ?? 'none', digestOf(readInput(options.harmonization)));
  }
  const list = (values: readonly number[] | undefined) => values?.join(', ') ?? '';
  if (lock.horizons) compare('horizons', list(lock.horizons), list(used.horizons));
  if (lock.decisionThresholds && used.decisionThresholds) {
    compare('decision thresholds', list(lock.decisionThresholds), list(used.decisionThresholds));
  }
  const own = used.sites.filter((site) => (lock.developmentSites ?? []).includes(site));
  if (own.length > 0) {
    different.push({ part: 'sites', locked: 'sites that never saw the model', used: `${own.join(', ')} developed it` });
  }
  return different;
}
