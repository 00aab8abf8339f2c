import { Injectable } from '@nestjs/common';

import { canonicalJson, parseProtocol, type Digest, type MessageHeader } from '@concord/contracts';
import { invariant } from '@concord/errors';

import { AssessmentStore } from '../assessments/assessment.store.js';
import { AuditService } from '../audit/audit.service.js';
import type { Transaction } from '../database/database.js';
import { LockStore } from '../models/lock.store.js';
import {
  isFromSums,
  readySteps,
  type ReadyStep,
  type ReleaseFact,
  type RunFacts,
  type StepKind,
  type StepOutputs,
} from './run.graph.js';

/** Reads what a run stands on from durable rows, and writes what a finished step changes besides its outputs. */
@Injectable()
export class RunRecords {
  constructor(
    private readonly locks: LockStore,
    private readonly assessments: AssessmentStore,
    private readonly audit: AuditService,
  ) {}

  /** @returns null before the study's run is started */
  async facts(db: Transaction, studyId: string): Promise<RunFacts | null> {
    const run = await db.run.findUnique({ where: { studyId }, include: { study: true, steps: true } });
    if (run === null || run.study.protocolDigest === null) return null;
    const releases = await db.release.findMany({
      where: { studyId },
      orderBy: [{ siteCode: 'asc' }, { sequence: 'asc' }],
    });
    const done = run.steps.filter((step) => step.state === 'done');
    return {
      protocol: parseProtocol(run.study.protocol),
      protocolDigest: run.study.protocolDigest,
      releases: releases.map(({ siteCode, kind, tableDigest }) => ({
        site: siteCode,
        kind: kind as ReleaseFact['kind'],
        tableDigest,
      })),
      done: new Map(done.map((step) => [step.name, step.outputs as StepOutputs])),
    };
  }

  readyStep(facts: RunFacts, name: string): ReadyStep | null {
    return readySteps(facts).find((step) => step.name === name) ?? null;
  }

  /**
   * What only the database knows and a step needs: for the assessment, under which lock each validation site released
   * its outcomes; for the report, times and sizes too.
   */
  async context(db: Transaction, studyId: string, kind: StepKind): Promise<Record<string, unknown>> {
    if (kind !== 'assess' && kind !== 'report') return {};
    const releases = await db.release.findMany({
      where: { studyId },
      orderBy: [{ siteCode: 'asc' }, { sequence: 'asc' }],
    });
    const lock = await this.locks.find(db, studyId);
    invariant(lock !== null, 'a step that follows the lock runs before it');
    const bySite = releases.map((release) => {
      const header = JSON.parse(Buffer.from(release.header).toString('utf8')) as MessageHeader;
      return {
        site: release.siteCode,
        kind: release.kind,
        rowCount: release.rowCount,
        tableDigest: release.tableDigest,
        lockDigest: header.lockDigest,
        certificateDigest: header.certificateDigest,
        byteCount: release.byteCount,
        receivedAt: release.receivedAt.toISOString(),
      };
    });
    const released = { lockDigest: lock.digest, releases: bySite };
    if (kind === 'assess') return released;
    const run = await db.run.findUniqueOrThrow({ where: { studyId }, include: { study: true, steps: true } });
    const adjusted = run.steps.filter((step) => step.name.startsWith('harmonize-site:'));
    const [head] = await db.auditEntry.findMany({ where: { chain: studyId }, orderBy: { sequence: 'desc' }, take: 1 });
    return {
      ...released,
      frozenAt: run.study.frozenAt?.toISOString() ?? null,
      startedAt: run.startedAt.toISOString(),
      lockedAt: lock.lockedAt.toISOString(),
      adjustedAt: Object.fromEntries(
        adjusted.map((step) => [step.name.split(':')[1] ?? '', step.finishedAt?.toISOString() ?? '']),
      ),
      audit: { entryCount: head?.sequence ?? 0, headHash: head?.hash ?? '' },
      nodeVersion: process.version,
    };
  }

  /** The change of state that comes with a step's outputs, in the transaction that writes them. */
  async applyEffect(
    tx: Transaction,
    studyId: string,
    name: string,
    outputs: StepOutputs,
    result: Readonly<Record<string, Uint8Array>>,
    now: Date,
  ): Promise<void> {
    if (name === 'lock') await this.lock(tx, studyId, outputs['lock'] ?? '', result['lock'], now);
    if (name === 'assess') await this.assess(tx, studyId, outputs['assessment'] ?? '', result['assessment'], now);
    if (name === 'scanner-effects') await this.endFromSums(tx, studyId, now);
    if (name === 'report') {
      await tx.study.update({ where: { id: studyId }, data: { state: 'validated', version: { increment: 1 } } });
      await tx.run.update({ where: { id: studyId }, data: { finishedAt: now } });
    }
  }

  /** Where sites share sums only, scanner effects are the last that can be computed. */
  private async endFromSums(tx: Transaction, studyId: string, now: Date): Promise<void> {
    const facts = await this.facts(tx, studyId);
    if (facts === null || !isFromSums(facts.protocol, facts.releases)) return;
    await tx.run.update({ where: { id: studyId }, data: { finishedAt: now } });
  }

  private async lock(tx: Transaction, studyId: string, digest: Digest, bytes: Uint8Array | undefined, now: Date) {
    const record = parseJson(bytes);
    await this.locks.add(tx, { studyId, digest, record, lockedAt: now });
    await tx.study.update({ where: { id: studyId }, data: { state: 'locked', version: { increment: 1 } } });
    await this.audit.append(tx, {
      chain: studyId,
      actor: 'hub',
      action: 'model.locked',
      subject: digest,
      details: { record: JSON.parse(canonicalJson(record)) as unknown },
    });
  }

  private async assess(tx: Transaction, studyId: string, digest: Digest, bytes: Uint8Array | undefined, now: Date) {
    const { strict } = parseJson(bytes) as { strict: { provenPoints: number; maxPoints: number } };
    await this.assessments.add(tx, {
      studyId,
      scheme: 'rqs1',
      recordDigest: digest,
      provenPoints: strict.provenPoints,
      maxPoints: strict.maxPoints,
      createdAt: now,
    });
  }
}

function parseJson(bytes: Uint8Array | undefined): object {
  return JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) as object;
}
