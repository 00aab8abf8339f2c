import { jest } from '@jest/globals';

import { protocolDigest, sha256 } from '@concord/contracts';

import { AuditService } from './audit/audit.service.js';
import { testDatabaseKinds } from './database/test-database.js';
import { openTestHub, type TestHub } from './test-hub.js';
import { TEST_PROTOCOL, TestSite, featureRows, outcomeRows } from './test-site.js';

jest.setTimeout(60_000);

const WRITE = `mutation ($protocol: JSON!, $version: Int!) {
  writeProtocol(studyId: "trial", protocol: $protocol, expectedVersion: $version) { state version protocolDigest } }`;
const INVITE = `mutation ($code: ID!) { inviteSite(studyId: "trial", code: $code, name: "Hospital") { token expiresAt } }`;
const FREEZE = `mutation ($title: String!) {
  freezeStudy(studyId: "trial", confirmTitle: $title) { state protocolDigest frozenAt } }`;
const READ = `{ study(id: "trial") { state protocol
  sites { edges { node { code state role phase doneCount waitingFor
    releases { kind sequence tableDigest rowCount } } } pageInfo { hasNextPage } }
  audit(first: 100) { edges { node { sequence actor action hash previousHash } } } } }`;

interface StudyData {
  study: {
    state: string;
    protocol: unknown;
    sites: { edges: { node: { code: string } }[] };
    audit: { edges: { node: { actor: string; action: string; hash: string; previousHash: string } }[] };
  };
}

describe.each(testDatabaseKinds(process.env.CONCORD_TEST_DATABASE_URL))('a study on $name', ({ open }) => {
  let hub: TestHub;
  const tokens: Record<string, string> = {};
  const sites: Record<string, TestSite> = {};
  beforeAll(async () => {
    hub = await openTestHub({ open });
  });
  afterAll(() => hub.close());

  const siteNodes = async () => {
    const { data } = await hub.query<StudyData>(READ);
    return Object.fromEntries(data.study.sites.edges.map(({ node }) => [node.code, node] as const));
  };

  it('is created once, under a valid id, by a coordinator only', async () => {
    const create = `mutation ($id: ID!) { createStudy(input: { id: $id, title: "A trial" }) { id state version } }`;
    const { data } = await hub.query(create, { id: 'trial' });
    expect(data).toEqual({ createStudy: { id: 'trial', state: 'draft', version: 0 } });
    expect((await hub.query(create, { id: 'trial' })).error?.code).toBe('STUDY_EXISTS');
    expect((await hub.query(create, { id: 'No Id' })).error).toMatchObject({
      code: 'INPUT_INVALID',
      where: 'input.id',
    });
    expect((await hub.query(create, { id: 'other' }, hub.tokens.reviewer)).error?.code).toBe('FORBIDDEN');
    expect((await hub.query(create, { id: 'other' }, null)).error?.code).toBe('UNAUTHENTICATED');
    expect((await hub.query(create, { id: 'other' }, 'x'.repeat(43))).error?.code).toBe('UNAUTHENTICATED');
    const { data: list } = await hub.query('{ studies { edges { node { id } } } me { role name } }');
    expect(list).toEqual({
      studies: { edges: [{ node: { id: 'trial' } }] },
      me: { role: 'coordinator', name: 'coordinator' },
    });
  });

  it('takes a protocol that is valid, of this study, and written on the version read', async () => {
    const write = (protocol: unknown, version: number) => hub.query(WRITE, { protocol, version });
    expect((await write({ ...TEST_PROTOCOL, features: [] }, 0)).error).toMatchObject({ code: 'PROTOCOL_INVALID' });
    expect((await write({ ...TEST_PROTOCOL, studyId: 'x' }, 0)).error).toMatchObject({ code: 'PROTOCOL_INVALID' });
    expect((await write(TEST_PROTOCOL, 0)).data).toEqual({
      writeProtocol: { state: 'draft', version: 1, protocolDigest: null },
    });
    expect((await write(TEST_PROTOCOL, 0)).error).toMatchObject({ code: 'STUDY_CHANGED' });
  });

  it('cannot be frozen before its sites are invited, nor without its title', async () => {
    expect((await hub.query(FREEZE, { title: 'A trial' })).error?.what).toContain('site-a, site-b');
    for (const code of ['site-a', 'site-b']) {
      const { data } = await hub.query<{ inviteSite: { token: string } }>(INVITE, { code });
      tokens[code] = data.inviteSite.token;
    }
    expect((await hub.query(FREEZE, { title: 'a trial' })).error?.code).toBe('TITLE_NOT_CONFIRMED');
  });

  it('lets a site join with its token, gives it no protocol yet, and refuses the token to another key', async () => {
    for (const code of ['site-a', 'site-b']) {
      const site = new TestSite(hub.url, hub.keys, code);
      const joined = await site.join(tokens[code]);
      expect(joined).toMatchObject({ status: 200, isSigned: true, body: { studyId: 'trial', site: code } });
      expect((await site.join(tokens[code])).status).toBe(200); // its answer was lost: the same agent asks again
      sites[code] = site;
    }
    const thief = new TestSite(hub.url, hub.keys, 'site-a');
    expect((await thief.join(tokens['site-a'])).body.code).toBe('TOKEN_USED');
    const { status, body, isSigned } = await sites['site-a'].call<Record<string, unknown>>('GET', 'orders');
    expect({ status, isSigned }).toEqual({ status: 200, isSigned: true });
    expect(body).toMatchObject({ protocol: null, wanted: [], isFinished: false });
  });

  it('keeps no secret of a token, only its digest', async () => {
    const rows = JSON.stringify(await hub.database.client.invitation.findMany());
    const secret = tokens['site-a'].split('.')[1];
    expect(rows).not.toContain(secret);
    expect(rows).toContain(sha256(secret));
  });

  it('is frozen under the digest of its protocol, for good', async () => {
    const { data } = await hub.query(FREEZE, { title: 'A trial' });
    const digest = protocolDigest(TEST_PROTOCOL);
    expect(data).toMatchObject({ freezeStudy: { state: 'frozen', protocolDigest: digest } });
    expect((await hub.query(WRITE, { protocol: TEST_PROTOCOL, version: 2 })).error?.code).toBe('STUDY_STATE');
    expect((await hub.query(INVITE, { code: 'site-z' })).error?.code).toBe('STUDY_STATE');
    const { body } = await sites['site-b'].call<Record<string, unknown>>('GET', 'orders');
    expect(body).toMatchObject({ protocol: TEST_PROTOCOL, protocolDigest: digest });
    expect(body['wanted']).toEqual([{ kind: 'features', lockDigest: null }]);
  });

  it('takes in what a development site releases, and shows what it still waits for', async () => {
    const site = sites['site-a'];
    const status = { format: 'concord.status/1', phase: 'sending', caseCount: 12, doneCount: 11, refusedCount: 1 };
    await site.call('POST', 'status', Buffer.from(JSON.stringify(status)));
    expect((await siteNodes())['site-a']).toMatchObject({
      state: 'joined',
      role: 'development',
      phase: 'sending',
      doneCount: 11,
      waitingFor: 'its features and outcomes',
    });
    const features = site.message('features', 1, featureRows('a'));
    expect(await site.deliver(features)).toMatchObject({ status: 200, isSigned: true, body: { sequence: 1 } });
    const outcomes = await site.deliver(site.message('outcomes', 2, outcomeRows('a')));
    expect(outcomes).toMatchObject({ status: 200, body: { sequence: 2, kind: 'outcomes' } });
    const { 'site-a': done, 'site-b': waiting } = await siteNodes();
    expect(done).toMatchObject({
      waitingFor: null,
      releases: [{ kind: 'features', rowCount: 12 }, { kind: 'outcomes' }],
    });
    expect(waiting).toMatchObject({ waitingFor: 'its features', releases: [] });
    const { body } = await site.call<Record<string, unknown>>('GET', 'orders');
    expect(body).toMatchObject({ wanted: [], received: [{ sequence: 1, messageDigest: sha256(features) }, {}] });
  });

  it('gives a released table out by its digest to people of the hub, and to nobody else', async () => {
    const [release] = await hub.database.client.release.findMany({ orderBy: { sequence: 'asc' } });
    const get = (token?: string) =>
      fetch(
        `${hub.url}/objects/${release.tableDigest}`,
        token ? { headers: { authorization: `Bearer ${token}` } } : {},
      );
    const response = await get(hub.tokens.reviewer);
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(release.tableDigest);
    expect((await get()).status).toBe(401);
    const absent = await fetch(`${hub.url}/objects/${'0'.repeat(64)}`, {
      headers: { authorization: `Bearer ${hub.tokens.reviewer}` },
    });
    expect(await absent.json()).toMatchObject({ code: 'OBJECT_MISSING' });
  });

  it('has one audit entry for every change, in an unbroken chain that says who did it', async () => {
    const { data } = await hub.query<StudyData>(READ);
    const entries = data.study.audit.edges.map(({ node }) => `${node.actor} ${node.action}`);
    expect(entries).toEqual([
      'coordinator study.created',
      'coordinator study.protocol-written',
      'coordinator site.invited',
      'coordinator site.invited',
      'site:site-a site.joined',
      'site:site-b site.joined',
      'coordinator study.frozen',
      'site:site-a release.received',
      'site:site-a release.received',
    ]);
    expect(await new AuditService(hub.database, hub.clock).firstBrokenSequence('trial')).toBeNull();
  });

  it('logs neither tokens nor what was sent', () => {
    const text = hub.logLines.join('');
    expect(text).toContain('"path":"/agent/v1/orders"');
    for (const secret of [hub.tokens.coordinator, tokens['site-a'], 'recurrence', 'ACME']) {
      expect(text).not.toContain(secret);
    }
  });

  it('tells watchers over server-sent events, once they are known', async () => {
    const query = 'subscription { studyChanged(studyId: "trial") { what } }';
    const watch = (token: string | null, body: object) =>
      fetch(`${hub.url}/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      });
    const reader = (await watch(hub.tokens.reviewer, { query })).body!.pipeThrough(new TextDecoderStream()).getReader();
    const next = async (part: string) => {
      let text = '';
      while (!text.includes(part)) text += (await reader.read()).value;
      return text;
    };
    expect(await next('"what"')).toContain('study');
    const status = { format: 'concord.status/1', phase: 'idle', caseCount: 12, doneCount: 12, refusedCount: 0 };
    await sites['site-a'].call('POST', 'status', Buffer.from(JSON.stringify(status)));
    expect(await next('"what":["sites"]')).toContain('studyChanged');
    await reader.cancel();
    expect(await (await watch(null, { query })).text()).toContain('UNAUTHENTICATED');
    expect(await (await watch(hub.tokens.reviewer, { query: '{ me { name } }' })).text()).toContain('QUERY_REFUSED');
    const deep = `subscription { studyChanged(studyId: "trial") { what nothing } }`;
    expect((await watch(hub.tokens.reviewer, { query: deep })).status).toBe(400);
  });
});
