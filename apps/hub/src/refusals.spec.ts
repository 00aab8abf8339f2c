import { jest } from '@jest/globals';

import {
  AGENT_API,
  formatJoinToken,
  makeSealingKeys,
  makeSigningKeys,
  sha256,
  signCertificate,
  signRequest,
} from '@concord/contracts';

import { testDatabaseKinds } from './database/test-database.js';
import { openTestHub, type TestHub } from './test-hub.js';
import { TEST_PROTOCOL, TestSite, featureRows, outcomeRows, withColumn } from './test-site.js';

jest.setTimeout(60_000);

const LOCK = { studyId: 'trial', digest: 'd'.repeat(64), record: {} };

const kinds = testDatabaseKinds(process.env.CONCORD_TEST_DATABASE_URL);

describe.each(kinds)('what the hub on $name refuses of a site, and changes nothing by', ({ open }) => {
  let hub: TestHub;
  let a: TestSite;
  let b: TestSite;
  let features: Uint8Array;

  beforeAll(async () => {
    hub = await openTestHub({ open });
    await hub.query(`mutation { createStudy(input: { id: "trial", title: "A trial" }) { id } }`);
    await hub.query(
      `mutation ($protocol: JSON!) { writeProtocol(studyId: "trial", protocol: $protocol, expectedVersion: 0) { id } }`,
      { protocol: TEST_PROTOCOL },
    );
    [a, b] = [await joined('site-a'), await joined('site-b')];
    await hub.query(`mutation { freezeStudy(studyId: "trial", confirmTitle: "A trial") { id } }`);
    features = a.message('features', 1, featureRows('a'));
    expect((await a.deliver(features)).status).toBe(200);
    expect((await b.deliver(b.message('features', 1, featureRows('b')))).status).toBe(200);
  });
  afterAll(() => hub.close());

  async function invited(code: string): Promise<string> {
    const invite = `mutation ($code: ID!) { inviteSite(studyId: "trial", code: $code, name: "Hospital") { token } }`;
    return (await hub.query<{ inviteSite: { token: string } }>(invite, { code })).data.inviteSite.token;
  }

  async function joined(code: string): Promise<TestSite> {
    const site = new TestSite(hub.url, hub.keys, code);
    await site.join(await invited(code));
    return site;
  }

  /** All that the database holds, but for the counters that every believed request moves. */
  async function everything(): Promise<string> {
    const { client } = hub.database;
    const sites = await client.site.findMany({ orderBy: { code: 'asc' } });
    const rows = {
      studies: await client.study.findMany(),
      sites: sites.map(({ requestCounter: _counter, lastContactAt: _contact, ...site }) => site),
      invitations: await client.invitation.findMany({ orderBy: { id: 'asc' } }),
      releases: await client.release.findMany({ orderBy: [{ siteCode: 'asc' }, { sequence: 'asc' }] }),
      audit: await client.auditEntry.findMany({ orderBy: [{ chain: 'asc' }, { sequence: 'asc' }] }),
      steps: await client.step.findMany(),
    };
    return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  }

  async function expectRefusal(code: string, attempt: () => Promise<{ status: number; body: object }>): Promise<void> {
    const before = await everything();
    const { status, body } = await attempt();
    expect(body).toMatchObject({ code, what: expect.any(String), where: expect.any(String), fix: expect.any(String) });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(await everything()).toBe(before);
  }

  it('a replayed message, which is answered with the receipt of then', async () => {
    await expectRefusal('MESSAGE_REPLAYED', () => a.deliver(features));
    const { body } = await a.call('POST', `messages/${sha256(features)}`);
    expect(body.details).toMatchObject({ receipt: { sequence: 1, kind: 'features', messageDigest: sha256(features) } });
    await expectRefusal('MESSAGE_REPLAYED', () => a.deliver(a.message('outcomes', 1, outcomeRows('a'))));
  });

  it('a conformance certificate of another site, one that was changed, and one that misses a reference value', async () => {
    const certificate = (holding: number) => ({
      format: 'concord.conformance/1' as const,
      concordVersion: '1.0.0',
      holds: holding === 18,
      families: [{ family: 'statistics', holding, checked: 18 }],
    });
    const send = (document: unknown) => a.call('POST', 'certificate', Buffer.from(JSON.stringify(document)));
    const good = signCertificate(certificate(18), a.keys);
    await expectRefusal('SIGNATURE_INVALID', () => send(signCertificate(certificate(18), b.keys)));
    await expectRefusal('SIGNATURE_INVALID', () =>
      send({ ...good, certificate: { ...good.certificate, concordVersion: '2.0.0' } }),
    );
    await expectRefusal('CERTIFICATE_INVALID', () => send(signCertificate(certificate(17), a.keys)));
    await expectRefusal('CERTIFICATE_INVALID', () => send({}));
    await expectRefusal('MESSAGE_MALFORMED', () => a.call('POST', 'certificate', Buffer.from('{')));
    expect((await send(good)).status).toBe(200);
    const before = await everything();
    expect((await send(good)).status).toBe(200); // again: nothing new
    expect(await everything()).toBe(before);
  });

  it('a message out of turn', () =>
    expectRefusal('MESSAGE_MALFORMED', () => a.deliver(a.message('outcomes', 3, outcomeRows('a')))));

  it('a message signed by another site', async () => {
    await expectRefusal('SIGNATURE_INVALID', () =>
      a.deliver(a.message('outcomes', 2, outcomeRows('a'), { keys: b.keys })),
    );
    await expectRefusal('SIGNATURE_INVALID', () => a.deliver(b.message('outcomes', 2, outcomeRows('b'))));
  });

  it('a message made under an old protocol', () =>
    expectRefusal('PROTOCOL_STALE', () =>
      a.deliver(a.message('outcomes', 2, outcomeRows('a'), { protocolDigest: sha256('old') })),
    ));

  it('a used token, a token that is too old, one of another hub, and one without the key it names', async () => {
    const token = await invited('site-a');
    await expectRefusal('SIGNATURE_INVALID', () => {
      const liar = new TestSite(hub.url, hub.keys, 'site-a');
      return liar.join(token, { ...makeSigningKeys(), publicKey: a.keys.publicKey });
    });
    hub.clock.forward(15);
    await expectRefusal('TOKEN_EXPIRED', () => new TestSite(hub.url, hub.keys, 'site-a').join(token));
    const { sign, seal } = hub.keys;
    const invented = { secret: 's'.repeat(43), hubSignKey: sign.publicKey, hubSealKey: seal.publicKey };
    const stranger = new TestSite(hub.url, hub.keys, 'site-a');
    await expectRefusal('TOKEN_UNKNOWN', () => stranger.join(formatJoinToken(invented)));
    const { publicKey: hubSealKey } = makeSealingKeys();
    await expectRefusal('SEAL_BROKEN', () => stranger.join(formatJoinToken({ ...invented, hubSealKey })));
    const fresh = await invited('site-b');
    const again = new TestSite(hub.url, hub.keys, 'site-b', 'trial', b.keys);
    expect((await again.join(fresh)).status).toBe(200);
    await expectRefusal('TOKEN_USED', () => new TestSite(hub.url, hub.keys, 'site-b').join(fresh));
    await expectRefusal('REQUEST_REPLAYED', () => again.call('GET', 'orders')); // what was recorded stays of no use
    again.counter = b.counter;
    expect((await again.call('GET', 'orders')).status).toBe(200);
    b = again;
  });

  it('a table with a column that the protocol does not name, without one, and with a value that cannot be', async () => {
    const rows = outcomeRows('a');
    const attempt =
      (table: typeof rows, over = {}) =>
      () =>
        a.deliver(a.message('outcomes', 2, table, over));
    const extra = withColumn(rows, { kind: 'text', name: 'birth date', values: rows.columns[0].values as string[] });
    await expectRefusal('COLUMN_NOT_IN_PROTOCOL', attempt(extra));
    await expectRefusal('COLUMN_MISSING', attempt({ ...rows, columns: rows.columns.slice(0, 1) }));
    const outcome = (...values: number[]) =>
      withColumn(rows, {
        kind: 'number',
        name: 'recurrence',
        values: Float64Array.from({ length: 12 }, (_, i) => values[i] ?? 0),
      });
    await expectRefusal('TABLE_INVALID', attempt(outcome(1, 2)));
    await expectRefusal('TABLE_INVALID', attempt(outcome(Infinity)));
    await expectRefusal('TABLE_INVALID', attempt(outcomeRows('another hospital')));
    await expectRefusal('TABLE_INVALID', attempt(rows, { rowCount: 11 }));
    const named = (change: (name: string | null, row: number) => string | null) =>
      withColumn(rows, {
        kind: 'text',
        name: 'pseudonym',
        values: (rows.columns[0].values as string[]).map(change),
      });
    await expectRefusal('TABLE_INVALID', attempt(named((_name, row) => rows.columns[0].values[row % 11] as string)));
    await expectRefusal('TABLE_INVALID', attempt(named((name, row) => (row === 3 ? null : name))));
    await expectRefusal('TABLE_INVALID', attempt(named((_name, row) => `MRN ${row}`)));
  });

  it('a table that was changed on its way, or cut short', async () => {
    const message = a.message('outcomes', 2, outcomeRows('a'));
    const flipped = Uint8Array.from(message);
    flipped[flipped.length - 100] ^= 1;
    await expectRefusal('SEAL_BROKEN', () => a.deliver(flipped));
    await expectRefusal('SEAL_BROKEN', () => a.deliver(message.subarray(0, -1)));
    await expectRefusal('MESSAGE_MALFORMED', () => a.deliver(message.subarray(0, 100)));
    await expectRefusal('DIGEST_MISMATCH', async () => {
      await a.call('PUT', `uploads/${sha256(message)}?offset=0&total=${flipped.length}`, flipped);
      return a.call('POST', `messages/${sha256(message)}`);
    });
  });

  it('outcomes of a validation site before the model is locked, or under another lock', async () => {
    const send = (lockDigest: string | null) => b.deliver(b.message('outcomes', 2, outcomeRows('b'), { lockDigest }));
    await expectRefusal('OUTCOME_BEFORE_LOCK', () => send(null));
    await expectRefusal('OUTCOME_BEFORE_LOCK', () => send(LOCK.digest));
    await hub.database.client.lock.create({ data: { ...LOCK, lockedAt: hub.clock.now() } });
    await expectRefusal('OUTCOME_BEFORE_LOCK', () => send(LOCK.digest)); // a lock in the making is none
    await hub.database.client.study.update({ where: { id: 'trial' }, data: { state: 'locked' } });
    await expectRefusal('OUTCOME_BEFORE_LOCK', () => send(LOCK.digest)); // the predictions are not recorded
    const { client } = hub.database;
    const now = hub.clock.now();
    await client.run.upsert({
      where: { id: 'trial' },
      create: { id: 'trial', studyId: 'trial', startedAt: now },
      update: {},
    });
    const step = { runId: 'trial', name: 'predict:site-b', inputDigest: '', inputs: {}, queuedAt: now };
    await client.step.create({ data: { ...step, state: 'done', finishedAt: now } });
    const { body } = await b.call<{ wanted: unknown }>('GET', 'orders');
    expect(body.wanted).toEqual([{ kind: 'outcomes', lockDigest: LOCK.digest }]);
    await expectRefusal('OUTCOME_BEFORE_LOCK', () => send(sha256('another lock')));
    expect((await send(LOCK.digest)).status).toBe(200);
    await expectRefusal('RELEASE_NOT_WANTED', () =>
      b.deliver(b.message('outcomes', 3, outcomeRows('b'), { lockDigest: LOCK.digest })),
    );
  });

  it('features that came already', () =>
    expectRefusal('RELEASE_NOT_WANTED', () => a.deliver(a.message('features', 2, featureRows('a')))));

  it('a request that was seen, is not signed by the site, or names another path or body', async () => {
    const replay = async () => {
      a.counter--;
      return a.call('GET', 'orders');
    };
    await expectRefusal('REQUEST_REPLAYED', replay);
    const stranger = new TestSite(hub.url, hub.keys, 'site-a');
    stranger.counter = 10_000;
    await expectRefusal('SIGNATURE_INVALID', () => stranger.call('GET', 'orders'));
    await expectRefusal('SITE_UNKNOWN', () => new TestSite(hub.url, hub.keys, 'site-q').call('GET', 'orders'));
    await expectRefusal('SITE_UNKNOWN', () => new TestSite(hub.url, hub.keys, 'site-a', 'other').call('GET', 'orders'));
    const signed = (path: string, body: string) => {
      const request = { studyId: 'trial', site: 'site-a', counter: ++a.counter, method: 'POST', path };
      return signRequest({ ...request, body: Buffer.from(body) }, a.keys);
    };
    const status = Buffer.from('{}');
    const call = (over: object) => a.call('POST', 'status', status, over);
    await expectRefusal('SIGNATURE_INVALID', () => call(signed(`${AGENT_API}/join`, '{}')));
    await expectRefusal('SIGNATURE_INVALID', () => call(signed(`${AGENT_API}/status`, '{"a":1}')));
    await expectRefusal('MESSAGE_MALFORMED', () => call(signed(`${AGENT_API}/status`, '{}')));
  });

  it('chunks that do not follow each other or go beyond what was announced, and tells where to go on', async () => {
    const digest = sha256('a message');
    const put = (offset: number, total: number, size = 10) =>
      a.call('PUT', `uploads/${digest}?offset=${offset}&total=${total}`, new Uint8Array(size));
    expect((await put(0, 30)).body).toEqual({ receivedByteCount: 10 });
    const gap = await put(20, 30);
    expect(gap.body).toMatchObject({ code: 'UPLOAD_OFFSET', details: { receivedByteCount: 10 } });
    expect((await put(0, 30)).body.code).toBe('UPLOAD_OFFSET');
    expect((await put(10, 15)).body.code).toBe('UPLOAD_TOO_LARGE');
    expect((await put(10, 2 ** 31)).body.code).toBe('UPLOAD_TOO_LARGE');
    expect((await put(10, 2 ** 21, 2 ** 20 + 2000)).status).toBe(413);
    expect((await a.call('GET', `uploads/${digest}`)).body).toEqual({ receivedByteCount: 10 });
    expect((await b.call('GET', `uploads/${digest}`)).body).toEqual({ receivedByteCount: 0 }); // each site its own
    expect((await a.call('GET', 'uploads/..%2f..%2fhub-keys.json')).body.code).toBe('MESSAGE_MALFORMED');
  });

  it('nothing for having lost its transaction: the object is there, the message comes again', async () => {
    const message = a.message('outcomes', 2, outcomeRows('a'));
    const transaction = jest.spyOn(hub.database, 'transaction').mockRejectedValueOnce(new Error('power cut'));
    const failed = await a.deliver(message);
    expect(failed).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR' } });
    transaction.mockRestore();
    expect(await hub.database.client.release.count({ where: { siteCode: 'site-a' } })).toBe(1);
    expect((await a.call('POST', `messages/${sha256(message)}`)).body).toMatchObject({ sequence: 2 }); // still uploaded
  });
});
