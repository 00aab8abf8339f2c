import { protocolDigest, type StudyProtocol } from '@concord/contracts';

import { AuditService } from './audit/audit.service.js';
import { HubLog } from './observe/hub-log.js';
import { RunEngine } from './runs/run.engine.js';
import { RunRecords } from './runs/run.records.js';
import { RunService } from './runs/run.service.js';
import { StepComputer } from './runs/step.computer.js';
import { StepEffects } from './runs/step.effects.js';
import { InlineStepPool, type StepPool } from './runs/step.pool.js';
import type { TestHub } from './test-hub.js';
import { TestSite } from './test-site.js';
import { featureTable, outcomeTable, siteData } from './test-study.js';

/** Brings a small study through the hub's own interfaces to its report; the worker is stopped after it. */
export async function finishStudy(
  hub: TestHub,
  protocol: StudyProtocol,
  pool: StepPool = new InlineStepPool(),
): Promise<void> {
  const { studyId } = protocol;
  await hub.query(`mutation { createStudy(input: { id: "${studyId}", title: "A trial" }) { id } }`);
  const write = `mutation ($protocol: JSON!) {
    writeProtocol(studyId: "${studyId}", protocol: $protocol, expectedVersion: 0) { id } }`;
  await hub.query(write, { protocol });
  const sites = new Map<string, TestSite>();
  for (const { code } of protocol.sites) {
    const invite = `mutation { inviteSite(studyId: "${studyId}", code: "${code}", name: "Hospital") { token } }`;
    const { data } = await hub.query<{ inviteSite: { token: string } }>(invite);
    const site = new TestSite(hub.url, hub.keys, code, studyId);
    await site.join(data.inviteSite.token);
    sites.set(code, site);
  }
  await hub.query(`mutation { freezeStudy(studyId: "${studyId}", confirmTitle: "A trial") { id } }`);
  const digest = { protocolDigest: protocolDigest(protocol) };
  for (const [code, site] of sites) {
    await site.deliver(site.message('features', 1, featureTable(code, siteData(code)), digest));
  }
  const withRole = (role: string) => protocol.sites.filter((site) => site.role === role).map(({ code }) => code);
  const sendOutcomes = async (code: string, lockDigest: string | null) => {
    const site = sites.get(code);
    const table = outcomeTable(code, siteData(code));
    await site?.deliver(site.message('outcomes', 2, table, { ...digest, lockDigest }));
  };
  for (const code of withRole('development')) await sendOutcomes(code, null);
  await hub.query(`mutation { startRun(studyId: "${studyId}") { state } }`);
  const engine = await startEngine(hub, pool);
  for (const code of withRole('externalValidation')) await stepEnd(hub, studyId, `predict:${code}`);
  const lock = await hub.database.client.lock.findUniqueOrThrow({ where: { studyId } });
  for (const code of withRole('externalValidation')) await sendOutcomes(code, lock.digest);
  await stepEnd(hub, studyId, 'report');
  await engine.onApplicationShutdown();
}

async function startEngine({ app, database, objects, clock }: TestHub, pool: StepPool): Promise<RunEngine> {
  const runs = app.get(RunService);
  const effects = new StepEffects(database, app.get(RunRecords), app.get(AuditService), clock, runs);
  const engine = new RunEngine(database, new StepComputer(objects, pool), runs, effects, app.get(HubLog));
  await engine.onApplicationBootstrap();
  return engine;
}

async function stepEnd({ database }: TestHub, studyId: string, name: string): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    const rows = await database.client.step.findMany({ where: { runId: studyId } });
    const failed = rows.find((row) => row.state === 'failed');
    if (failed !== undefined) throw new Error(`step ${failed.name} failed: ${JSON.stringify(failed.error)}`);
    if (rows.some((row) => row.name === name && row.state === 'done')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`step ${name} did not end`);
}
