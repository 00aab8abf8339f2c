import { Parent, ResolveField, Resolver } from '@nestjs/graphql';

import { Database } from '../database/database.js';
import { StudyModel } from '../studies/study.model.js';
import { AssessmentModel } from './assessment.model.js';
import { AssessmentStore } from './assessment.store.js';

@Resolver(() => StudyModel)
export class AssessmentResolver {
  constructor(
    private readonly database: Database,
    private readonly store: AssessmentStore,
  ) {}

  @ResolveField(() => [AssessmentModel])
  async assessments(@Parent() study: StudyModel): Promise<AssessmentModel[]> {
    return this.store.list(this.database.client, study.id);
  }
}
