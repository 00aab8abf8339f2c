import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseProtocol } from '@concord/contracts';
import { parse } from 'yaml';

import { sendJson, specServer, type SpecServer } from '../hub/spec-hub.js';
import { runCli } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-study-'));
const tokenFile = join(folder, 'mine.token');
writeFileSync(tokenFile, 'a-token-of-more-than-twenty-characters\n', { mode: 0o600 });
const JOIN_TOKEN = 'concord-join-1.secret.key.key';

let hub: SpecServer;
/** What the hub answers to the next queries. */
let reply: unknown = {};
beforeAll(async () => {
  hub = await specServer((_, response) => {
    if (typeof reply === 'string') response.writeHead(200, { 'content-type': 'text/html' }).end(reply);
    else sendJson(response, reply);
  });
});
beforeEach(() => void (hub.asked.length = 0));
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

async function concord(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const exitCode = await runCli([...argv, '--hub', hub.url, '--token-file', tokenFile], { version: '9.9.9', streams });
  return { exitCode, out, err };
}

const refusal = (code: string) => ({
  errors: [{ message: 'm', extensions: { code, what: 'it is so', where: 'study s', fix: 'Do that.' } }],
});

describe('concord study', () => {
  it.each([
    ['STUDY_STATE', 5],
    ['TITLE_NOT_CONFIRMED', 5],
    ['FORBIDDEN', 5],
    ['RUN_STATE', 5],
    ['STUDY_EXISTS', 3],
    ['UNAUTHENTICATED', 3],
  ])('passes %s of the hub through as it is and exits %i', async (code, exit) => {
    reply = refusal(code);
    const { exitCode, out } = await concord('study', 'start', 's', '--json');
    expect(exitCode).toBe(exit);
    expect(JSON.parse(out)).toEqual({ code, what: 'it is so', where: 'study s', fix: 'Do that.' });
  });

  it('exits 6 where a page of a proxy answers in the hub’s place', async () => {
    reply = '<html>Please log in</html>';
    const { exitCode, err } = await concord('study', 'list');
    expect(exitCode).toBe(6);
    expect(err).toContain('is not a hub');
  });

  it('exits 6 where nothing answers', async () => {
    const streams = { out: () => undefined, err: () => undefined };
    const argv = ['study', 'list', '--hub', 'http://127.0.0.1:1', '--token-file', tokenFile];
    expect(await runCli(argv, { version: '9', streams })).toBe(6);
  });

  it('says so when the hub knows no such study', async () => {
    reply = { data: { study: null } };
    const { exitCode, out } = await concord('study', 'show', 'nope', '--json');
    expect([exitCode, (JSON.parse(out) as { code: string }).code]).toEqual([3, 'STUDY_UNKNOWN']);
  });
});

describe('concord study invite', () => {
  beforeEach(() => {
    reply = { data: { inviteSite: { token: JOIN_TOKEN, expiresAt: '2026-12-01T00:00:00.000Z' } } };
  });

  it('writes the token to a file of its owner only, and never prints it', async () => {
    const file = join(folder, 'site-a.token');
    const { exitCode, out, err } = await concord('study', 'invite', 's', 'site-a', '--out', file, '--json');
    expect(exitCode).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`${JOIN_TOKEN}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(out + err).not.toContain(JOIN_TOKEN);
    expect(JSON.parse(out)).toEqual({ studyId: 's', code: 'site-a', expiresAt: '2026-12-01T00:00:00.000Z', file });
  });

  it('prints it when asked to', async () => {
    const { out } = await concord('study', 'invite', 's', 'site-a', '--print');
    expect(out).toBe(`${JOIN_TOKEN}\n`);
  });

  it('asks the hub for nothing when the token could not be kept', async () => {
    const file = join(folder, 'kept.token');
    writeFileSync(file, 'older');
    for (const out of [file, join(folder, 'no-such-folder', 'a.token')]) {
      const { exitCode } = await concord('study', 'invite', 's', 'site-a', '--out', out);
      expect(exitCode).toBe(3);
    }
    expect(hub.asked).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('older');
  });
});

describe('concord study protocol', () => {
  it.each(['images', 'table'])('prints a protocol for %s that the hub would take', async (kind) => {
    const { out } = await concord('study', 'protocol', '--template', kind);
    const { source } = parseProtocol(parse(out));
    expect(source.kind).toBe(kind);
    expect(hub.asked).toEqual([]);
  });

  it('names what is wrong in a file before the hub is asked', async () => {
    const { out } = await concord('study', 'protocol', '--template', 'table');
    const file = join(folder, 'protocol.yaml');
    writeFileSync(file, out.replace('alpha: 0.5', 'alpha: 5').replace('studyId: my-study', 'studyId: My Study'));
    const refused = await concord('study', 'protocol', '--file', file, '--json');
    expect(refused.exitCode).toBe(3);
    expect(JSON.parse(refused.out)).toMatchObject({ code: 'PROTOCOL_INVALID', where: file });
    expect((JSON.parse(refused.out) as { what: string }).what).toMatch(/studyId.*model\.alpha/s);
    expect(hub.asked).toEqual([]);
  });

  it('refuses text that is neither YAML nor JSON', async () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'a: [1, 2');
    expect((await concord('study', 'protocol', '--file', file)).exitCode).toBe(3);
  });
});

describe('concord study freeze', () => {
  it('asks for the title, and without a terminal wants it as an option', async () => {
    reply = { data: { study: { id: 's', title: 'T', state: 'draft', version: 1 } } };
    const { exitCode, err } = await concord('study', 'freeze', 's');
    expect(exitCode).toBe(2);
    expect(err).toContain('--confirm TITLE');
    expect(hub.asked.some(({ body }) => body.includes('freezeStudy'))).toBe(false);
  });
});

describe('concord report fetch', () => {
  const digest = 'a'.repeat(64);
  const study = { state: 'validated', report: { digest, htmlDigest: digest }, assessments: [] };
  const manifest = (outputs: Record<string, string>) => ({
    format: 'concord.bundle/1',
    studyId: 's',
    protocol: {},
    protocolDigest: digest,
    hubSignKey: 'AAAA',
    hubSignature: 'AAAA',
    lock: null,
    sites: [],
    releases: [],
    audit: [],
    steps: [{ name: 'report', kind: 'report', site: null, inputs: {}, inputDigest: digest, outputs }],
  });

  async function fetchFrom(outputs: Record<string, string>) {
    const lying = await specServer((request, response) => {
      if (request.url === '/graphql') sendJson(response, { data: { study } });
      else if (request.url === '/studies/s/bundle') sendJson(response, manifest(outputs));
      else response.writeHead(200).end('other bytes');
    });
    const out = mkdtempSync(join(folder, 'fetched-'));
    let said = '';
    const streams = { out: () => undefined, err: (text: string) => void (said += text) };
    const argv = ['report', 'fetch', 's', '--out', out, '--hub', lying.url, '--token-file', tokenFile];
    const exitCode = await runCli(argv, { version: '9', streams });
    await lying.close();
    return { exitCode, said, out };
  }

  it('keeps nothing of an object whose bytes are not those of its digest', async () => {
    const { exitCode, said, out } = await fetchFrom({ report: digest, html: digest });
    expect(exitCode).toBe(3);
    expect(said).toContain('not the one asked for');
    expect(existsSync(join(out, 'bundle', 'objects', digest))).toBe(false);
    expect(existsSync(join(out, 'bundle', 'bundle.json'))).toBe(false);
  });

  it('writes to no path that a hub makes up', async () => {
    const { exitCode, said, out } = await fetchFrom({ report: '../../../escaped', html: digest });
    expect(exitCode).toBe(3);
    expect(said).toContain('steps.0.outputs.report: not a SHA-256');
    expect(existsSync(join(out, '..', 'escaped'))).toBe(false);
  });

  it('says what is missing while there is no report', async () => {
    reply = { data: { study: { ...study, state: 'frozen', report: null } } };
    const { exitCode, out } = await concord('report', 'fetch', 's', '--out', join(folder, 'none'), '--json');
    expect([exitCode, (JSON.parse(out) as { code: string }).code]).toEqual([3, 'REPORT_NOT_READY']);
  });
});
