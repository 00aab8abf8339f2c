import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { JobWithMetadata } from 'pg-boss';
import { fromPrisma } from 'pg-boss';

import { isConcordError } from '@concord/errors';

import { Database, type Transaction } from '../database/database.js';
import { HubLog } from '../observe/hub-log.js';
import { StepLostError } from './run.errors.js';
import { LOST_QUEUE, RETRY_LIMIT, RunService, STEP_QUEUE, type StepJob } from './run.service.js';
import { StepComputer } from './step.computer.js';
import { JobLostError, StepEffects } from './step.effects.js';

type Job = JobWithMetadata<StepJob>;

/** Errors with a code that may be gone at the next try: a busy machine, an object that is being restored. */
const PASSING: readonly string[] = [
  'INFERENCE_TIMEOUT',
  'INFERENCE_CRASHED',
  'INFERENCE_OUT_OF_MEMORY',
  'OBJECT_MISSING',
  'OBJECT_CORRUPT',
];

/**
 * Takes steps from the queue, computes them, and writes each result exactly once.
 *
 * Delivery is at least once; the effect is once, because the transaction that writes the result also completes the
 * job under its fencing token (`{id, retryCount}`), and rolls back when another delivery of the job did so before.
 * Every step that is queued ends done or failed: what its inputs forbid fails at once, all else after the last try, and
 * a step whose worker died at every try is failed from the queue of lost jobs.
 */
@Injectable()
export class RunEngine implements OnApplicationBootstrap, OnApplicationShutdown {
  private workerId: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly computer: StepComputer,
    private readonly runs: RunService,
    private readonly steps: StepEffects,
    private readonly log: HubLog,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { boss } = this.database;
    const options = { includeMetadata: true, pollingIntervalSeconds: 0.5 } as const;
    this.workerId = await boss.work(STEP_QUEUE, options, async (jobs: Job[]) => {
      for (const job of jobs) await this.handle(job);
    });
    await boss.work(LOST_QUEUE, { ...options, pollingIntervalSeconds: 2 }, async (jobs: Job[]) => {
      for (const job of jobs) await this.giveUp(job, LOST_QUEUE, new StepLostError(job.data.name, RETRY_LIMIT + 1));
    });
    this.runs.onNotify(() => {
      if (this.workerId !== null) boss.notifyWorker(this.workerId);
    });
  }

  /** Takes no new job; the one at hand has until the queue is closed, and is then stopped and given back. */
  async onApplicationShutdown(): Promise<void> {
    await this.database.boss.offWork(STEP_QUEUE, { wait: false });
    await this.database.boss.offWork(LOST_QUEUE, { wait: false });
  }

  private async handle(job: Job): Promise<void> {
    const { studyId, name } = job.data;
    try {
      const step = await this.steps.prepare(studyId, name);
      if (step === null) return; // an earlier delivery ended it
      const { outputs, result } = await this.computer.compute(step, job.signal);
      await this.commit(STEP_QUEUE, job, (tx) =>
        this.steps.finish(tx, studyId, name, step.inputDigest, outputs, result),
      );
    } catch (error) {
      if (error instanceof JobLostError) return;
      await this.refuse(job, error);
    }
    this.runs.notify();
  }

  /** @throws what makes the queue deliver the job again; without the error's own words, which the queue would keep */
  private async refuse(job: Job, error: unknown): Promise<void> {
    const { studyId, name } = job.data;
    if (job.signal.aborted) throw new Error('the step was stopped');
    this.log.failure('step.failed', error, { studyId, step: name, attempt: job.retryCount + 1 });
    const isFinal = isConcordError(error) && !PASSING.includes(error.code);
    if (!isFinal && job.retryCount < RETRY_LIMIT) throw new Error('the step failed: the log says why');
    await this.giveUp(job, STEP_QUEUE, error);
  }

  private async giveUp(job: Job, queue: string, error: unknown): Promise<void> {
    try {
      await this.commit(queue, job, (tx) => this.steps.fail(tx, job.data.studyId, job.data.name, error));
    } catch (failure) {
      if (!(failure instanceof JobLostError)) throw failure;
    }
  }

  private async commit(queue: string, job: Job, write: (tx: Transaction) => Promise<void>): Promise<void> {
    await this.database.transaction(async (tx) => {
      // pg-boss answers how many jobs it completed; its types do not say so.
      const reply = await this.database.boss.complete(queue, job, {}, { db: fromPrisma(tx) });
      const { affected } = reply as { affected: number };
      if (affected !== 1) throw new JobLostError();
      await write(tx);
    });
  }
}
