import { Field, GraphQLISODateTime, ObjectType } from '@nestjs/graphql';

import { JsonScalar } from '../graphql/json.scalar.js';

@ObjectType('Lock', { description: 'Model, threshold and harmonisation, fixed before validation outcomes are opened.' })
export class LockModel {
  @Field(() => String)
  digest!: string;

  @Field(() => GraphQLISODateTime)
  lockedAt!: Date;

  @Field(() => JsonScalar)
  record!: unknown;
}
