import type { LoggerService } from '@nestjs/common';

import { isConcordError } from '@concord/errors';

type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** One JSON object a line. Never bodies, tokens or values of tables: what an unknown error says is left out. */
export class HubLog implements LoggerService {
  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => Date,
  ) {}

  info(event: string, fields: Fields = {}): void {
    this.put('info', event, fields);
  }

  failure(event: string, error: unknown, fields: Fields = {}): void {
    this.put('error', event, { ...fields, ...fieldsOf(error) });
  }

  // Nest's own lines: its names of modules and routes are noise, its errors are not.
  log(): void {}

  warn(message: unknown): void {
    this.put('warn', 'nest', { message: textOf(message) });
  }

  error(message: unknown): void {
    this.put('error', 'nest', message instanceof Error ? fieldsOf(message) : { message: textOf(message) });
  }

  private put(level: string, event: string, fields: Fields): void {
    this.write(`${JSON.stringify({ at: this.now().toISOString(), level, event, ...fields })}\n`);
  }
}

function fieldsOf(error: unknown): Fields {
  if (isConcordError(error)) return { ...error.toJSON(), ...(error.cause ? { cause: nameOf(error.cause) } : {}) };
  const code = (error as { code?: unknown } | null)?.code;
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return {
    error: nameOf(error),
    code: typeof code === 'string' ? code : null,
    stack: frames
      .slice(0, 12)
      .map((line) => line.trim())
      .join(' < '),
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message.slice(0, 300) : typeof message;
}
