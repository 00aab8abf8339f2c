import type { Digest, ReleaseKind } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import type { Release as ReleaseRow } from '../generated/prisma/client.js';
import type { Release } from './release.js';
import { predictionKey, ReleaseStore } from './release.store.js';

export class PrismaReleaseStore extends ReleaseStore {
  async list(transaction: Transaction, studyIds: readonly string[]): Promise<Release[]> {
    const rows = await transaction.release.findMany({
      where: { studyId: { in: [...studyIds] } },
      orderBy: [{ siteCode: 'asc' }, { sequence: 'asc' }],
    });
    return rows.map(releaseOf);
  }

  async findMessage(transaction: Transaction, messageDigest: Digest): Promise<Release | null> {
    const row = await transaction.release.findUnique({ where: { messageDigest } });
    return row === null ? null : releaseOf(row);
  }

  async add(transaction: Transaction, release: Release): Promise<void> {
    const { header, signature, ...rest } = release;
    await transaction.release.create({
      data: { ...rest, header: new Uint8Array(header), signature: new Uint8Array(signature) },
    });
  }

  async predictedSites(transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlySet<string>> {
    const prefix = 'predict:';
    const rows = await transaction.step.findMany({
      where: { runId: { in: [...studyIds] }, state: 'done', name: { startsWith: prefix } },
      select: { runId: true, name: true },
    });
    return new Set(rows.map(({ runId, name }) => predictionKey(runId, name.slice(prefix.length))));
  }

  async pooledDigests(transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    const rows = await transaction.step.findMany({
      where: { runId: { in: [...studyIds] }, state: 'done', name: 'harmonize-development' },
      select: { runId: true, outputs: true },
    });
    return new Map(
      rows.flatMap(({ runId, outputs }) => {
        const digest = (outputs as Readonly<Record<string, Digest>>)['pooled'];
        return digest === undefined ? [] : [[runId, digest] as const];
      }),
    );
  }

  async lockDigests(transaction: Transaction, studyIds: readonly string[]): Promise<ReadonlyMap<string, Digest>> {
    const rows = await transaction.lock.findMany({
      where: { studyId: { in: [...studyIds] } },
      select: { studyId: true, digest: true },
    });
    return new Map(rows.map((row) => [row.studyId, row.digest]));
  }
}

function releaseOf(row: ReleaseRow): Release {
  return { ...row, kind: row.kind as ReleaseKind }; // written from a parsed header only
}
