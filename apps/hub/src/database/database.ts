import type { PgBoss } from 'pg-boss';

import type { Prisma, PrismaClient } from '../generated/prisma/client.js';

/** Within one, only it may touch the database: PGlite has one connection and the outer client would wait for itself. */
export type Transaction = Prisma.TransactionClient;

/** Five agents and a worker write at once; Prisma's own 2 s and 5 s are short for that. */
export const TRANSACTION_LIMITS = { maxWait: 30_000, timeout: 30_000 } as const;

/** The hub's database and the job queue in it; the same SQL on PGlite and PostgreSQL. */
export abstract class Database {
  abstract readonly kind: 'pglite' | 'postgresql';
  abstract readonly client: PrismaClient;
  /** Started. */
  abstract readonly boss: PgBoss;
  /** All of `work` or nothing of it; an error inside must not be caught inside. */
  abstract transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Throws if the database does not answer. */
  abstract check(): Promise<void>;
  /** Lets running jobs end, at most 30 s. */
  abstract close(): Promise<void>;
}
