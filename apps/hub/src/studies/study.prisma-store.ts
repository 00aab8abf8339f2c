import type { StudyProtocol } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import { isUniqueViolation } from '../database/prisma-errors.js';
import { Prisma, type Study as StudyRow } from '../generated/prisma/client.js';
import { studyChanged, studyExists, studyUnknown, type Study } from './study.js';
import { StudyStore } from './study.store.js';

export class PrismaStudyStore extends StudyStore {
  async get(transaction: Transaction, id: string): Promise<Study> {
    const study = await this.find(transaction, id);
    if (study === null) throw studyUnknown(id);
    return study;
  }

  async find(transaction: Transaction, id: string): Promise<Study | null> {
    const row = await transaction.study.findUnique({ where: { id } });
    return row === null ? null : studyOf(row);
  }

  async getMany(transaction: Transaction, ids: readonly string[]): Promise<Study[]> {
    const rows = await transaction.study.findMany({ where: { id: { in: [...ids] } } });
    const byId = new Map(rows.map((row) => [row.id, studyOf(row)]));
    return ids.map((id) => {
      const study = byId.get(id);
      if (study === undefined) throw studyUnknown(id);
      return study;
    });
  }

  async list(transaction: Transaction, limit: number, afterId: string | null): Promise<Study[]> {
    const rows = await transaction.study.findMany({
      orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
      take: limit,
      ...(afterId === null ? {} : { cursor: { id: afterId }, skip: 1 }),
    });
    return rows.map(studyOf);
  }

  async create(transaction: Transaction, study: Study): Promise<void> {
    try {
      await transaction.study.create({ data: { ...study, protocol: jsonOf(study.protocol) } });
    } catch (error) {
      if (isUniqueViolation(error)) throw studyExists(study.id);
      throw error;
    }
  }

  async save(transaction: Transaction, study: Study): Promise<Study> {
    const { id, version, title, state, protocolDigest, frozenAt } = study;
    const { count } = await transaction.study.updateMany({
      where: { id, version },
      data: {
        title,
        state,
        protocol: jsonOf(study.protocol),
        protocolDigest,
        frozenAt,
        version: version + 1,
      },
    });
    if (count !== 1) throw studyChanged(id);
    return { ...study, version: version + 1 };
  }
}

function studyOf(row: StudyRow): Study {
  return { ...row, protocol: row.protocol as StudyProtocol | null }; // parsed before it was written
}

function jsonOf(protocol: StudyProtocol | null): Prisma.InputJsonObject | typeof Prisma.DbNull {
  // Its extraction settings are typed as unknown, but came from JSON.
  return protocol === null ? Prisma.DbNull : (protocol as Prisma.InputJsonObject);
}
