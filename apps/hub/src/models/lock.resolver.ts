import { Parent, ResolveField, Resolver } from '@nestjs/graphql';

import { Database } from '../database/database.js';
import { StudyModel } from '../studies/study.model.js';
import { LockModel } from './lock.model.js';
import { LockStore } from './lock.store.js';

@Resolver(() => StudyModel)
export class LockResolver {
  constructor(
    private readonly database: Database,
    private readonly locks: LockStore,
  ) {}

  @ResolveField(() => LockModel, { nullable: true })
  async lock(@Parent() study: StudyModel): Promise<LockModel | null> {
    return this.locks.find(this.database.client, study.id);
  }
}
