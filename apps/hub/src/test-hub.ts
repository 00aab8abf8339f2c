import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { INestApplicationContext } from '@nestjs/common';

import { AuthService } from './auth/auth.service.js';
import { makeHubKeys, type HubKeys } from './auth/hub-keys.js';
import { Clock } from './clock.js';
import type { Database } from './database/database.js';
import { openTestPglite, type TestDatabase } from './database/test-database.js';
import { createHub } from './hub.js';
import { MemoryObjectStore } from './objects/object.memory-store.js';
import { HubLog } from './observe/hub-log.js';
import { HubSettings } from './platform/hub-settings.js';

/** Stands still until it is moved. */
export class ManualClock extends Clock {
  private ms = Date.parse('2026-03-01T08:00:00Z');

  now(): Date {
    return new Date(this.ms);
  }

  forward(days: number): void {
    this.ms += days * 86_400_000;
  }
}

export interface Answer<T = Record<string, never>> {
  readonly status: number;
  readonly data: T;
  /** Of the first error, or undefined. */
  readonly error: { code: string; what: string; where: string; fix: string } | undefined;
}

/** A whole hub in this process on an empty database in memory, without a worker; reached by HTTP. */
export interface TestHub {
  readonly app: INestApplicationContext;
  readonly url: string;
  readonly database: Database;
  readonly objects: MemoryObjectStore;
  readonly clock: ManualClock;
  readonly keys: HubKeys;
  readonly logLines: string[];
  readonly tokens: { coordinator: string; reviewer: string };
  /** As coordinator, unless another token (or none) is given. */
  query<T>(query: string, variables?: Record<string, unknown>, token?: string | null): Promise<Answer<T>>;
  close(): Promise<void>;
}

export async function openTestHub(
  options: { isProduction?: boolean; webFolder?: string; open?: () => Promise<TestDatabase> } = {},
): Promise<TestHub> {
  const test = await (options.open ?? openTestPglite)();
  const { database } = test;
  const uploadFolder = mkdtempSync(join(tmpdir(), 'concord-uploads-'));
  const settings = new HubSettings(uploadFolder, options.isProduction ?? false, options.webFolder ?? null);
  const [objects, clock, keys] = [new MemoryObjectStore(), new ManualClock(), makeHubKeys()];
  const logLines: string[] = [];
  const log = new HubLog(
    (line) => logLines.push(line),
    () => clock.now(),
  );
  const app = await createHub({ settings, database, objects, clock, keys }, log, false);
  const auth = app.get(AuthService);
  const tokens = {
    coordinator: await auth.issue('coordinator', 'coordinator'),
    reviewer: await auth.issue('reviewer', 'reviewer'),
  };
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    app,
    url,
    database,
    objects,
    clock,
    keys,
    logLines,
    tokens,
    query: (query, variables = {}, token = tokens.coordinator) => ask(url, token, { query, variables }),
    close: async () => {
      await app.close();
      await test.close();
      rmSync(uploadFolder, { recursive: true });
    },
  };
}

async function ask<T>(url: string, token: string | null, body: unknown): Promise<Answer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const reply = (await response.json()) as { data?: T; errors?: { extensions: Answer['error'] }[] };
  return { status: response.status, data: reply.data as T, error: reply.errors?.[0].extensions };
}
