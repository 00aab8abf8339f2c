import { Args, Field, ID, InputType, Int, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';

import type { Principal } from '../auth/principal.js';
import { CurrentPrincipal, RequireRole } from '../auth/role.guard.js';
import { JsonScalar } from '../graphql/json.scalar.js';
import { PageArgs, checkedPage, pageComplexity, pageOf, type Page } from '../graphql/page.js';
import { RunService } from '../runs/run.service.js';
import { StudyChanges } from './study.changes.js';
import { StudyChangeModel, StudyModel, StudyPage } from './study.model.js';
import { StudyService } from './study.service.js';

@InputType()
export class CreateStudyInput {
  @Field(() => ID, { description: 'Lower-case letters, digits and dashes.' })
  id!: string;

  @Field(() => String)
  title!: string;
}

@Resolver(() => StudyModel)
export class StudyResolver {
  constructor(
    private readonly studies: StudyService,
    private readonly changes: StudyChanges,
    private readonly runs: RunService,
  ) {}

  @Query(() => StudyPage, { name: 'studies', description: 'Newest first.', complexity: pageComplexity })
  @RequireRole('coordinator', 'reviewer')
  async list(@Args() page: PageArgs): Promise<Page<StudyModel>> {
    const { first, after } = checkedPage(page);
    const studies = await this.studies.list(first + 1, after);
    return pageOf(studies.map(StudyModel.from), first, (study) => study.id);
  }

  @Query(() => StudyModel, { nullable: true })
  @RequireRole('coordinator', 'reviewer')
  async study(@Args('id', { type: () => ID }) id: string): Promise<StudyModel | null> {
    const study = await this.studies.find(id);
    return study === null ? null : StudyModel.from(study);
  }

  @Mutation(() => StudyModel)
  @RequireRole('coordinator')
  async createStudy(
    @Args('input') input: CreateStudyInput,
    @CurrentPrincipal() { name }: Principal,
  ): Promise<StudyModel> {
    return StudyModel.from(await this.studies.create(input.id, input.title, name));
  }

  @Mutation(() => StudyModel, { description: 'While the study is a draft.' })
  @RequireRole('coordinator')
  async writeProtocol(
    @Args('studyId', { type: () => ID }) studyId: string,
    @Args('protocol', { type: () => JsonScalar }) protocol: unknown,
    @Args('expectedVersion', { type: () => Int, description: 'The version of the study as read.' })
    expectedVersion: number,
    @CurrentPrincipal() { name }: Principal,
  ): Promise<StudyModel> {
    return StudyModel.from(await this.studies.writeProtocol(studyId, protocol, expectedVersion, name));
  }

  @Mutation(() => StudyModel, { description: 'Binds everybody to the protocol. Cannot be undone.' })
  @RequireRole('coordinator')
  async freezeStudy(
    @Args('studyId', { type: () => ID }) studyId: string,
    @Args('confirmTitle', { type: () => String, description: 'The title of the study, typed.' }) confirmTitle: string,
    @CurrentPrincipal() { name }: Principal,
  ): Promise<StudyModel> {
    return StudyModel.from(await this.studies.freeze(studyId, confirmTitle, name));
  }

  @Mutation(() => StudyModel, { description: 'From now on every step runs as soon as its inputs are there.' })
  @RequireRole('coordinator')
  async startRun(
    @Args('studyId', { type: () => ID }) studyId: string,
    @CurrentPrincipal() { name }: Principal,
  ): Promise<StudyModel> {
    const study = await this.studies.get(studyId);
    await this.runs.start(study.id, name);
    return StudyModel.from(await this.studies.get(studyId));
  }

  @Subscription(() => StudyChangeModel, {
    description: 'Tells that something changed, at /events; what it is now must be read.',
    resolve: (change: StudyChangeModel) => change,
  })
  @RequireRole('coordinator', 'reviewer')
  async studyChanged(@Args('studyId', { type: () => ID }) studyId: string): Promise<AsyncIterator<StudyChangeModel>> {
    await this.studies.get(studyId);
    return this.changes.watch(studyId);
  }
}
