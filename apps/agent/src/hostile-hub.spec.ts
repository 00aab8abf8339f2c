import { protocolDigest, sha256, type SiteOrders } from '@concord/contracts';

import { FakeHub, refusal } from './fake-hub.js';
import { pass, PROTOCOL, TestSite } from './test-agent.js';

let hub: FakeHub;
let site: TestSite;

beforeEach(async () => {
  hub = new FakeHub(PROTOCOL);
  site = new TestSite();
  await hub.start();
});

afterEach(async () => {
  site.close();
  await hub.stop();
});

describe('a hub that refuses or lies', () => {
  beforeEach(async () => {
    site.writeTable(12);
    await site.join(hub);
  });

  it('is shown with its own words, and tried again', async () => {
    let isRefusing = true;
    hub.onRequest = ({ path }, moment) => {
      if (isRefusing && moment === 'before' && path.startsWith('messages/')) throw refusal('STUDY_STATE');
      return undefined;
    };
    const agent = site.agent();
    expect(await pass(agent)).toBe('STUDY_STATE');
    expect(agent.releases.list()[0]).toMatchObject({
      state: 'sealed',
      problem: { code: 'STUDY_STATE', where: 'fake hub' },
    });
    isRefusing = false;
    expect(await pass(agent)).toBeNull();
    expect(agent.releases.list()[0]).toMatchObject({ state: 'acknowledged', problem: null });
  });

  it('gets nothing while its answers are not signed', async () => {
    hub.areRepliesSigned = false;
    const agent = site.agent();
    expect(await pass(agent)).toBe('HUB_REPLY_UNSIGNED');
    expect(agent.accepted).toBeNull();
    expect(hub.seen.filter(({ path }) => path.startsWith('uploads'))).toHaveLength(0);
  });

  const other = { ...PROTOCOL, features: [...PROTOCOL.features, 'stat_max'] };
  const twists: [string, (orders: SiteOrders) => unknown][] = [
    ['names another digest than its protocol has', (orders) => ({ ...orders, protocolDigest: sha256('x') })],
    ['changes the protocol under the digest', (orders) => ({ ...orders, protocol: other })],
    ['adds a list of columns', (orders) => ({ ...orders, columns: ['months'] })],
    [
      'wants columns in an order',
      (orders) => ({ ...orders, wanted: [{ kind: 'features', lockDigest: null, columns: ['x'] }] }),
    ],
    ['wants images', (orders) => ({ ...orders, wanted: [{ kind: 'images', lockDigest: null }] })],
    ['wants data without a protocol', (orders) => ({ ...orders, protocol: null, protocolDigest: null })],
    ['speaks for another study', (orders) => ({ ...orders, studyId: 'other' })],
    ['speaks to another site', (orders) => ({ ...orders, site: 'site-b' })],
    [
      'leaves this site out of the protocol',
      (orders) => withProtocol(orders, { sites: PROTOCOL.sites.map((s) => ({ ...s, code: `${s.code}x` })) }),
    ],
    ['sends a receipt that is none', (orders) => ({ ...orders, received: [{ kind: 'features' }] })],
    ['sends no object', () => 'orders'],
    ['speaks another format', (orders) => ({ ...orders, format: 'concord.orders/2' })],
    [
      'names a lock that is no digest',
      (orders) => ({ ...orders, wanted: [{ kind: 'outcomes', lockDigest: '../..' }] }),
    ],
    ['sends a protocol that is none', (orders) => ({ ...orders, protocol: { title: 'x' } })],
    [
      'takes this site for validation and wants outcomes unlocked',
      (orders) =>
        withProtocol(orders, {
          sites: PROTOCOL.sites.map((s) => ({
            ...s,
            role: s.code === 'site-a' ? 'externalValidation' : 'development',
          })),
        }),
    ],
  ];

  function withProtocol(orders: SiteOrders, change: object): unknown {
    const protocol = { ...PROTOCOL, ...change };
    return { ...orders, protocol, protocolDigest: protocolDigest(protocol) };
  }

  it.each(twists)('that %s gets no byte of data, and the ledger says why once', async (_, twist) => {
    hub.twistOrders = twist;
    const agent = site.agent();
    expect(await pass(agent)).toBe('ORDERS_REFUSED');
    expect(await pass(agent)).toBe('ORDERS_REFUSED');
    expect(agent.releases.list()).toHaveLength(0);
    expect(hub.seen.filter(({ path }) => path !== 'join').every(({ byteCount }) => byteCount === 0)).toBe(true);
    expect(agent.ledger.entries().filter(({ action }) => action === 'orders refused')).toHaveLength(1);
  });

  it('that changes a protocol this site has accepted gets nothing more', async () => {
    const agent = site.agent('hold');
    expect(await pass(agent)).toBeNull();
    agent.decisions.approve(1, 'Dr Test');
    hub.protocol = other;
    expect(await pass(agent)).toBe('PROTOCOL_CHANGED');
    expect(hub.arrivals).toHaveLength(0);
    hub.protocol = PROTOCOL;
    expect(await pass(agent)).toBeNull();
    expect(hub.arrivals).toHaveLength(1);
  });
});
