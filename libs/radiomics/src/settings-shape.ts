import { InvalidSettingsError } from './errors.js';

/** The part of JSON Schema (2020-12) that describes settings. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What a value of the settings may be: how it is read, and the JSON schema of what can be read, made from the same
 * words so that the two cannot differ.
 */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /**
   * Checks and completes a value.
   *
   * @param path where it stands, for the refusal: `settings.resampling.spacingMm`
   * @throws {InvalidSettingsError}
   */
  readonly read: (value: unknown, path: string) => T;
}

/** A key of an object; without a fallback it must be there. */
export interface Field<T> {
  readonly shape: Shape<T>;
  /** What a missing key stands for, as it would be written. */
  readonly fallback?: unknown;
}

const HELP = 'Start from a preset: concord settings show ct-hcc.';

/** @param rule ends the sentence that begins with the key: `must be positive` */
export function refuse(path: string, rule: string): never {
  throw new InvalidSettingsError(`${path.split('.').pop()} ${rule}`, path, HELP);
}

/** Bounds in the words of JSON Schema. */
interface NumberBounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

function isWithin(value: number, bounds: NumberBounds): boolean {
  return (
    value >= (bounds.minimum ?? -Infinity) &&
    value <= (bounds.maximum ?? Infinity) &&
    value > (bounds.exclusiveMinimum ?? -Infinity) &&
    value < (bounds.exclusiveMaximum ?? Infinity)
  );
}

/** A finite number. */
export function number(rule: string, bounds: NumberBounds = {}): Shape<number> {
  return {
    schema: { type: 'number', ...bounds },
    read: (value, path) =>
      typeof value === 'number' && Number.isFinite(value) && isWithin(value, bounds) ? value : refuse(path, rule),
  };
}

/** A whole number; one of `multipleOf` plus the minimum where steps are given, such as odd numbers. */
export function wholeNumber(rule: string, bounds: NumberBounds = {}): Shape<number> {
  const { schema, read } = number(rule, bounds);
  return {
    schema: { ...schema, type: 'integer' },
    read: (value, path) => (Number.isInteger(read(value, path)) ? (value as number) : refuse(path, rule)), // read checked it
  };
}

export function text(pattern: RegExp, rule: string): Shape<string> {
  return {
    schema: { type: 'string', pattern: pattern.source },
    read: (value, path) => (typeof value === 'string' && pattern.test(value) ? value : refuse(path, rule)),
  };
}

export const boolean: Shape<boolean> = {
  schema: { type: 'boolean' },
  read: (value, path) => (typeof value === 'boolean' ? value : refuse(path, 'must be true or false')),
};

export function oneOf<T extends string | number>(allowed: readonly T[]): Shape<T> {
  return {
    schema: { enum: allowed },
    read: (value, path) =>
      allowed.find((item) => item === value) ?? refuse(path, `must be one of ${allowed.join(', ')}`),
  };
}

export function nullable<T>({ schema, read }: Shape<T>): Shape<T | null> {
  return {
    schema: { anyOf: [{ type: 'null' }, schema] },
    read: (value, path) => (value === null ? null : read(value, path)),
  };
}

interface ListRules {
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
}

export function listOf<T>(item: Shape<T>, rules: ListRules = {}): Shape<readonly T[]> {
  return {
    schema: { type: 'array', items: item.schema, ...rules },
    read: (value, path) => {
      if (!Array.isArray(value)) return refuse(path, 'must be a list');
      if (value.length < (rules.minItems ?? 0)) return refuse(path, 'is empty');
      if (rules.uniqueItems && new Set(value.map((entry) => JSON.stringify(entry))).size !== value.length) {
        return refuse(path, 'names something twice');
      }
      return value.map((entry, n) => item.read(entry, `${path}[${n}]`));
    },
  };
}

/** A list of so many entries. */
export function tuple<T, N extends 2 | 3>(
  item: Shape<T>,
  count: N,
  rule: string,
): Shape<N extends 2 ? readonly [T, T] : readonly [T, T, T]> {
  type Entries = N extends 2 ? readonly [T, T] : readonly [T, T, T];
  return {
    schema: { type: 'array', items: item.schema, minItems: count, maxItems: count },
    read: (value, path) => {
      if (!Array.isArray(value) || value.length !== count) return refuse(path, rule);
      return value.map((entry) => {
        try {
          return item.read(entry, path);
        } catch (error) {
          if (error instanceof InvalidSettingsError) refuse(path, rule); // of the whole, not of an entry
          throw error;
        }
      }) as unknown as Entries; // as long as asked for
    },
  };
}

type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** An object with these keys and no other. */
export function object<T>(fields: Fields<T>): Shape<T> {
  const entries = Object.entries<Field<unknown>>(fields);
  const isNeeded = ([, field]: (typeof entries)[number]): boolean => field.fallback === undefined;
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        entries.map(([key, { shape, fallback }]) => [
          key,
          fallback === undefined ? shape.schema : { ...shape.schema, default: fallback },
        ]),
      ),
      required: entries.filter(isNeeded).map(([key]) => key),
      additionalProperties: false,
    },
    read: (value, path) => {
      const given = asObject(value, path);
      const unknown = Object.keys(given).find((key) => !Object.hasOwn(fields, key));
      if (unknown !== undefined) refuse(`${path}.${unknown}`, `is not a key of ${path}`);
      const read = entries.map(([key, { shape, fallback }]): [string, unknown] => {
        const at = `${path}.${key}`;
        if (!Object.hasOwn(given, key) && fallback === undefined) refuse(at, 'is missing');
        return [key, shape.read(Object.hasOwn(given, key) ? given[key] : fallback, at)];
      });
      return Object.fromEntries(read) as T; // every key of T has its field
    },
  };
}

/** An object whose other keys depend on one of them. */
export function variants<Tag extends string, T>(tag: Tag, shapes: Readonly<Record<string, Shape<T>>>): Shape<T> {
  const names = oneOf(Object.keys(shapes));
  return {
    schema: { oneOf: Object.values(shapes).map(({ schema }) => schema) },
    read: (value, path) => {
      const given = asObject(value, path);
      if (!Object.hasOwn(given, tag)) refuse(`${path}.${tag}`, 'is missing');
      return shapes[names.read(given[tag], `${path}.${tag}`)].read(value, path);
    },
  };
}

/** A shape whose values obey one more rule, which its schema cannot say. */
export function checked<T>(shape: Shape<T>, check: (value: T, path: string) => void): Shape<T> {
  return {
    schema: shape.schema,
    read: (value, path) => {
      const read = shape.read(value, path);
      check(read, path);
      return read;
    },
  };
}

function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(path, 'must be an object');
  return value as Readonly<Record<string, unknown>>; // checked above
}
