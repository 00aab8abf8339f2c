import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { sha256 } from '@concord/contracts';

import { inTransaction } from '../store/database.js';
import { factsOf, type FileFacts } from './file-facts.js';
import type { SourceFile } from './group-cases.js';
import { walk, type WalkedFile } from './walk.js';

const BATCH_COUNT = 200;

interface IndexRow extends WalkedFile {
  readonly digest: string;
  readonly facts: string;
}

export interface ScannedFolder {
  /** Equal as long as no file came, went or changed. */
  readonly stamp: string;
  readonly files: readonly SourceFile[];
  /** When the newest file was written, ms since 1970. */
  readonly newestMs: number;
}

/** Headers and digests of the files of a folder, kept in the database: a file is read again only if it changed. */
export class FileIndex {
  constructor(
    private readonly database: DatabaseSync,
    private readonly folder: string,
  ) {}

  /**
   * @returns every file, or null if none has come, gone or changed since the stamp
   * @throws the system's error if the folder cannot be read
   */
  async scan(stamp: string, signal: AbortSignal): Promise<ScannedFolder | null> {
    const walked = await walk(this.folder);
    const now = sha256(JSON.stringify(walked));
    if (now === stamp) return null;
    const known = new Map(this.rows().map((row) => [row.path, row]));
    const changed = walked.filter((file) => !isSame(known.get(file.path), file));
    const gone = [...known.keys()].filter((path) => !walked.some((file) => file.path === path));
    for (let start = 0; start < changed.length && !signal.aborted; start += BATCH_COUNT) {
      await this.read(changed.slice(start, start + BATCH_COUNT));
    }
    inTransaction(this.database, () => {
      const remove = this.database.prepare('DELETE FROM files WHERE path = ?');
      for (const path of gone) remove.run(path);
    });
    if (signal.aborted) return null;
    const files = this.rows().map(({ path, byteCount, digest, facts }) => ({
      path,
      byteCount,
      digest,
      facts: JSON.parse(facts) as FileFacts,
    }));
    const newestMs = walked.reduce((newest, file) => Math.max(newest, file.modifiedMs), 0);
    return { stamp: now, files, newestMs };
  }

  private async read(files: readonly WalkedFile[]): Promise<void> {
    const rows: IndexRow[] = [];
    for (const file of files) {
      const bytes = await readFile(join(this.folder, file.path)).catch((error: NodeJS.ErrnoException) => error.code);
      const isRead = Buffer.isBuffer(bytes);
      const facts = isRead ? factsOf(file.path, bytes) : unreadable(bytes);
      rows.push({ ...file, digest: isRead ? sha256(bytes) : sha256(file.path), facts: JSON.stringify(facts) });
    }
    inTransaction(this.database, () => {
      const insert = this.database.prepare('INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)');
      for (const { path, byteCount, modifiedMs, digest, facts } of rows)
        insert.run(path, byteCount, modifiedMs, digest, facts);
    });
  }

  private rows(): IndexRow[] {
    return this.database.prepare('SELECT * FROM files ORDER BY path').all() as unknown as IndexRow[];
  }
}

function isSame(known: IndexRow | undefined, file: WalkedFile): boolean {
  return known?.byteCount === file.byteCount && known.modifiedMs === file.modifiedMs;
}

function unreadable(code: string | undefined): FileFacts {
  const what = `the file cannot be read (${code ?? 'unknown'})`;
  return {
    kind: 'broken',
    problem: { code: 'FILE_NOT_READABLE', what, where: '', fix: 'Give the agent the right to read it.' },
  };
}
