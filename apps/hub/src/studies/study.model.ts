import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';

import { StudyState as StudyStates } from '../generated/prisma/enums.js';
import { JsonScalar } from '../graphql/json.scalar.js';
import { pageType } from '../graphql/page.js';
import type { Study, StudyState } from './study.js';

registerEnumType(StudyStates, {
  name: 'StudyState',
  description: 'draft: the protocol is written; frozen: sites release; locked: the model is fixed; validated: done.',
});

/** Sites, audit, run, lock, assessments and reports are fields that other slices resolve. */
@ObjectType('Study')
export class StudyModel {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  title!: string;

  @Field(() => StudyStates)
  state!: StudyState;

  @Field(() => Int, { description: 'Rises with every change; a writer names the one he read.' })
  version!: number;

  @Field(() => JsonScalar, { nullable: true })
  protocol!: unknown;

  @Field(() => String, { nullable: true, description: 'SHA-256 of the protocol; null until the study is frozen.' })
  protocolDigest!: string | null;

  @Field(() => Date)
  createdAt!: Date;

  @Field(() => Date, { nullable: true })
  frozenAt!: Date | null;

  static from(this: void, study: Study): StudyModel {
    return { ...study };
  }
}

export const StudyPage = pageType(StudyModel, 'Study');

@ObjectType('StudyChange')
export class StudyChangeModel {
  @Field(() => ID)
  studyId!: string;

  @Field(() => Date)
  at!: Date;

  @Field(() => [String], { description: 'What may have changed: study, sites, run, audit. Read it again.' })
  what!: string[];
}
