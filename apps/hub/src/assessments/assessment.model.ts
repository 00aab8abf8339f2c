import { Field, GraphQLISODateTime, Int, ObjectType } from '@nestjs/graphql';

@ObjectType('Assessment', { description: 'A quality score written from the hub’s own records.' })
export class AssessmentModel {
  @Field(() => String)
  scheme!: string;

  @Field(() => String)
  recordDigest!: string;

  @Field(() => Int)
  provenPoints!: number;

  @Field(() => Int)
  maxPoints!: number;

  @Field(() => GraphQLISODateTime)
  createdAt!: Date;
}
