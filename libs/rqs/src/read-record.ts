import { InvalidRecordError } from './errors.js';
import type { QualityRecord } from './answers.js';

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
  const { scheme, version, items, options, conditions, track, level } = value;
  if (scheme !== undefined && typeof scheme !== 'string') throw refuse('it is not text', 'scheme');
  if (version !== undefined && typeof version !== 'string') throw refuse('it is not text', 'version');
  if (items === undefined && options === undefined) throw refuse('it answers nothing', 'the record');
  if (track !== undefined && track !== 'handcrafted' && track !== 'deep-learning') {
    throw refuse('it is neither handcrafted nor deep-learning', 'track');
  }
  if (level !== undefined && typeof level !== 'number') throw refuse('it is not a number', 'level');
  return {
    ...(scheme !== undefined && { scheme }),
    ...(version !== undefined && { version }),
    ...(items !== undefined && {
      items: typeof items === 'string' ? items : entriesOf(items, 'items', isNumber, 'points are not a number'),
    }),
    ...(options !== undefined && {
      options: entriesOf(options, 'options', isListOfNames, 'options are not a list of names'),
    }),
    ...(conditions !== undefined && {
      conditions: entriesOf(conditions, 'conditions', isText, 'a condition is neither yes nor no'),
    }),
    ...(track !== undefined && { track }),
    ...(level !== undefined && { level }),
  };
}

function entriesOf<T>(
  value: unknown,
  name: string,
  isRight: (entry: unknown) => entry is T,
  what: string,
): Record<string, T> {
  if (!isObject(value)) throw refuse(what, name);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (!isRight(entry)) throw refuse(what, `${name}.${key}`);
      return [key, entry];
    }),
  );
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isText = (value: unknown): value is string => typeof value === 'string';
const isListOfNames = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(what: string, where: string): InvalidRecordError {
  const fix = 'Write {"scheme": "rqs1", "items": {"rqs1.01": 2, …}, "options": {"rqs1.12": ["two-external"]}}.';
  return new InvalidRecordError(what, where, fix);
}
