import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { PGlite } from '@electric-sql/pglite';
import { PgBoss, fromPglite } from 'pg-boss';
import { PrismaPGlite } from 'pglite-prisma-adapter';

import { PrismaClient } from '../generated/prisma/client.js';
import { BOSS_OPTIONS, STOP_OPTIONS } from './boss-options.js';
import { lockDataFolder } from './data-lock.js';
import { Database, TRANSACTION_LIMITS, type Transaction } from './database.js';
import { migrate, readMigrations } from './migrations.js';

/** The embedded database: one process, one connection. Survives `kill -9`, not a power cut: it never calls fsync. */
export class PgliteDatabase extends Database {
  readonly kind = 'pglite';

  private constructor(
    readonly client: PrismaClient,
    readonly boss: PgBoss,
    private readonly pglite: PGlite,
    private readonly releaseLock: () => void,
  ) {
    super();
  }

  static async openFolder(dataFolder: string, onQueueError: (error: unknown) => void): Promise<PgliteDatabase> {
    const lock = lockDataFolder(dataFolder);
    try {
      const folder = join(dataFolder, 'database');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return await PgliteDatabase.from(await PGlite.create(folder), onQueueError, () => lock.release());
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Migrates and starts; closes `pglite` when closed. */
  static async from(
    pglite: PGlite,
    onQueueError: (error: unknown) => void,
    releaseLock: () => void = () => {},
  ): Promise<PgliteDatabase> {
    const session = {
      query: (sql: string) => pglite.query(sql),
      script: async (sql: string) => void (await pglite.exec(sql)),
    };
    await migrate(session, await readMigrations());
    await pglite.refreshArrayTypes(); // else array-of-enum parameters fail in the process that made the enum
    const client = new PrismaClient({ adapter: new PrismaPGlite(pglite), transactionOptions: TRANSACTION_LIMITS });
    const boss = new PgBoss({ ...BOSS_OPTIONS, db: fromPglite(pglite), backend: 'pglite' });
    boss.on('error', onQueueError);
    await boss.start();
    return new PgliteDatabase(client, boss, pglite, releaseLock);
  }

  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.client.$transaction(work, TRANSACTION_LIMITS);
  }

  async check(): Promise<void> {
    await this.client.$queryRaw`SELECT 1`;
  }

  async close(): Promise<void> {
    await this.boss.stop(STOP_OPTIONS);
    await this.client.$disconnect();
    if (!this.pglite.closed) await this.pglite.close();
    this.releaseLock();
  }
}
