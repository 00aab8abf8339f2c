import { Args, Field, ID, InputType, Mutation, Resolver, registerEnumType } from '@nestjs/graphql';

import type { Principal } from '../auth/principal.js';
import { CurrentPrincipal, RequireRole } from '../auth/role.guard.js';
import { JsonScalar } from '../graphql/json.scalar.js';
import { StudyModel } from '../studies/study.model.js';
import { StudyService } from '../studies/study.service.js';
import { BlindScoreService } from './blind-score.service.js';
import { ReviewService, type StatementInput as Statement } from './review.service.js';

export enum Verdict {
  accept = 'accept',
  contest = 'contest',
}
registerEnumType(Verdict, { name: 'Verdict' });

@InputType()
export class StatementInput implements Statement {
  @Field(() => ID, { description: 'Id of the item: rqs1.11.' })
  item!: string;

  @Field(() => String, { description: 'The option of the item that it asks for.' })
  option!: string;

  @Field(() => String, { description: 'One or more sentences, 10 to 2000 characters.' })
  statement!: string;

  @Field(() => String, { nullable: true, description: 'SHA-256 of a document that was sent to /objects/DIGEST.' })
  attachmentDigest?: string | null;
}

const studyId = () => Args('studyId', { type: () => ID });
const reason = () => Args('reason', { type: () => String, description: 'Everybody will read it.' });

/** What people say of a study; every word is an entry of its audit log. */
@Resolver()
export class ReviewResolver {
  constructor(
    private readonly reviews: ReviewService,
    private readonly blind: BlindScoreService,
    private readonly studies: StudyService,
  ) {}

  @Mutation(() => StudyModel, { description: 'Signs a sentence for an item; it counts once a reviewer accepts it.' })
  @RequireRole('coordinator')
  async stateClaim(
    @studyId() id: string,
    @Args('input') input: StatementInput,
    @CurrentPrincipal() person: Principal,
  ): Promise<StudyModel> {
    await this.reviews.state(id, input, person);
    return this.study(id);
  }

  @Mutation(() => StudyModel, { description: 'By its author only. Its points are gone at once.' })
  @RequireRole('coordinator')
  async withdrawClaim(
    @studyId() id: string,
    @Args('claimId', { type: () => ID }) claimId: string,
    @reason() why: string,
    @CurrentPrincipal() person: Principal,
  ): Promise<StudyModel> {
    await this.reviews.withdrawStatement(id, claimId, why, person);
    return this.study(id);
  }

  @Mutation(() => StudyModel, {
    description: 'Never by its author; for item 12 by another institution. The last counts.',
  })
  @RequireRole('reviewer')
  async reviewClaim(
    @studyId() id: string,
    @Args('claimId', { type: () => ID }) claimId: string,
    @Args('verdict', { type: () => Verdict }) verdict: Verdict,
    @reason() why: string,
    @CurrentPrincipal() person: Principal,
  ): Promise<StudyModel> {
    await this.reviews.review(id, claimId, verdict, why, person);
    return this.study(id);
  }

  @Mutation(() => StudyModel, { description: 'An objection takes the item’s points away until it is taken back.' })
  @RequireRole('reviewer')
  async contestItem(
    @studyId() id: string,
    @Args('item', { type: () => ID }) item: string,
    @reason() why: string,
    @CurrentPrincipal() person: Principal,
  ): Promise<StudyModel> {
    await this.reviews.contest(id, item, why, person);
    return this.study(id);
  }

  @Mutation(() => StudyModel, { description: 'Takes an objection back: by who raised it, once it is answered.' })
  @RequireRole('reviewer')
  async liftObjection(
    @studyId() id: string,
    @Args('objectionId', { type: () => ID }) objectionId: string,
    @reason() why: string,
    @CurrentPrincipal() person: Principal,
  ): Promise<StudyModel> {
    await this.reviews.liftContest(id, objectionId, why, person);
    return this.study(id);
  }

  @Mutation(() => StudyModel, {
    description: 'Nothing stands on it any more, nor on what was made from it. Cannot be undone.',
  })
  @RequireRole('coordinator')
  async withdrawEvidence(
    @studyId() id: string,
    @Args('digest', { type: () => String }) digest: string,
    @reason() why: string,
    @CurrentPrincipal() person: Principal,
  ): Promise<StudyModel> {
    await this.reviews.withdrawEvidence(id, digest, why, person);
    return this.study(id);
  }

  @Mutation(() => StudyModel, { description: 'Seals a reviewer’s own score; it opens with the second one.' })
  @RequireRole('reviewer')
  async sealScore(
    @studyId() id: string,
    @Args('scheme', { type: () => String, description: 'rqs1 or rqs2.' }) scheme: string,
    @Args('options', { type: () => JsonScalar, description: 'Chosen options by item: {"rqs1.05": ["either"], …}.' })
    options: unknown,
    @CurrentPrincipal() person: Principal,
  ): Promise<StudyModel> {
    await this.blind.seal(id, scheme, options, person);
    return this.study(id);
  }

  private async study(id: string): Promise<StudyModel> {
    return StudyModel.from(await this.studies.get(id));
  }
}
