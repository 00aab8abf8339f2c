import { createHash } from 'node:crypto';

export type Fields = Readonly<Record<string, unknown>>;

/** SHA-256 of the JSON with keys in text order. */
export function digestOf(model: object): string {
  return `sha256:${createHash('sha256').update(canonical(model)).digest('hex')}`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value ?? null);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join(',')}}`;
}

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
