import { jest } from '@jest/globals';

import { SystemClock } from '../clock.js';
import { testDatabaseKinds, type TestDatabase } from '../database/test-database.js';
import { AuditService } from './audit.service.js';

jest.setTimeout(60_000); // other suites may share the processor

describe.each(testDatabaseKinds(process.env.CONCORD_TEST_DATABASE_URL))('AuditService on $name', ({ open }) => {
  let test: TestDatabase;
  let audit: AuditService;
  beforeAll(async () => {
    test = await open();
    audit = new AuditService(test.database, new SystemClock());
  });
  afterAll(() => test.close());

  const append = (chain: string, index: number) =>
    test.database.transaction((transaction) =>
      audit.append(transaction, {
        chain,
        actor: 'coordinator',
        action: 'study.tried',
        subject: `trial ${index}`,
        details: { index, small: 1e-300, nested: { b: [1, null, 'ü'], a: undefined } },
      }),
    );

  it('chains entries without gap or break when twenty writers append at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => append(index % 4 === 0 ? 'other' : 'one', index)));
    const records = await audit.list('one');
    expect(records.map((record) => record.sequence)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(await audit.firstBrokenSequence('one')).toBeNull();
    expect(await audit.firstBrokenSequence('other')).toBeNull();
    expect((await audit.page('one', 10, 3)).map((record) => record.sequence)).toEqual([11, 12, 13]);
  });

  it.each([
    ['changed in its details', 4, { details: { index: 99 } }],
    ['changed in its time', 7, { at: new Date('2020-01-01T00:00:00Z') }],
    ['changed in its actor', 2, { actor: 'site:site-a' }],
  ])('finds an entry %s behind its back', async (_name, sequence, data) => {
    const where = { chain_sequence: { chain: 'one', sequence } };
    const { client } = test.database;
    const before = await client.auditEntry.findUniqueOrThrow({ where });
    await client.auditEntry.update({ where, data });
    expect(await audit.firstBrokenSequence('one')).toBe(sequence);
    await client.auditEntry.update({
      where,
      data: { details: before.details as object, at: before.at, actor: before.actor },
    });
    expect(await audit.firstBrokenSequence('one')).toBeNull();
  });

  it('finds a dropped entry', async () => {
    await test.database.client.auditEntry.delete({ where: { chain_sequence: { chain: 'one', sequence: 5 } } });
    expect(await audit.firstBrokenSequence('one')).toBe(6);
  });
});
