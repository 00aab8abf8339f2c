import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jest } from '@jest/globals';

import { AuditService } from '../audit/audit.service.js';
import { SystemClock } from '../clock.js';
import { openTestPglite, type TestDatabase } from '../database/test-database.js';
import { AuthService } from './auth.service.js';
import { hubKeysOf } from './hub-keys.js';

jest.setTimeout(60_000);

describe('AuthService', () => {
  const folder = mkdtempSync(join(tmpdir(), 'concord-auth-'));
  let test: TestDatabase;
  let auth: AuthService;
  beforeAll(async () => {
    test = await openTestPglite();
    const clock = new SystemClock();
    auth = new AuthService(test.database, new AuditService(test.database, clock), clock);
  });
  afterAll(async () => {
    await test.close();
    rmSync(folder, { recursive: true });
  });

  const tokenIn = (role: string) => readFileSync(join(folder, `${role}.token`), 'utf8').trim();

  it('writes a token for each role at first start, readable by the hub’s user only, and never again', async () => {
    await auth.writeFirstTokens(folder);
    const tokens = ['coordinator', 'reviewer'].map(tokenIn);
    expect(await auth.principalOf(`Bearer ${tokens[0]}`)).toMatchObject({ role: 'coordinator', name: 'coordinator' });
    expect(await auth.principalOf(`bearer ${tokens[1]}`)).toMatchObject({ role: 'reviewer' });
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    await auth.writeFirstTokens(folder);
    expect(['coordinator', 'reviewer'].map(tokenIn)).toEqual(tokens);
    expect(JSON.stringify(await test.database.client.credential.findMany())).not.toContain(tokens[0]);
  });

  it.each([undefined, '', 'Bearer ', 'Bearer short', `Basic ${'x'.repeat(43)}`, `Bearer ${'x'.repeat(43)}`])(
    'knows nobody by "%s"',
    async (header) => {
      expect(await auth.principalOf(header)).toBeNull();
    },
  );

  it('knows nobody by a token that was revoked', async () => {
    const token = await auth.issue('reviewer', 'guest');
    expect(await auth.principalOf(`Bearer ${token}`)).toMatchObject({ name: 'guest' });
    await test.database.client.credential.updateMany({ where: { name: 'guest' }, data: { revokedAt: new Date() } });
    expect(await auth.principalOf(`Bearer ${token}`)).toBeNull();
  });
});

describe('hubKeysOf', () => {
  it('makes keys once, and gives the same ones ever after', () => {
    const folder = mkdtempSync(join(tmpdir(), 'concord-keys-'));
    const keys = hubKeysOf(folder);
    expect(hubKeysOf(folder)).toEqual(keys);
    expect(keys.sign.publicKey).not.toBe(keys.seal.publicKey);
    expect(readdirSync(folder)).toEqual(['hub-keys.json']);
    expect(statSync(join(folder, 'hub-keys.json')).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
  });
});
