import { request } from 'node:http';

import { FakeHub } from '../fake-hub.js';
import { NEVER, PROTOCOL, TestSite } from '../test-agent.js';
import type { Agent } from '../agent.js';
import { binCounts } from './histogram.js';
import { html } from './html.js';
import { PageServer } from './page-server.js';
import { durationOf } from './words.js';

let hub: FakeHub;
let site: TestSite;
let agent: Agent;
let page: PageServer;

beforeEach(async () => {
  hub = new FakeHub(PROTOCOL);
  site = new TestSite();
  await hub.start();
  site.writeTable(12, (line, row) => (row === 4 ? line.replace('SIEMENS', '<b>&"ACME') : line));
  await site.join(hub);
  agent = site.agent('hold');
  page = new PageServer(agent);
  await page.start(0);
});

afterEach(async () => {
  await page.stop();
  site.close();
  await hub.stop();
});

async function get(path: string): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(page.url + path);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<number> {
  const body = new URLSearchParams(form);
  return (await fetch(page.url + path, { method: 'POST', body, headers, redirect: 'manual' })).status;
}

/** A held table on the desk, and the fields of its form. */
async function holdTable(): Promise<Record<string, string>> {
  site.writeTable(12);
  await agent.work(NEVER);
  await agent.contact();
  const { text } = await get('releases/1');
  const field = (name: string): string => new RegExp(`name="${name}"\\s+value="([0-9a-f]+)"`).exec(text)?.[1] ?? '';
  return { formToken: field('formToken'), tableDigest: field('tableDigest'), by: 'Dr Test', study: 'A study' };
}

describe('the page', () => {
  it('says first what to do, then what waits, then that nothing does', async () => {
    expect((await get('')).text).toContain('There are no cases yet.');
    const form = await holdTable();
    expect((await get('')).text).toContain('One release waits for your decision.');
    expect(await post('releases/1/approve', form)).toBe(303);
    await agent.contact();
    expect((await get('')).text).not.toContain('The hub does not answer');
    await hub.stop();
    await agent.contact().catch(() => undefined);
    expect((await get('')).text).toMatch(/The hub does not answer \(ECONNREFUSED\)/);
  });

  it('shows why a table is kept back, and escapes what a file says', async () => {
    await agent.work(NEVER);
    await agent.contact();
    const { text } = await get('');
    expect(text).toContain('Its text has characters beyond letters, digits and simple signs');
    expect(text).toContain('TEXT_NOT_ALLOWED');
    expect(html`<p title="${'"'}">${'<b>&'}</p>`.markup).toBe('<p title="&quot;">&lt;b&gt;&amp;</p>');
  });

  it('shows exactly the table that would leave, and its bytes as CSV', async () => {
    await holdTable();
    const { text } = await get('releases/1');
    expect(text).toContain('This is the first table of features.');
    expect(text).toContain('manufacturer</span>: SIEMENS (12)');
    expect(text.match(/<figure/g)).toHaveLength(2);
    expect(text).not.toContain('MRN-');
    const csv = (await get('releases/1.csv')).text.trim().split('\n');
    expect(csv[0]).toBe('pseudonym,manufacturer,stat_mean,stat_var');
    expect(csv).toHaveLength(13);
    expect((await get('ledger.json')).text).toContain('"prepared"');
    expect((await get('ledger')).text).toContain('The chain holds');
  });

  it('needs name and study to let a table leave', async () => {
    const form = await holdTable();
    expect(await post('releases/1/approve', { ...form, study: 'Another study' })).toBe(422);
    expect(await post('releases/1/approve', { ...form, by: ' ' })).toBe(422);
    expect(await post('releases/1/refuse', { ...form, reason: '' })).toBe(422);
    expect(agent.releases.get(1).state).toBe('held');
    expect(await post('releases/1/refuse', { ...form, reason: 'no vote' })).toBe(303);
    expect(agent.releases.get(1).state).toBe('refused');
    expect(await post('releases/1/approve', form)).toBe(409);
  });

  it('takes no form that it did not make itself, or that was made for another table', async () => {
    const form = await holdTable();
    expect(await post('releases/1/approve', { ...form, formToken: '' })).toBe(403);
    expect(await post('releases/1/approve', { ...form, formToken: form['formToken'].replace(/./, 'x') })).toBe(403);
    expect(await post('releases/1/approve', form, { origin: 'http://evil.example' })).toBe(403);
    expect(await post('releases/1/approve', { ...form, tableDigest: '0'.repeat(64) })).toBe(409);
    expect(await post('releases/1/approve', { ...form, by: 'x'.repeat(20_000) })).toBe(413);
    expect(agent.releases.get(1).state).toBe('held');
  });

  it('answers under the names of this computer only', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(page.url, { headers: { host: 'evil.example' } }, (reply) => resolve(reply.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
    const { headers } = await get('');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('says so when a page, a release or a method is not there', async () => {
    expect((await get('nothing')).status).toBe(404);
    expect((await get('releases/7')).status).toBe(404);
    expect((await fetch(page.url, { method: 'DELETE' })).status).toBe(405);
    expect(await post('releases', { formToken: 'x' })).toBe(403);
  });
});

describe('a histogram', () => {
  it('counts every value once, the greatest in the last bar', () => {
    expect(binCounts(Float64Array.of(0, 1, 11, 12), 0, 12)).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(binCounts(Float64Array.of(5, 5), 5, 5)[6]).toBe(2);
  });
});

describe('durations', () => {
  it.each([
    [1, 'a second'],
    [40, '40 seconds'],
    [61, '1 minute'],
    [7200, '2 hours'],
    [3 * 86400, '3 days'],
  ])('of %d s read as "%s"', (seconds, words) => expect(durationOf(seconds)).toBe(words));
});
