import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256 } from '@concord/contracts';

import { HubSettings } from '../platform/hub-settings.js';
import { UploadStore } from './upload.store.js';

describe('UploadStore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'concord-uploads-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const uploads = () => new UploadStore(new HubSettings(folder, false)); // as after a restart
  const site = { studyId: 'trial', code: 'site-a' };
  const digest = sha256('message');
  const chunk = (byte: number) => new Uint8Array(10).fill(byte);

  it('joins chunks in their order, over a restart in between, for its owner only', async () => {
    expect(await uploads().append(site, digest, 0, 20, chunk(1))).toBe(10);
    expect(await uploads().receivedByteCount(site, digest)).toBe(10);
    expect(await uploads().append(site, digest, 10, 20, chunk(2))).toBe(20);
    expect([...(await uploads().read(site, digest))]).toEqual([...chunk(1), ...chunk(2)]);
    expect(statSync(join(folder, readdirSync(folder)[0])).mode & 0o777).toBe(0o600);
    await expect(uploads().read({ ...site, code: 'site' }, digest)).rejects.toMatchObject({ code: 'UPLOAD_OFFSET' });
  });

  it('takes one of two chunks for the same place, when both come at once', async () => {
    const store = uploads();
    const twice = sha256('twice');
    const [a, b] = await Promise.allSettled([
      store.append(site, twice, 0, 20, chunk(1)),
      store.append(site, twice, 0, 20, chunk(2)),
    ]);
    expect([a.status, b.status]).toEqual(['fulfilled', 'rejected']);
    expect([...(await store.read(site, twice))]).toEqual([...chunk(1)]);
  });

  it('keeps the three last begun messages of a site and nothing of others’ is lost by it', async () => {
    const other = { ...site, code: 'site-b' };
    await uploads().append(other, digest, 0, 10, chunk(3));
    for (const name of ['p', 'q', 'r', 's', 't']) {
      await uploads().append(site, sha256(name), 0, 10, chunk(4));
      await new Promise((resolve) => setTimeout(resolve, 15)); // files are told apart by their time
    }
    const mine = readdirSync(folder).filter((name) => name.startsWith('trial~site-a~'));
    expect(mine.sort()).toEqual(['r', 's', 't'].map((name) => `trial~site-a~${sha256(name)}.part`).sort());
    expect(await uploads().receivedByteCount(other, digest)).toBe(10);
    await uploads().remove(other, digest);
    expect(await uploads().receivedByteCount(other, digest)).toBe(0);
  });

  it.each(['../hub-keys.json', '', 'A'.repeat(64), 'a'.repeat(63)])('names no file by "%s"', async (name) => {
    await expect(uploads().receivedByteCount(site, name)).rejects.toMatchObject({ code: 'MESSAGE_MALFORMED' });
  });
});
