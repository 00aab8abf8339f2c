import { Parent, ResolveField, Resolver } from '@nestjs/graphql';

import { parseProtocol } from '@concord/contracts';

import { Database } from '../database/database.js';
import { StudyModel } from '../studies/study.model.js';
import { isFromSums, stepNames, type StepOutputs } from './run.graph.js';
import { ReportModel, RunModel, StepModel } from './run.model.js';

/** What a study's run came to, as fields of the study. */
@Resolver(() => StudyModel)
export class RunResolver {
  constructor(private readonly database: Database) {}

  @ResolveField(() => RunModel, { nullable: true })
  async run(@Parent() study: StudyModel): Promise<RunModel | null> {
    const run = await this.database.client.run.findUnique({
      where: { studyId: study.id },
      include: { steps: true, study: { include: { releases: { select: { kind: true } } } } },
    });
    if (run === null) return null;
    const protocol = parseProtocol(run.study.protocol);
    const names = stepNames(protocol, isFromSums(protocol, run.study.releases));
    const steps = names.map((name): StepModel => {
      const row = run.steps.find((step) => step.name === name);
      return {
        name,
        state: row?.state ?? 'waiting',
        inputDigest: row?.inputDigest ?? null,
        outputs: row?.outputs ?? null,
        error: row?.error ?? null,
        queuedAt: row?.queuedAt ?? null,
        finishedAt: row?.finishedAt ?? null,
      };
    });
    return { startedAt: run.startedAt, finishedAt: run.finishedAt, steps };
  }

  @ResolveField(() => ReportModel, { nullable: true })
  async report(@Parent() study: StudyModel): Promise<ReportModel | null> {
    const step = await this.database.client.step.findUnique({
      where: { runId_name: { runId: study.id, name: 'report' } },
    });
    if (step?.state !== 'done') return null;
    const outputs = step.outputs as StepOutputs;
    return { digest: outputs['report'] ?? '', htmlDigest: outputs['html'] ?? '' };
  }
}
