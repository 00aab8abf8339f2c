import { Field, GraphQLISODateTime, ObjectType } from '@nestjs/graphql';

import { JsonScalar } from '../graphql/json.scalar.js';

@ObjectType('Step', { description: 'One step of a run: a computation over objects named by their digests.' })
export class StepModel {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'waiting, queued, done or failed' })
  state!: string;

  @Field(() => String, { nullable: true, description: 'Digest over what the step is and everything it reads.' })
  inputDigest!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: 'Role to digest of what it wrote.' })
  outputs!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: 'Why it failed: code, what, where, fix.' })
  error!: unknown;

  @Field(() => GraphQLISODateTime, { nullable: true })
  queuedAt!: Date | null;

  @Field(() => GraphQLISODateTime, { nullable: true })
  finishedAt!: Date | null;
}

@ObjectType('Run', { description: 'The computation of a study, from released tables to the report.' })
export class RunModel {
  @Field(() => GraphQLISODateTime)
  startedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => [StepModel])
  steps!: StepModel[];
}

@ObjectType('Report', { description: 'The frozen report; both digests name objects.' })
export class ReportModel {
  @Field(() => String)
  digest!: string;

  @Field(() => String)
  htmlDigest!: string;
}
