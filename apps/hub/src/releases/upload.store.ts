import { appendFile, mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Injectable } from '@nestjs/common';

import { ContractError, isDigest, type Digest } from '@concord/contracts';

import { HubSettings } from '../platform/hub-settings.js';
import type { SiteKey } from '../sites/site.js';
import { UploadOffsetError } from './upload-errors.js';

/** What one message may have at most; it is opened in memory. */
export const MESSAGE_MEMORY_LIMIT_BYTES = 2 ** 29;

/** An agent sends one message after the other; what a broken one leaves must not fill the disk. */
const PARTS_PER_SITE = 3;

/** Parts of messages, until each is whole. Survives a restart; a lost part is sent again. */
@Injectable()
export class UploadStore {
  /** Chunks of one file go one after the other. */
  private readonly busy = new Map<string, Promise<unknown>>();

  constructor(private readonly settings: HubSettings) {}

  async receivedByteCount(key: SiteKey, digest: Digest): Promise<number> {
    return sizeOf(this.pathOf(key, digest));
  }

  /**
   * Appends a chunk.
   *
   * @param total bytes of the whole message
   * @returns bytes received so far
   * @throws {UploadOffsetError} unless the chunk follows what is there
   * @throws {ContractError} UPLOAD_TOO_LARGE
   */
  async append(key: SiteKey, digest: Digest, offset: number, total: number, chunk: Uint8Array): Promise<number> {
    const path = this.pathOf(key, digest);
    if (total > MESSAGE_MEMORY_LIMIT_BYTES || offset + chunk.length > total) {
      throw new ContractError(
        'UPLOAD_TOO_LARGE',
        `a message has at most ${MESSAGE_MEMORY_LIMIT_BYTES} bytes, and no chunk goes beyond the total`,
        `upload ${digest}`,
        'Release fewer columns or rows at once.',
      );
    }
    return this.inTurn(path, async () => {
      const received = await sizeOf(path);
      if (offset !== received) throw new UploadOffsetError(digest, received);
      if (offset === 0) await this.makeRoom(key, path);
      await appendFile(path, chunk, { mode: 0o600 });
      return received + chunk.length;
    });
  }

  /** @throws {UploadOffsetError} if nothing was uploaded */
  async read(key: SiteKey, digest: Digest): Promise<Uint8Array> {
    const path = this.pathOf(key, digest);
    return this.inTurn(path, async () => {
      if ((await sizeOf(path)) === 0) throw new UploadOffsetError(digest, 0);
      return readFile(path);
    });
  }

  async remove(key: SiteKey, digest: Digest): Promise<void> {
    await rm(this.pathOf(key, digest), { force: true });
  }

  private async makeRoom(key: SiteKey, path: string): Promise<void> {
    const { uploadFolder } = this.settings;
    await mkdir(uploadFolder, { recursive: true, mode: 0o700 });
    const names = (await readdir(uploadFolder)).filter((name) => name.startsWith(prefixOf(key)));
    const parts = await Promise.all(
      names.map(async (name) => {
        const part = join(uploadFolder, name);
        return { part, modifiedMs: (await stat(part)).mtimeMs };
      }),
    );
    const others = parts.filter(({ part }) => part !== path).sort((a, b) => b.modifiedMs - a.modifiedMs);
    await Promise.all(others.slice(PARTS_PER_SITE - 1).map(({ part }) => rm(part, { force: true })));
  }

  private async inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
    const before = this.busy.get(path) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.busy.set(path, settled);
    try {
      return await mine;
    } finally {
      if (this.busy.get(path) === settled) this.busy.delete(path);
    }
  }

  private pathOf(key: SiteKey, digest: Digest): string {
    if (!isDigest(digest)) {
      throw new ContractError('MESSAGE_MALFORMED', 'this is no SHA-256', 'path', 'Name the message by its digest.');
    }
    return join(this.settings.uploadFolder, `${prefixOf(key)}${digest}.part`);
  }
}

/** Codes hold no `~`, so that no site's prefix begins another's. */
function prefixOf({ studyId, code }: SiteKey): string {
  return `${studyId}~${code}~`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
