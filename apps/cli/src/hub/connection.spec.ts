import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ConcordError } from '@concord/errors';

import { Cli } from '../lib/cli.js';
import { connect, isLoopback, type HubFlags } from './connection.js';
import { sendJson, specServer } from './spec-hub.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-connection-'));
afterAll(() => rmSync(folder, { recursive: true }));
const TOKEN = 'a-token-of-more-than-twenty-characters';

function tokenFile(name: string, text = `${TOKEN}\n`, mode = 0o600): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function tryConnect(flags: HubFlags, environment: Record<string, string> = {}) {
  let said = '';
  const cli = new Cli({ out: () => undefined, err: (text) => void (said += text) }, () => ({}), '0');
  try {
    return { url: connect(flags, cli, environment).url, said, code: null };
  } catch (error) {
    if (error instanceof ConcordError) return { url: null, said: said + error.message, code: error.code };
    throw error;
  }
}

describe('connect', () => {
  it('takes option, then environment, then the hub of this machine with the token in its folder', () => {
    tokenFile('coordinator.token');
    const environment = { CONCORD_HUB_DATA: folder };
    expect(tryConnect({}, environment).url).toBe('http://127.0.0.1:8640/');
    expect(tryConnect({}, { ...environment, CONCORD_HUB_URL: 'http://127.0.0.1:9000' }).url).toBe(
      'http://127.0.0.1:9000/',
    );
    const flags = { hub: 'https://hub.example', tokenFile: tokenFile('mine') };
    expect(tryConnect(flags, { ...environment, CONCORD_HUB_URL: 'http://x' })).toEqual({
      url: 'https://hub.example/',
      said: '',
      code: null,
    });
  });

  it('sends the token of this machine’s hub to no other machine', () => {
    expect(tryConnect({ hub: 'https://hub.example' }, { CONCORD_HUB_DATA: folder }).code).toBe('TOKEN_FILE');
  });

  it('warns of a token that others read, and of one that travels in the clear', () => {
    expect(tryConnect({ tokenFile: tokenFile('open', TOKEN, 0o644) }).said).toContain('chmod 600');
    expect(tryConnect({ hub: 'http://hub.example', tokenFile: tokenFile('mine') }).said).toContain('unprotected');
  });

  it.each(['', 'short', 'two words of more than twenty letters', `${TOKEN}\n${TOKEN}`])(
    'refuses the token file “%s” and does not repeat it',
    (text) => {
      const { code, said } = tryConnect({ tokenFile: tokenFile('bad', text) });
      expect(code).toBe('TOKEN_FILE');
      if (text !== '') expect(said).not.toContain(text);
    },
  );

  it.each(['hub.example', 'ftp://hub.example', 'https://me:secret@hub.example'])('refuses the address %s', (hub) => {
    expect(tryConnect({ hub, tokenFile: tokenFile('mine') }).code).toBe('USAGE');
  });

  it('knows this machine by its names, and no other as this one', () => {
    expect(['localhost', '127.0.0.1', '127.4.5.6', '[::1]'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['localhost.evil.example', '127.0.0.1.nip.io', '10.0.0.1'].map(isLoopback)).toEqual([false, false, false]);
  });
});

describe('the client it makes', () => {
  it('sends the token to the address given and follows no other', async () => {
    const elsewhere = await specServer((_, response) => sendJson(response, {}));
    const hub = await specServer((_, response) => response.writeHead(302, { location: elsewhere.url }).end());
    try {
      const cli = new Cli({ out: () => undefined, err: () => undefined }, () => ({}), '0');
      const client = connect({ hub: hub.url, tokenFile: tokenFile('mine') }, cli, {});
      await expect(client.bytes('/objects/x')).rejects.toMatchObject({ code: 'HUB_UNREACHABLE' });
      expect(hub.asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${TOKEN}`]);
      expect(elsewhere.asked).toEqual([]);
    } finally {
      await Promise.all([hub.close(), elsewhere.close()]);
    }
  });
});
