import { Injectable, type OnModuleInit } from '@nestjs/common';
import { fromPrisma } from 'pg-boss';

import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock.js';
import { Database, type Transaction } from '../database/database.js';
import { RunStateError } from './run.errors.js';
import { readySteps } from './run.graph.js';
import { RunRecords } from './run.records.js';

export const STEP_QUEUE = 'steps';
/** Jobs whose last try ended without a word: their steps must not wait for ever. */
export const LOST_QUEUE = 'steps-lost';
export const RETRY_LIMIT = 5;
const HEARTBEAT_SECONDS = 10;
const STEP_LIMIT_SECONDS = 3600;

/** What the queue carries: names only, never data. */
export interface StepJob {
  readonly studyId: string;
  readonly name: string;
}

/** Starts a study's run and moves it on: every step whose inputs are there is queued, once. */
@Injectable()
export class RunService implements OnModuleInit {
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly records: RunRecords,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Every process that may send makes the queue, so that a hub can start a run before its first worker is there. */
  async onModuleInit(): Promise<void> {
    const { boss } = this.database;
    const options = {
      retryLimit: RETRY_LIMIT,
      retryDelay: 1,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: STEP_LIMIT_SECONDS,
      deadLetter: LOST_QUEUE,
    };
    await boss.createQueue(LOST_QUEUE, { retryLimit: 1000, retryDelay: 5 });
    await boss.createQueue(STEP_QUEUE, options);
    await boss.updateQueue(STEP_QUEUE, options); // a queue that an earlier version made keeps its own
  }

  /** @throws {RunStateError} if the study is not frozen, or its run has started */
  async start(studyId: string, actor: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const study = await tx.study.findUnique({ where: { id: studyId }, include: { run: true } });
      if (study === null || study.state === 'draft') {
        throw new RunStateError('the study is not frozen', `study ${studyId}`, 'Freeze its protocol first.');
      }
      if (study.run !== null) {
        throw new RunStateError('the run has started already', `study ${studyId}`, 'Follow it on the study page.');
      }
      // A study has one run, so the run takes the study's name.
      await tx.run.create({ data: { id: studyId, studyId, startedAt: this.clock.now() } });
      await this.audit.append(tx, { chain: studyId, actor, action: 'run.started', subject: studyId, details: {} });
      await this.advance(tx, studyId);
    });
    this.notify();
  }

  /**
   * Queues the steps that became ready. Call it inside the transaction that wrote what they waited for.
   * Does nothing before the run is started.
   */
  async advance(tx: Transaction, studyId: string): Promise<void> {
    // One planner at a time for a study: two would both find the same step ready.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`run ${studyId}`}, 0))`;
    const facts = await this.records.facts(tx, studyId);
    if (facts === null) return;
    for (const step of readySteps(facts)) {
      const { count } = await tx.step.createMany({
        data: [
          {
            runId: studyId,
            name: step.name,
            inputDigest: step.inputDigest,
            inputs: { ...step.inputs },
            queuedAt: this.clock.now(),
          },
        ],
        skipDuplicates: true,
      });
      if (count === 0) continue;
      const job: StepJob = { studyId, name: step.name };
      await this.database.boss.send(STEP_QUEUE, job, { db: fromPrisma(tx) });
    }
  }

  /** Tells this process's worker that there may be work; others find it by polling. Call it after the commit. */
  notify(): void {
    for (const listener of this.listeners) listener();
  }

  onNotify(listener: () => void): void {
    this.listeners.push(listener);
  }
}
