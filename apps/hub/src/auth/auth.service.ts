import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';

import { Injectable } from '@nestjs/common';

import { sha256 } from '@concord/contracts';

import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock.js';
import { Database } from '../database/database.js';
import { HubError } from '../errors/hub-error.js';
import { writeSecret } from './hub-keys.js';
import type { PersonRole, Principal } from './principal.js';

/** Who a bearer token belongs to. Only digests of tokens are stored. */
@Injectable()
export class AuthService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param authorization the header, `Bearer TOKEN`
   * @returns null if it names nobody: absent, unknown or revoked
   */
  async principalOf(authorization: string | undefined): Promise<Principal | null> {
    const token = /^Bearer ([\x21-\x7e]{20,200})$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return null;
    const tokenDigest = sha256(token);
    const row = await this.database.client.credential.findUnique({ where: { tokenDigest } });
    if (row === null || row.revokedAt !== null) return null;
    if (!timingSafeEqual(Buffer.from(row.tokenDigest), Buffer.from(tokenDigest))) return null;
    return { id: row.id, role: row.role, name: row.name, institution: row.institution };
  }

  /**
   * Makes a token; only the caller ever sees it.
   *
   * @param actor who asked for it; the hub itself at its first start
   * @throws {HubError} PERSON_EXISTS if somebody of that name speaks for another institution
   */
  async issue(role: PersonRole, name: string, institution: string | null = null, actor = 'hub'): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    await this.database.transaction(async (transaction) => {
      const others = await transaction.credential.findMany({ where: { name }, select: { institution: true } });
      if (others.some((other) => other.institution !== institution)) {
        const fix = 'A name stands for one person of one institution: choose another, such as with the first name.';
        throw new HubError('PERSON_EXISTS', `${name} speaks for another institution`, 'name', fix);
      }
      const createdAt = this.clock.now();
      const tokenDigest = sha256(token);
      await transaction.credential.create({
        data: { id: randomUUID(), role, name, institution, tokenDigest, createdAt },
      });
      await this.audit.append(transaction, {
        chain: 'hub',
        actor,
        action: 'token.issued',
        subject: name,
        details: institution === null ? { role } : { role, institution },
      });
    });
    return token;
  }

  /** At first start writes a token for each role to DATA/ROLE.token; later it leaves everything as it is. */
  async writeFirstTokens(dataFolder: string): Promise<void> {
    for (const role of ['coordinator', 'reviewer'] as const) {
      const count = await this.database.client.credential.count({ where: { role, revokedAt: null } });
      if (count === 0) writeSecret(join(dataFolder, `${role}.token`), `${await this.issue(role, role)}\n`);
    }
  }
}
