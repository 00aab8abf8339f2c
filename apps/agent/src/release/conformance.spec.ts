import { certificateDigest, makeSigningKeys, verifyCertificate } from '@concord/contracts';

import { HubRefusal } from '../agent-errors.js';
import type { HubClient } from '../hub/hub-client.js';
import { openDatabase } from '../store/database.js';
import { Ledger } from '../store/ledger.js';
import { CERTIFICATE } from '../test-agent.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Conformance } from './conformance.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-conformance-'));
const database = openDatabase(folder);
const ledger = new Ledger(database, () => new Date('2026-03-01T08:00:00Z'));
const keys = makeSigningKeys();
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

it('is made once, shown signed once, and again when the hub has forgotten it', async () => {
  let madeCount = 0;
  const shown: unknown[] = [];
  const hub = { certificate: async (signed: unknown) => void shown.push(signed) } as unknown as HubClient;
  const conformance = new Conformance(() => (madeCount++, CERTIFICATE), keys, hub, ledger);
  expect(await conformance.show()).toBe(certificateDigest(CERTIFICATE));
  await conformance.show();
  expect([madeCount, shown.length]).toEqual([1, 1]);
  expect(verifyCertificate(shown[0], keys.publicKey)).toEqual(CERTIFICATE);
  conformance.forget();
  await conformance.show();
  expect([madeCount, shown.length]).toEqual([1, 2]);
  expect(ledger.entries().map(({ action }) => action)).toEqual(['certificate shown', 'certificate shown']);
});

it('is not taken for shown when the hub refuses it', async () => {
  const refusal = new HubRefusal('CERTIFICATE_INVALID', 'missed', 'certificate', 'mend', true);
  let count = 0;
  const hub = {
    certificate: async () => {
      if (count++ === 0) throw refusal;
    },
  } as unknown as HubClient;
  const conformance = new Conformance(() => CERTIFICATE, keys, hub, ledger);
  await expect(conformance.show()).rejects.toBe(refusal);
  await conformance.show();
  expect(count).toBe(2);
});
