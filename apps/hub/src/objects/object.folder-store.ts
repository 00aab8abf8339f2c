import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { isDigest, type Digest } from '@concord/contracts';
import { invariant } from '@concord/errors';

import { ObjectMissingError, ObjectStore, digestGate, verified } from './object.store.js';

/** Objects as files; on disk (fsync) before `put` returns. Several processes may share the folder. */
export class FolderObjectStore extends ObjectStore {
  constructor(private readonly folder: string) {
    super();
  }

  async putStream(expected: Digest, byteCount: number, source: Readable): Promise<void> {
    const path = this.pathOf(expected);
    const folder = dirname(path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const temporary = join(folder, `.${randomUUID()}`);
    try {
      const file = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true });
      await pipeline(source, digestGate(expected, byteCount), file);
      await link(temporary, path); // unlike rename it does not overwrite: one winner
      await syncFolder(folder);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error; // the other writer's bytes have the same digest
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async get(digest: Digest): Promise<Uint8Array> {
    try {
      return verified(digest, await readFile(this.pathOf(digest)));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) throw new ObjectMissingError(digest, { cause: error });
      throw error;
    }
  }

  async has(digest: Digest): Promise<boolean> {
    try {
      await access(this.pathOf(digest));
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  async check(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  private pathOf(digest: Digest): string {
    invariant(isDigest(digest), 'an object is named by something that is no digest');
    return join(this.folder, digest.slice(0, 2), digest);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === code;
}
