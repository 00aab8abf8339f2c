import { InvalidRecordError } from './errors.js';
import type { QualityRecord } from './score-record.js';

/** A record as people write it to a file: the answers, and which scheme they answer. */
export interface NamedRecord extends QualityRecord {
  readonly scheme?: string;
  readonly version?: string;
}

/**
 * Checks the shape of parsed JSON; whether the answers are legal is for `scoreRecord`.
 *
 * @throws {InvalidRecordError} naming the part that is not as it should be
 */
export function readRecord(value: unknown): NamedRecord {
  if (!isObject(value)) throw refuse('it is not a JSON object', 'the record');
  const { scheme, version, items, options } = value;
  if (scheme !== undefined && typeof scheme !== 'string') throw refuse('it is not text', 'scheme');
  if (version !== undefined && typeof version !== 'string') throw refuse('it is not text', 'version');
  if (items === undefined && options === undefined) throw refuse('it answers nothing', 'the record');
  const points = isObject(items) ? Object.entries(items) : [];
  const wrong = points.find(([, answer]) => typeof answer !== 'number');
  if (wrong || (items !== undefined && !isObject(items)))
    throw refuse('points are not a number', `items.${wrong?.[0] ?? ''}`);
  const chosen = isObject(options) ? Object.entries(options) : [];
  const unlisted = chosen.find(([, answer]) => !Array.isArray(answer) || answer.some((id) => typeof id !== 'string'));
  if (unlisted || (options !== undefined && !isObject(options))) {
    throw refuse('options are not a list of names', `options.${unlisted?.[0] ?? ''}`);
  }
  return {
    ...(scheme !== undefined && { scheme }),
    ...(version !== undefined && { version }),
    // Checked entry by entry just above.
    ...(items !== undefined && { items: Object.fromEntries(points) as Record<string, number> }),
    ...(options !== undefined && { options: Object.fromEntries(chosen) as Record<string, string[]> }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(what: string, where: string): InvalidRecordError {
  const fix = 'Write {"scheme": "rqs1", "items": {"rqs1.01": 2, …}, "options": {"rqs1.12": ["two-external"]}}.';
  return new InvalidRecordError(what, where, fix);
}
