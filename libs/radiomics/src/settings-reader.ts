import { InvalidSettingsError } from './errors.js';

export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Reads an object key by key and refuses keys that nobody read. */
export class Reader {
  private readonly object: Readonly<Record<string, unknown>>;
  private readonly seen = new Set<string>();

  constructor(
    json: unknown,
    private readonly path: string,
  ) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new InvalidSettingsError('extraction settings must be an object', path, HELP);
    }
    this.object = json as Record<string, unknown>;
  }

  has(key: string): boolean {
    return key in this.object;
  }

  /** @param fallback for a missing key; without one it is refused */
  value(key: string, fallback?: unknown): unknown {
    this.seen.add(key);
    if (key in this.object) return this.object[key];
    if (fallback === undefined) this.refuse(key, 'is missing');
    return fallback;
  }

  child(key: string, fallback?: unknown): Reader {
    return new Reader(this.value(key, fallback), `${this.path}.${key}`);
  }

  children(key: string, fallback?: unknown): Reader[] {
    const list = this.value(key, fallback);
    if (!Array.isArray(list)) this.refuse(key, 'must be a list');
    return list.map((item, n) => new Reader(item, `${this.path}.${key}[${n}]`));
  }

  oneOf<T extends string>(key: string, allowed: readonly T[], fallback?: T): T {
    const value = this.value(key, fallback);
    if (!allowed.includes(value as T)) this.refuse(key, `must be one of ${allowed.join(', ')}`);
    return value as T;
  }

  list<T extends string>(key: string, allowed: readonly T[], fallback?: readonly T[]): T[] {
    const value = this.value(key, fallback);
    if (!Array.isArray(value) || !value.every((item) => allowed.includes(item as T))) {
      this.refuse(key, `must be a list of ${allowed.join(', ')}`);
    }
    if (new Set(value).size !== value.length) this.refuse(key, 'names something twice');
    return [...(value as T[])];
  }

  number(key: string, isAllowed: (value: number) => boolean, rule: string, fallback?: number): number {
    const value = this.value(key, fallback);
    if (!isFiniteNumber(value) || !isAllowed(value)) this.refuse(key, rule);
    return value;
  }

  end(): void {
    const unknown = Object.keys(this.object).find((key) => !this.seen.has(key));
    if (unknown !== undefined) this.refuse(unknown, `is not a key of ${this.path}`);
  }

  refuse(key: string, rule: string): never {
    throw new InvalidSettingsError(`${key} ${rule}`, `${this.path}.${key}`, HELP);
  }
}

const HELP = 'Start from a preset: concord settings show ct-hcc.';
