import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sendJson, specServer } from '../hub/spec-hub.js';
import { runChecks, type Finding } from './check.js';
import { authoritiesOutcome, certificateOutcome, clockOutcome, networkChecks } from './network-checks.js';
import type { RemoteSettings } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-network-'));
afterAll(() => rmSync(folder, { recursive: true }));

const straight = { from: '--hub', proxyUrl: null, noProxy: null, caFile: null };

/** Findings by the id of their check. */
async function look(remote: RemoteSettings, now = () => new Date()): Promise<Record<string, Finding>> {
  const findings = await runChecks(networkChecks(remote, now), () => undefined);
  return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
}

const states = (findings: Record<string, Finding>) =>
  Object.fromEntries(Object.entries(findings).map(([id, { state }]) => [id, state]));

/** Answers as a hub does to one who has no key. */
function likeAHub(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/health') sendJson(response, { status: 'ok' });
  else sendJson(response, { code: 'SIGNATURE_INVALID', what: '', where: '', fix: '' }, 401);
}

describe('the way to a hub', () => {
  it('is found open to a hub on this machine', async () => {
    const hub = await specServer(likeAHub);
    const findings = await look({ ...straight, url: hub.url });
    await hub.close();
    expect(states(findings)).toEqual({
      'hub-name': 'ok',
      proxy: 'skipped',
      authorities: 'skipped',
      'hub-answers': 'ok',
      certificate: 'skipped',
      clock: 'ok',
      uploads: 'ok',
    });
    expect(hub.asked.at(-1)?.body.length).toBeGreaterThan(100_000);
  });

  it('is found closed where nothing listens, and what follows is not guessed', async () => {
    const findings = await look({ ...straight, url: 'http://127.0.0.1:1' });
    expect(findings['hub-answers']).toMatchObject({ state: 'failed', what: expect.stringContaining('ECONNREFUSED') });
    expect([findings['clock']?.state, findings['uploads']?.state]).toEqual(['skipped', 'skipped']);
    expect((await look({ ...straight, url: 'http://no-such-hub.invalid' }))['hub-name']?.state).toBe('failed');
    expect((await look({ ...straight, url: 'hub.example' }))['hub-name']?.state).toBe('failed');
  });

  it('is not open where the page of a login answers, or large requests are cut', async () => {
    const login = await specServer((_, response) => response.writeHead(200).end('<html>Log in</html>'));
    expect((await look({ ...straight, url: login.url }))['hub-answers']?.what).toContain('is not a hub');
    await login.close();
    const cutting = await specServer((request, response) =>
      request.url === '/health' ? likeAHub(request, response) : response.writeHead(413).end('too large'),
    );
    const { uploads } = await look({ ...straight, url: cutting.url });
    await cutting.close();
    expect(uploads).toMatchObject({ state: 'failed', what: expect.stringContaining('413') });
  });

  it('shows a clock that is wrong', async () => {
    const hub = await specServer(likeAHub);
    const late = await look({ ...straight, url: hub.url }, () => new Date(Date.now() + 3_600_000));
    await hub.close();
    expect(late['clock']).toMatchObject({ state: 'failed', what: expect.stringMatching(/(59 minutes|1 hour)$/) });
    const now = new Date('2026-11-23T12:00:00Z');
    const off = (seconds: number) => clockOutcome(new Date(now.getTime() - seconds * 1000), now).state;
    expect([0, 9, 60, -60, 600].map(off)).toEqual(['ok', 'ok', 'warning', 'warning', 'failed']);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
(hasOpenssl ? describe : describe.skip)('a hub behind TLS and a proxy (needs openssl)', () => {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  let hub: ReturnType<typeof createHttpsServer>;
  let proxy: ReturnType<typeof createServer>;
  let [hubUrl, proxyUrl] = ['', ''];
  const tunnels: string[] = [];
  let isProxyClosed = false;

  beforeAll(async () => {
    const subject = ['-subj', '/O=Hospital IT/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '90', '-keyout', key, '-out', certificate];
    spawnSync('openssl', [...made, ...subject]);
    hub = createHttpsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      request.resume().on('end', () => likeAHub(request, response));
    });
    proxy = createServer();
    proxy.on('connect', (request, client) => {
      tunnels.push(request.url ?? '');
      if (isProxyClosed) return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      const [, port] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      return upstream;
    });
    const listen = (server: typeof proxy | typeof hub) =>
      new Promise<number>((resolve) => server.listen(0, () => resolve((server.address() as AddressInfo).port)));
    hubUrl = `https://localhost:${await listen(hub)}`;
    proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
  });
  afterAll(() => {
    hub.close();
    hub.closeAllConnections();
    proxy.close();
  });

  it('is not trusted, and the authority is named, until it is given', async () => {
    const unknown = await look({ ...straight, url: hubUrl });
    expect(unknown['hub-answers']?.state).toBe('ok');
    expect(unknown['certificate']).toMatchObject({ state: 'failed', what: expect.stringContaining('Hospital IT') });
    expect(unknown['certificate']?.fix).toContain('CONCORD_AGENT_CA');
    const known = await look({ ...straight, url: hubUrl, caFile: certificate });
    expect([known['authorities']?.state, known['certificate']?.state]).toEqual(['ok', 'ok']);
    expect(known['certificate']?.what).toMatch(/good for (89|90) days/);
  });

  it('is reached through the proxy, and only through it', async () => {
    tunnels.length = 0;
    const findings = await look({ ...straight, url: hubUrl, caFile: certificate, proxyUrl, noProxy: '' });
    expect(findings['proxy']?.state).toBe('ok');
    expect([findings['certificate']?.state, findings['uploads']?.state]).toEqual(['ok', 'ok']);
    expect(tunnels).toEqual([new URL(hubUrl).host, new URL(hubUrl).host]);
  });

  it('is not reached through a proxy that wants a password', async () => {
    isProxyClosed = true;
    const findings = await look({ ...straight, url: hubUrl, caFile: certificate, proxyUrl, noProxy: '' });
    isProxyClosed = false;
    expect(findings['hub-answers']).toMatchObject({ state: 'failed', what: 'the proxy wants a password' });
    const gone = await look({ ...straight, url: hubUrl, proxyUrl: 'http://127.0.0.1:1', noProxy: '' });
    expect(gone['proxy']).toMatchObject({ state: 'failed', what: expect.stringContaining('ECONNREFUSED') });
  });

  it('does not look away when proxy or authorities are set wrongly', async () => {
    const unread = await look({ ...straight, url: hubUrl, caFile: join(folder, 'absent.pem') });
    expect(states(unread)).toMatchObject({ authorities: 'failed', 'hub-answers': 'ok', certificate: 'failed' });
    const misnamed = await look({
      ...straight,
      url: hubUrl,
      caFile: certificate,
      proxyUrl: 'proxy.example:3128',
      noProxy: '',
    });
    expect(states(misnamed)).toMatchObject({ 'hub-name': 'skipped', proxy: 'failed', 'hub-answers': 'skipped' });
    for (const { what } of Object.values(misnamed)) expect(what).not.toContain('check itself broke');
  });

  it('has an authority file that is looked into', () => {
    const now = new Date();
    expect(authoritiesOutcome(certificate, now).state).toBe('ok');
    expect(authoritiesOutcome(certificate, new Date(now.getTime() + 91 * 86_400_000)).state).toBe('failed');
    const noPem = join(folder, 'no.pem');
    writeFileSync(noPem, 'not a certificate');
    expect([authoritiesOutcome(noPem, now).state, authoritiesOutcome(join(folder, 'x'), now).state]).toEqual([
      'failed',
      'failed',
    ]);
  });
});

it('warns of a certificate that ends soon', () => {
  const now = new Date('2026-11-23T12:00:00Z');
  const seen = (days: number, distrust: string | null = null) => ({
    issuer: 'Authority',
    validTo: new Date(now.getTime() + days * 86_400_000),
    distrust,
  });
  expect(certificateOutcome(seen(60), null, now).state).toBe('ok');
  expect(certificateOutcome(seen(7), null, now).state).toBe('warning');
  expect(certificateOutcome(seen(-1, 'CERT_HAS_EXPIRED'), null, now).what).toContain('ended');
  expect(certificateOutcome(seen(60, 'ERR_TLS_CERT_ALTNAME_INVALID'), null, now).what).toContain('another machine');
});
