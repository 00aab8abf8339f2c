import { Args, Parent, ResolveField, Resolver, registerEnumType } from '@nestjs/graphql';

import { AuditService } from '../audit/audit.service.js';
import { Database } from '../database/database.js';
import { StudyModel } from '../studies/study.model.js';
import { agreementOf, type OpenedPair } from './agreement.js';
import { AgreementModel, BlindScoresModel, QualityModel } from './quality.model.js';
import { QualityService } from './quality.service.js';
import { qualityView } from './quality-view.js';
import { ACTIONS, historyOf } from './review.js';

export enum ReadingPolicy {
  strict = 'strict',
  lenient = 'lenient',
}
registerEnumType(ReadingPolicy, { name: 'ReadingPolicy', description: 'How disputed items are read.' });

/** A study's quality as of now, as fields of the study. */
@Resolver(() => StudyModel)
export class QualityResolver {
  constructor(
    private readonly qualities: QualityService,
    private readonly audit: AuditService,
    private readonly database: Database,
  ) {}

  @ResolveField(() => QualityModel, {
    nullable: true,
    description: 'Scored anew with every reading; null before the run has written a score.',
    complexity: ({ childComplexity }: { childComplexity: number }) => 100 + childComplexity,
  })
  async quality(
    @Parent() study: StudyModel,
    @Args('policy', { type: () => ReadingPolicy, defaultValue: ReadingPolicy.strict }) policy: ReadingPolicy,
  ): Promise<QualityModel | null> {
    const quality = await this.qualities.find(study.id);
    return quality === null ? null : qualityView(quality, policy);
  }

  @ResolveField(() => BlindScoresModel, {
    complexity: ({ childComplexity }: { childComplexity: number }) => 100 + childComplexity,
  })
  async blindScores(
    @Parent() study: StudyModel,
    @Args('scheme', { type: () => String, defaultValue: 'rqs1' }) scheme: string,
  ): Promise<BlindScoresModel> {
    const { sealed, opened } = historyOf(await this.audit.list(study.id));
    const sealedBy = sealed.filter((score) => score.scheme === scheme).map(({ reviewer }) => reviewer);
    const pair = opened.find((candidate) => candidate.scheme === scheme);
    if (pair === undefined) return { scheme, sealedBy, agreement: null };
    const own = { studyId: study.id, scores: pair.scores };
    const agreement = agreementOf(scheme, own, await this.pairs(scheme));
    return { scheme, sealedBy: [], agreement: agreement as AgreementModel };
  }

  private async pairs(scheme: string): Promise<OpenedPair[]> {
    const rows = await this.database.client.auditEntry.findMany({
      where: { action: ACTIONS.opened, subject: scheme },
      orderBy: [{ chain: 'asc' }, { sequence: 'asc' }],
    });
    return rows.map(({ chain, details }) => ({
      studyId: chain,
      scores: (details as unknown as Pick<OpenedPair, 'scores'>).scores,
    }));
  }
}
