import type { DatabaseSync } from 'node:sqlite';

/** Single values the agent remembers, as JSON. */
export class Facts {
  constructor(private readonly database: DatabaseSync) {}

  get<T>(name: string): T | null {
    const row = this.database.prepare('SELECT value FROM facts WHERE name = ?').get(name);
    // Written by set() of this class only.
    return row ? (JSON.parse(row['value'] as string) as T) : null;
  }

  set(name: string, value: unknown): void {
    this.database.prepare('INSERT OR REPLACE INTO facts VALUES (?, ?)').run(name, JSON.stringify(value));
  }
}
