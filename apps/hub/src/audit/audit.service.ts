import { Injectable } from '@nestjs/common';

import { CHAIN_START, auditContent, chainHash, firstBrokenLink, type AuditRecord } from '@concord/contracts';

import { Clock } from '../clock.js';
import { Database, type Transaction } from '../database/database.js';
import type { Prisma } from '../generated/prisma/client.js';

/** What happened, said by who caused it. */
export interface AuditInput {
  /** Study id, or `hub`. */
  readonly chain: string;
  /** `coordinator`, `reviewer`, `site:CODE` or `hub`. */
  readonly actor: string;
  /** For example `study.frozen`. */
  readonly action: string;
  readonly subject: string;
  readonly details: Record<string, unknown>;
}

/** Append-only records, one hash chain a study. */
@Injectable()
export class AuditService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Adds one record; it stands or falls with the transaction. Writers of one chain wait for each other. */
  async append(transaction: Transaction, input: AuditInput): Promise<void> {
    await this.lock(transaction, input.chain);
    const last = await transaction.auditEntry.findFirst({
      where: { chain: input.chain },
      orderBy: { sequence: 'desc' },
      select: { sequence: true, hash: true },
    });
    const { chain, actor, action, subject } = input;
    const details = JSON.parse(JSON.stringify(input.details)) as Prisma.InputJsonObject; // as it will be read again
    const at = this.clock.now();
    const sequence = (last?.sequence ?? 0) + 1;
    const content = { chain, sequence, at: at.toISOString(), actor, action, subject, details };
    const previousHash = last?.hash ?? CHAIN_START;
    await transaction.auditEntry.create({
      data: { ...content, at, previousHash, hash: chainHash(previousHash, content) },
    });
  }

  /** All records of a chain, to which nobody else adds one before the transaction ends: for who decides by them. */
  async hold(transaction: Transaction, chain: string): Promise<AuditRecord[]> {
    await this.lock(transaction, chain);
    return recordsIn(transaction, chain, 0, undefined);
  }

  /** Oldest first. */
  async list(chain: string): Promise<AuditRecord[]> {
    return this.page(chain, 0, undefined);
  }

  /** At most `first` records after the one of that sequence, oldest first. */
  async page(chain: string, afterSequence: number, first: number | undefined): Promise<AuditRecord[]> {
    return recordsIn(this.database.client, chain, afterSequence, first);
  }

  /** @returns the sequence of the first record that was changed, moved or dropped; null if the chain holds */
  async firstBrokenSequence(chain: string): Promise<number | null> {
    const records = await this.list(chain);
    const index = firstBrokenLink(records, auditContent);
    return index < 0 ? null : records[index].sequence;
  }

  private async lock(transaction: Transaction, chain: string): Promise<void> {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`audit:${chain}`}, 0))`;
  }
}

async function recordsIn(
  client: Transaction,
  chain: string,
  afterSequence: number,
  first: number | undefined,
): Promise<AuditRecord[]> {
  const rows = await client.auditEntry.findMany({
    where: { chain, sequence: { gt: afterSequence } },
    orderBy: { sequence: 'asc' },
    ...(first === undefined ? {} : { take: first }),
  });
  return rows.map((row) => ({
    ...row,
    at: row.at.toISOString(),
    details: row.details as Record<string, unknown>,
  }));
}
