import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';

import type { Certificate, StudyProtocol } from '@concord/contracts';

import { Agent } from './agent.js';
import { readConfig } from './config.js';
import type { FakeHub } from './fake-hub.js';
import { httpSender } from './hub/http-request.js';
import { join } from './identity/join.js';
import { pseudonymKey, requireIdentity, siteKeys } from './identity/site-identity.js';
import { TableSource } from './ingest/table-source.js';
import { jsonLog } from './log.js';
import type { OnStage } from './release/outbox.js';
import { openDatabase } from './store/database.js';
import { Ledger } from './store/ledger.js';
import { Traffic } from './store/traffic.js';

export const PROTOCOL: StudyProtocol = {
  format: 'concord.protocol/1',
  studyId: 'hcc-mvi',
  title: 'Microvascular invasion',
  source: { kind: 'table' },
  features: ['stat_mean', 'stat_var'],
  acquisition: ['manufacturer'],
  outcome: {
    target: 'mvi',
    columns: [
      { name: 'mvi', role: 'binary' },
      { name: 'months', role: 'time' },
    ],
  },
  harmonization: { method: 'combat', batch: 'site', empiricalBayes: 'parametric', stop: 'exact' },
  model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 5 },
  threshold: { rule: 'youden-development' },
  sites: [
    { code: 'site-a', name: 'Hospital A', role: 'development' },
    { code: 'site-b', name: 'Hospital B', role: 'externalValidation' },
  ],
  metrics: ['auc'],
  leakAuditReplicates: 0,
  seed: 1,
};

/** For specs only: a folder with a site's table, and agents on it that can be dropped and made again. */
export class TestSite {
  readonly folder = mkdtempSync(joinPath(tmpdir(), 'concord-agent-'));
  readonly tableFile = joinPath(this.folder, 'features.csv');
  readonly dataFolder = joinPath(this.folder, 'data');
  readonly logLines: string[] = [];
  private readonly sender = httpSender({ proxyUrl: null, noProxy: null, caFile: null, idleTimeoutMs: 5000 });
  private open: { close(): void }[] = [];
  now = new Date('2026-11-24T12:00:00Z');
  /** Settings beside the source, the rule and the pause. */
  settings: Record<string, string> = {};

  writeTable(patientCount: number, change: (line: string, row: number) => string = (line) => line): void {
    const lines = ['patient_id,manufacturer,stat_mean,stat_var,mvi,months'];
    for (let row = 0; row < patientCount; row++) {
      const line = `MRN-${String(row).padStart(6, '0')},SIEMENS,${row / 7},${row * row + 0.5},${row % 2},${row + 1}`;
      lines.push(change(line, row));
    }
    writeFileSync(this.tableFile, `${lines.join('\n')}\n`);
  }

  /** The site's table as it is to stand on disk. */
  writeFile(text: string): void {
    writeFileSync(this.tableFile, `${text}\n`);
  }

  async join(hub: FakeHub, dataFolder = this.dataFolder, token = hub.token): Promise<void> {
    const database = openDatabase(dataFolder);
    try {
      const ledger = new Ledger(database, () => this.now);
      const settings = { hubUrl: hub.url, token, dataFolder, agentVersion: '0', proxyUrl: null, caFile: null };
      await join(settings, this.sender.send, new Traffic(database, ledger), ledger);
    } finally {
      database.close();
    }
  }

  /** A process of the agent, as far as memory goes: all it knows comes from the data folder. */
  agent(rule: 'hold' | 'automatic' = 'automatic', onStage?: OnStage): Agent {
    const env = {
      CONCORD_AGENT_SOURCE: `table:${this.tableFile}`,
      CONCORD_AGENT_RULE: rule,
      CONCORD_AGENT_POLL_MS: '20',
      ...this.settings,
    };
    const config = readConfig(env, this.dataFolder);
    const database = openDatabase(this.dataFolder);
    this.open.push(database);
    return new Agent({
      config,
      identity: requireIdentity(this.dataFolder),
      keys: siteKeys(this.dataFolder),
      pseudonymKey: pseudonymKey(config.pseudonymKeyFile),
      database,
      source: new TableSource(this.tableFile),
      send: this.sender.send,
      log: jsonLog(
        (line) => this.logLines.push(line),
        () => this.now,
      ),
      now: () => this.now,
      certify: () => CERTIFICATE,
      spread: () => 0.5,
      onStage,
    });
  }

  /** Drops every agent made so far, as a crash does. */
  crash(): void {
    for (const database of this.open.splice(0)) database.close();
  }

  close(): void {
    this.crash();
    this.sender.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What the reference cases gave; only agents with images show one. */
export const CERTIFICATE: Certificate = {
  format: 'concord.conformance/1',
  concordVersion: '0.1.0',
  holds: true,
  families: [{ family: 'statistics', holding: 18, checked: 18 }],
};

export const NEVER: AbortSignal = new AbortController().signal;

/** One pass of the agent over cases and hub. @returns the code of what went wrong, or null */
export async function pass(agent: Agent): Promise<string | null> {
  await agent.work(NEVER);
  try {
    await agent.contact();
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Kind and state of every release, oldest first. */
export function statesOf(agent: Agent): string[] {
  return agent.releases.list().map(({ kind, state }) => `${kind} ${state}`);
}
