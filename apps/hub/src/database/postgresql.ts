import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PgBoss } from 'pg-boss';

import { PrismaClient } from '../generated/prisma/client.js';
import { BOSS_OPTIONS, STOP_OPTIONS } from './boss-options.js';
import { Database, TRANSACTION_LIMITS, type Transaction } from './database.js';
import { migrate, readMigrations } from './migrations.js';

/** Any number that nobody else locks: hubs that start together migrate one after the other. */
const MIGRATION_LOCK = 7_266_001;

/** The database of production: hub and any number of workers share it. */
export class PostgresqlDatabase extends Database {
  readonly kind = 'postgresql';

  private constructor(
    readonly client: PrismaClient,
    readonly boss: PgBoss,
  ) {
    super();
  }

  static async open(connectionString: string, onQueueError: (error: unknown) => void): Promise<PostgresqlDatabase> {
    await migrateUnderLock(connectionString);
    const client = new PrismaClient({
      adapter: new PrismaPg({ connectionString, max: 10 }),
      transactionOptions: TRANSACTION_LIMITS,
    });
    const boss = new PgBoss({ ...BOSS_OPTIONS, connectionString, max: 4 });
    boss.on('error', onQueueError);
    await boss.start();
    return new PostgresqlDatabase(client, boss);
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
  }
}

async function migrateUnderLock(connectionString: string): Promise<void> {
  const connection = new pg.Client({ connectionString });
  await connection.connect();
  try {
    await connection.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const session = {
      query: (sql: string) => connection.query(sql),
      script: async (sql: string) => void (await connection.query(sql)),
    };
    await migrate(session, await readMigrations());
  } finally {
    await connection.end(); // frees the lock
  }
}
