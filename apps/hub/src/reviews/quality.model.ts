import { Field, Float, ID, Int, ObjectType } from '@nestjs/graphql';

import { JsonScalar } from '../graphql/json.scalar.js';

@ObjectType('Evidence', { description: 'A record that an answer stands on, and where to find it.' })
export class EvidenceModel {
  @Field(() => String)
  kind!: string;

  @Field(() => String)
  id!: string;

  @Field(() => String, { description: 'SHA-256.' })
  digest!: string;

  @Field(() => String, { nullable: true, description: 'Step, release, lock or entry of the audit log.' })
  origin!: string | null;

  @Field(() => Date, { nullable: true })
  at!: Date | null;

  @Field(() => String, { nullable: true, description: 'The site that signed it; null for what the hub made.' })
  site!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Ed25519, Base64 for addresses, over the header of the release.',
  })
  signature!: string | null;

  @Field(() => Int, { nullable: true })
  auditSequence!: number | null;

  @Field(() => Boolean, { description: 'Whether /objects/DIGEST hands it out.' })
  isObject!: boolean;
}

@ObjectType('QualityItem')
export class QualityItemModel {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  number!: number;

  @Field(() => String)
  title!: string;

  @Field(() => Float)
  points!: number;

  @Field(() => Float)
  minPoints!: number;

  @Field(() => Float)
  maxPoints!: number;

  @Field(() => Float, { description: 'As in the frozen report.' })
  frozenPoints!: number;

  @Field(() => Float, { description: 'What statements would add, were they accepted.' })
  claimedPoints!: number;

  @Field(() => String, { description: 'PROVEN, CLAIMED, CONTESTED, NOT_MET or NOT_APPLICABLE.' })
  state!: string;

  @Field(() => [String])
  options!: string[];

  @Field(() => String)
  reason!: string;

  @Field(() => String, { nullable: true, description: 'What would earn more.' })
  nextAction!: string | null;

  @Field(() => [EvidenceModel])
  evidence!: EvidenceModel[];

  @Field(() => [String], { description: 'Sentences on records that changed or were withdrawn since the report.' })
  stale!: string[];
}

@ObjectType('Review')
export class ReviewModel {
  @Field(() => String)
  reviewer!: string;

  @Field(() => String)
  institution!: string;

  @Field(() => String, { description: 'accept or contest.' })
  verdict!: string;

  @Field(() => String)
  reason!: string;
}

@ObjectType('Statement', { description: 'A signed sentence for something that no record can show.' })
export class StatementModel {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  item!: string;

  @Field(() => String)
  option!: string;

  @Field(() => String)
  statement!: string;

  @Field(() => String, { nullable: true })
  attachmentDigest!: string | null;

  @Field(() => String)
  signer!: string;

  @Field(() => String)
  institution!: string;

  @Field(() => Date)
  at!: Date;

  @Field(() => String, { description: 'waiting, accepted, contested or withdrawn.' })
  standing!: string;

  @Field(() => [ReviewModel])
  reviews!: ReviewModel[];
}

@ObjectType('Objection', { description: 'A reviewer’s word against an item, whatever it stands on.' })
export class ObjectionModel {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  item!: string;

  @Field(() => String)
  reviewer!: string;

  @Field(() => String)
  institution!: string;

  @Field(() => String)
  reason!: string;

  @Field(() => Date)
  at!: Date;
}

@ObjectType('EvidenceWithdrawal')
export class WithdrawalModel {
  @Field(() => String)
  digest!: string;

  @Field(() => String)
  by!: string;

  @Field(() => Date)
  at!: Date;

  @Field(() => String)
  reason!: string;
}

@ObjectType('Kappa')
export class KappaModel {
  @Field(() => Float, { nullable: true })
  value!: number | null;

  @Field(() => Float, { nullable: true, description: 'Share of studies with the same answer.' })
  observed!: number | null;

  @Field(() => Int)
  subjectCount!: number;

  @Field(() => String, { nullable: true })
  reason!: string | null;
}

@ObjectType('Icc')
export class IccModel {
  @Field(() => Float, { nullable: true })
  value!: number | null;

  @Field(() => [Float], { nullable: true })
  interval!: number[] | null;

  @Field(() => String, { nullable: true })
  reason!: string | null;
}

@ObjectType('ItemAgreement')
export class ItemAgreementModel {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  number!: string;

  @Field(() => String)
  title!: string;

  @Field(() => [Float])
  points!: number[];

  @Field(() => KappaModel)
  kappa!: KappaModel;
}

@ObjectType('Agreement', {
  description: 'Two blind scores, opened together; kappa and ICC are over all that both scored.',
})
export class AgreementModel {
  @Field(() => [String])
  reviewers!: string[];

  @Field(() => [Float])
  totals!: number[];

  @Field(() => Int)
  studyCount!: number;

  @Field(() => IccModel)
  icc!: IccModel;

  @Field(() => [ItemAgreementModel])
  items!: ItemAgreementModel[];
}

@ObjectType('BlindScores')
export class BlindScoresModel {
  @Field(() => String)
  scheme!: string;

  @Field(() => [String], { description: 'Who has scored; what they answered stays sealed until both have.' })
  sealedBy!: string[];

  @Field(() => AgreementModel, { nullable: true, description: 'Null until both have scored.' })
  agreement!: AgreementModel | null;
}

@ObjectType('Quality', { description: 'RQS 1.0 of today: records less what was withdrawn, with what people said.' })
export class QualityModel {
  @Field(() => String)
  policy!: string;

  @Field(() => Float)
  total!: number;

  @Field(() => Float)
  frozenTotal!: number;

  @Field(() => Float, { description: 'Were every unreviewed statement accepted.' })
  totalWithClaims!: number;

  @Field(() => Float)
  maxPoints!: number;

  @Field(() => Boolean, {
    description: 'Whether an answer of the frozen report stood on what changed or was withdrawn.',
  })
  isStale!: boolean;

  @Field(() => [String], { description: 'Why claims on independence are void; empty when none.' })
  hardStops!: string[];

  @Field(() => [QualityItemModel])
  items!: QualityItemModel[];

  @Field(() => [StatementModel])
  statements!: StatementModel[];

  @Field(() => [ObjectionModel])
  objections!: ObjectionModel[];

  @Field(() => [WithdrawalModel])
  withdrawals!: WithdrawalModel[];

  @Field(() => JsonScalar, {
    description: 'Every instrument of today: strict, lenient, rqs2, metrics, clear, tripodAi.',
  })
  assessment!: unknown;
}
