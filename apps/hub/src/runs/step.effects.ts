import { Injectable } from '@nestjs/common';

import { isConcordError } from '@concord/errors';

import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock.js';
import { Database, type Transaction } from '../database/database.js';
import { StepChangedError } from './run.errors.js';
import type { StepOutputs } from './run.graph.js';
import { RunRecords } from './run.records.js';
import { RunService } from './run.service.js';
import type { PreparedStep } from './step.computer.js';

/** The job was taken from this worker (it was thought dead) and finished elsewhere: nothing of it may be written. */
export class JobLostError extends Error {}

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

  /**
   * @returns the task without its inputs' bytes, or null if the step is done or failed already
   * @throws {StepChangedError} if the records now give other inputs than those the step was queued with
   */
  async prepare(studyId: string, name: string): Promise<PreparedStep | null> {
    const { client } = this.database;
    const row = await client.step.findUnique({ where: { runId_name: { runId: studyId, name } } });
    if (row === null || row.state !== 'queued') return null;
    const facts = await this.records.facts(client, studyId);
    const ready = facts === null ? null : this.records.readyStep(facts, name);
    if (facts === null || ready === null || ready.inputDigest !== row.inputDigest) throw new StepChangedError(name);
    const { kind, site, inputDigest } = ready;
    const { protocol, protocolDigest } = facts;
    const record = await this.records.context(client, studyId, kind);
    return { kind, site, protocol, protocolDigest, inputDigest, digests: ready.inputs, record };
  }

  /** @throws {JobLostError} if the step is not waiting any more */
  async finish(
    tx: Transaction,
    studyId: string,
    name: string,
    inputDigest: string,
    outputs: StepOutputs,
    result: Readonly<Record<string, Uint8Array>>,
  ): Promise<void> {
    const now = this.clock.now();
    const { count } = await tx.step.updateMany({
      where: { runId: studyId, name, state: 'queued', inputDigest },
      data: { state: 'done', outputs: { ...outputs }, finishedAt: now },
    });
    if (count !== 1) throw new JobLostError();
    await this.audit.append(tx, {
      chain: studyId,
      actor: 'hub',
      action: 'step.done',
      subject: name,
      details: { inputDigest, outputs },
    });
    await this.records.applyEffect(tx, studyId, name, outputs, result, now);
    await this.runs.advance(tx, studyId);
  }

  /** Ends a step that waits, for good; does nothing to one that is done or failed. */
  async fail(tx: Transaction, studyId: string, name: string, error: unknown): Promise<void> {
    const details = isConcordError(error)
      ? error.toJSON()
      : {
          code: 'STEP_BROKEN',
          what: 'the step failed for a reason that is not in its inputs',
          where: name,
          fix: 'Look into the hub’s log, and report it.',
        };
    const { count } = await tx.step.updateMany({
      where: { runId: studyId, name, state: 'queued' },
      data: { state: 'failed', error: details, finishedAt: this.clock.now() },
    });
    if (count !== 1) return;
    await this.audit.append(tx, { chain: studyId, actor: 'hub', action: 'step.failed', subject: name, details });
  }
}
