import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { KeyPair, StudyProtocol } from '@concord/contracts';

import { ROOT, run } from './installation.js';
import type { RecordingProxy } from './recording-proxy.js';

type ChildModule = typeof import('../../../apps/cli/src/demo/child-process.js');

const CLI = join(ROOT, 'apps/cli/bin/concord.mjs');
const LOOK_MS = 250;

export interface StepView {
  readonly name: string;
  readonly state: string;
  readonly outputs: Readonly<Record<string, string>> | null;
  readonly error: { readonly code: string; readonly what: string } | null;
}

/** A hub and agents as processes of their own; agents reach the hub through a proxy that keeps all that they send. */
export class Network {
  private readonly workers: ChildProcess[] = [];
  private token = '';
  private hubUrl = '';
  private agentUrl = '';

  private constructor(
    private readonly folder: string,
    private readonly proxy: RecordingProxy,
    private readonly hub: Record<string, string>,
    private readonly processes: InstanceType<ChildModule['ProcessGroup']>,
  ) {}

  /** @param hubEnvironment settings of the hub and its workers beside its data folder and port */
  static async start(
    folder: string,
    proxy: RecordingProxy,
    hubEnvironment: Record<string, string> = {},
  ): Promise<Network> {
    mkdirSync(folder, { recursive: true });
    const built = (await import(
      new URL('../../../apps/cli/dist/demo/child-process.js', import.meta.url).href
    )) as ChildModule;
    const hub = { CONCORD_HUB_DATA: join(folder, 'hub'), ...hubEnvironment };
    const network = new Network(folder, proxy, hub, new built.ProcessGroup());
    const settings = { ...hub, CONCORD_HUB_PORT: '0' };
    const { url } = await network.processes.start('hub', CLI, ['hub'], settings, join(folder, 'hub.log'));
    network.hubUrl = url;
    network.agentUrl = await proxy.start(url);
    network.token = readFileSync(join(folder, 'hub', 'coordinator.token'), 'utf8').trim();
    return network;
  }

  /** Starts a process that computes steps. @returns what ends it at once, as a power cut does */
  worker(): () => void {
    const child = spawn(process.execPath, [join(ROOT, 'apps/hub/dist/worker.js')], {
      env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...this.hub },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.pipe(createWriteStream(join(this.folder, `worker-${this.workers.length}.log`)));
    this.workers.push(child);
    return () => void child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    for (const child of this.workers) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await gone;
    }
    await this.processes.stop();
    await this.proxy.stop();
  }

  /** Keys by which the hub opens what agents sealed. */
  get sealKeys(): KeyPair {
    return (JSON.parse(readFileSync(join(this.folder, 'hub', 'hub-keys.json'), 'utf8')) as { seal: KeyPair }).seal;
  }

  /** A frozen study whose run has started. */
  async begin(protocol: StudyProtocol): Promise<void> {
    const { studyId: id, title } = protocol;
    await this.query('mutation ($id: ID!, $title: String!) { createStudy(input: { id: $id, title: $title }) { id } }', {
      id,
      title,
    });
    await this.query(
      'mutation ($id: ID!, $protocol: JSON!) { writeProtocol(studyId: $id, protocol: $protocol, expectedVersion: 0) { id } }',
      { id, protocol },
    );
    for (const { code, name } of protocol.sites) {
      const { inviteSite } = await this.query<{ inviteSite: { token: string } }>(
        'mutation ($id: ID!, $code: ID!, $name: String!) { inviteSite(studyId: $id, code: $code, name: $name) { token } }',
        { id, code, name },
      );
      writeFileSync(this.tokenFile(id, code), inviteSite.token);
    }
    await this.query(
      'mutation ($id: ID!, $title: String!) { freezeStudy(studyId: $id, confirmTitle: $title) { id } }',
      { id, title },
    );
    await this.query('mutation ($id: ID!) { startRun(studyId: $id) { id } }', { id });
  }

  /** Joins a site to a study and starts its agent. @returns its data folder */
  async agent(studyId: string, code: string, table: string, settings: Record<string, string>): Promise<string> {
    const data = join(this.folder, 'agents', studyId, code);
    mkdirSync(data, { recursive: true });
    const own = {
      CONCORD_AGENT_DATA: data,
      CONCORD_AGENT_SOURCE: `table:${table}`,
      CONCORD_AGENT_RULE: 'automatic',
      CONCORD_AGENT_PAGE_PORT: '0',
      CONCORD_AGENT_POLL_MS: '300',
      ...settings,
    };
    const joined = await run(CLI, ['agent', 'join', this.agentUrl, '--token-file', this.tokenFile(studyId, code)], own);
    if (joined.code !== 0) throw new Error(joined.err);
    await this.processes.start(`agent ${code}`, CLI, ['agent'], own, join(data, 'agent.log'));
    return data;
  }

  /** The steps of a run, once these are done. @throws if one failed */
  async ended(studyId: string, names: readonly string[], patienceMs = 60_000): Promise<Map<string, StepView>> {
    const start = performance.now();
    for (;;) {
      const { study } = await this.query<{ study: { run: { steps: StepView[] } } }>(
        'query ($id: ID!) { study(id: $id) { run { steps { name state outputs error } } } }',
        { id: studyId },
      );
      const steps = new Map(study.run.steps.map((step) => [step.name, step]));
      if (names.every((name) => steps.get(name)?.state === 'done')) return steps;
      const failed = study.run.steps.find(({ state }) => state === 'failed');
      if (failed !== undefined) throw new Error(`step ${failed.name} failed: ${JSON.stringify(failed.error)}`);
      if (performance.now() - start > patienceMs)
        throw new Error(`waited too long: ${JSON.stringify([...steps.values()])}`);
      await sleep(LOOK_MS);
    }
  }

  /** When the run of a study ended; null before. */
  async finishedAt(studyId: string): Promise<string | null> {
    const { study } = await this.query<{ study: { run: { finishedAt: string | null } } }>(
      'query ($id: ID!) { study(id: $id) { run { finishedAt } } }',
      { id: studyId },
    );
    return study.run.finishedAt;
  }

  async object(digest: string): Promise<Uint8Array> {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(`${this.hubUrl}/objects/${digest}`, { headers });
    if (!response.ok) throw new Error(`object ${digest}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  async query<T>(query: string, variables: object): Promise<T> {
    const response = await fetch(`${this.hubUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  private tokenFile(studyId: string, code: string): string {
    return join(this.folder, `${studyId}-${code}.token`);
  }
}

/** Waits for what another process does. */
export async function until(
  isThere: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = 60_000,
): Promise<void> {
  const start = performance.now();
  while (!(await isThere())) {
    if (performance.now() - start > patienceMs) throw new Error(`waited too long for ${what}`);
    await sleep(LOOK_MS);
  }
}
