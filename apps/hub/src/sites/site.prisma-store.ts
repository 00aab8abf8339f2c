import type { Digest, SiteRole, SiteStatus } from '@concord/contracts';

import type { Transaction } from '../database/database.js';
import { isUniqueViolation } from '../database/prisma-errors.js';
import { Prisma, type Site as SiteRow } from '../generated/prisma/client.js';
import { siteExists } from './site-errors.js';
import type { Invitation, Site, SiteCertificate, SiteKey } from './site.js';
import { SiteStore, type SiteChange } from './site.store.js';

export class PrismaSiteStore extends SiteStore {
  async find(transaction: Transaction, { studyId, code }: SiteKey): Promise<Site | null> {
    const row = await transaction.site.findUnique({ where: { studyId_code: { studyId, code } } });
    return row === null ? null : siteOf(row);
  }

  async list(transaction: Transaction, studyIds: readonly string[]): Promise<Site[]> {
    const rows = await transaction.site.findMany({
      where: { studyId: { in: [...studyIds] } },
      orderBy: [{ code: 'asc' }, { studyId: 'asc' }],
    });
    return rows.map(siteOf);
  }

  async create(transaction: Transaction, site: Site): Promise<void> {
    try {
      await transaction.site.create({
        data: {
          ...site,
          status: site.status ?? Prisma.DbNull,
          certificate: certificateJson(site.certificate),
          requestCounter: BigInt(site.requestCounter),
        },
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw siteExists(site.code);
      throw error;
    }
  }

  async change(transaction: Transaction, { studyId, code }: SiteKey, change: SiteChange): Promise<void> {
    const { status, certificate, requestCounter, ...rest } = change;
    await transaction.site.update({
      where: { studyId_code: { studyId, code } },
      data: {
        ...rest,
        ...(status === undefined ? {} : { status: status ?? Prisma.DbNull }),
        ...(certificate === undefined ? {} : { certificate: certificateJson(certificate) }),
        ...(requestCounter === undefined ? {} : { requestCounter: BigInt(requestCounter) }),
      },
    });
  }

  async passCounter(transaction: Transaction, key: SiteKey, counter: number, at: Date): Promise<boolean> {
    const { count } = await transaction.site.updateMany({
      where: { studyId: key.studyId, code: key.code, requestCounter: { lt: BigInt(counter) } },
      data: { requestCounter: BigInt(counter), lastContactAt: at },
    });
    return count === 1;
  }

  async takeSequence(transaction: Transaction, key: SiteKey, sequence: number): Promise<boolean> {
    const { count } = await transaction.site.updateMany({
      where: { studyId: key.studyId, code: key.code, sequence: sequence - 1 },
      data: { sequence },
    });
    return count === 1;
  }

  async invite(transaction: Transaction, invitation: Invitation): Promise<void> {
    const { studyId, siteCode, createdAt } = invitation;
    await transaction.invitation.updateMany({
      where: { studyId, siteCode, usedAt: null, expiresAt: { gt: createdAt } },
      data: { expiresAt: createdAt },
    });
    await transaction.invitation.create({ data: invitation });
  }

  async findInvitation(transaction: Transaction, secretDigest: Digest): Promise<Invitation | null> {
    return transaction.invitation.findUnique({ where: { secretDigest } });
  }

  async useInvitation(transaction: Transaction, id: string, at: Date): Promise<boolean> {
    const { count } = await transaction.invitation.updateMany({ where: { id, usedAt: null }, data: { usedAt: at } });
    return count === 1;
  }
}

function certificateJson(certificate: SiteCertificate | null): Prisma.InputJsonObject | typeof Prisma.DbNull {
  return certificate === null ? Prisma.DbNull : { ...certificate };
}

function siteOf(row: SiteRow): Site {
  return {
    ...row,
    role: row.role as SiteRole | null, // written from a parsed protocol only
    status: row.status as SiteStatus | null, // parsed before it was written
    certificate: row.certificate as unknown as SiteCertificate | null, // written by this store only
    requestCounter: Number(row.requestCounter),
  };
}
