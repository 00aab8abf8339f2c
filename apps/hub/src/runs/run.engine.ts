import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { JobWithMetadata } from 'pg-boss';
import { fromPrisma } from 'pg-boss';

import { isConcordError } from '@concord/errors';

import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock.js';
import { Database, type Transaction } from '../database/database.js';
import { ObjectStore } from '../objects/object.store.js';
import { RunRecords } from './run.records.js';
import { RETRY_LIMIT, RunService, STEP_QUEUE, type StepJob } from './run.service.js';
import { StepPool } from './step.pool.js';
import type { StepOutputs } from './run.graph.js';

/** The job was taken from this worker (it was thought dead) and finished elsewhere: nothing of it may be written. */
class JobLostError extends Error {}

/** What the database holds of a step, before and after it is computed. */
@Injectable()
export class StepEffects {
  constructor(
    private readonly database: Database,
    private readonly records: RunRecords,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly runs: RunService,
  ) {}

  /** @returns the task without its inputs' bytes, or null if the step is not waiting any more */
  async prepare(studyId: string, name: string) {
    const facts = await this.records.facts(this.database.client, studyId);
    const row = await this.database.client.step.findUnique({ where: { runId_name: { runId: studyId, name } } });
    if (facts === null || row === null || row.state !== 'queued') return null;
    const ready = this.records.readyStep(facts, name);
    if (ready === null) return null;
    const { kind, site } = ready;
    const { protocol, protocolDigest } = facts;
    const record = await this.records.context(this.database.client, studyId, kind);
    return { kind, site, protocol, protocolDigest, digests: ready.inputs, record };
  }

  async finish(
    tx: Transaction,
    studyId: string,
    name: string,
    outputs: StepOutputs,
    result: Readonly<Record<string, Uint8Array>>,
  ): Promise<void> {
    const now = this.clock.now();
    const { count } = await tx.step.updateMany({
      where: { runId: studyId, name, state: 'queued' },
      data: { state: 'done', outputs: { ...outputs }, finishedAt: now },
    });
    if (count !== 1) throw new JobLostError();
    await this.audit.append(tx, {
      chain: studyId,
      actor: 'hub',
      action: 'step.done',
      subject: name,
      details: { outputs },
    });
    await this.records.applyEffect(tx, studyId, name, outputs, result, now);
    await this.runs.advance(tx, studyId);
  }

  async fail(tx: Transaction, studyId: string, name: string, error: unknown): Promise<void> {
    const details = isConcordError(error)
      ? error.toJSON()
      : {
          code: 'STEP_BROKEN',
          what: 'the step failed for a reason that is not in its inputs',
          where: name,
          fix: 'Look into the hub’s log, and report it.',
        };
    await tx.step.updateMany({
      where: { runId: studyId, name, state: 'queued' },
      data: { state: 'failed', error: details, finishedAt: this.clock.now() },
    });
    await this.audit.append(tx, { chain: studyId, actor: 'hub', action: 'step.failed', subject: name, details });
  }
}

/**
 * Takes steps from the queue, computes them, and writes each result exactly once.
 *
 * Delivery is at least once; the effect is once, because the transaction that writes the result also completes the
 * job under its fencing token (`{id, retryCount}`), and rolls back when another delivery of the job did so before.
 */
@Injectable()
export class RunEngine implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('RunEngine');
  private workerId: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly objects: ObjectStore,
    private readonly pool: StepPool,
    private readonly runs: RunService,
    private readonly steps: StepEffects,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.workerId = await this.database.boss.work(
      STEP_QUEUE,
      { includeMetadata: true, pollingIntervalSeconds: 0.5 },
      async (jobs: JobWithMetadata<StepJob>[]) => {
        for (const job of jobs) await this.handle(job);
      },
    );
    this.runs.onNotify(() => {
      if (this.workerId !== null) this.database.boss.notifyWorker(this.workerId);
    });
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.workerId !== null) await this.database.boss.offWork(STEP_QUEUE);
  }

  private async handle(job: JobWithMetadata<StepJob>): Promise<void> {
    const { studyId, name } = job.data;
    const task = await this.steps.prepare(studyId, name);
    if (task === null) return; // done by an earlier delivery
    try {
      const inputs: Record<string, Uint8Array> = {};
      for (const [role, digest] of Object.entries(task.digests)) inputs[role] = await this.objects.get(digest);
      const result = await this.pool.compute({ ...task, inputs });
      const outputs: Record<string, string> = {};
      for (const [role, bytes] of Object.entries(result)) outputs[role] = await this.objects.put(bytes);
      await this.commit(job, (tx) => this.steps.finish(tx, studyId, name, outputs, result));
    } catch (error) {
      if (error instanceof JobLostError) return;
      const isLast = job.retryCount >= RETRY_LIMIT;
      if (!isConcordError(error) && !isLast) throw error; // the queue delivers it again
      this.logger.error({ event: 'step-failed', studyId, step: name, error: String(error) });
      await this.commit(job, (tx) => this.steps.fail(tx, studyId, name, error));
    }
    this.runs.notify();
  }

  private async commit(job: JobWithMetadata<StepJob>, write: (tx: Transaction) => Promise<void>): Promise<void> {
    await this.database.transaction(async (tx) => {
      // pg-boss answers how many jobs it completed; its types do not say so.
      const reply = await this.database.boss.complete(STEP_QUEUE, job, {}, { db: fromPrisma(tx) });
      const { affected } = reply as { affected: number };
      if (affected !== 1) throw new JobLostError();
      await write(tx);
    });
  }
}
