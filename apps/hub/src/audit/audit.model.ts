import { Field, Int, ObjectType } from '@nestjs/graphql';

import { JsonScalar } from '../graphql/json.scalar.js';
import { pageType } from '../graphql/page.js';
import type { AuditRecord } from '@concord/contracts';

@ObjectType('AuditEntry', { description: 'Its hash covers all of it and the hash before: no entry can be changed.' })
export class AuditEntryModel {
  @Field(() => Int)
  sequence!: number;

  @Field(() => Date)
  at!: Date;

  @Field(() => String)
  actor!: string;

  @Field(() => String)
  action!: string;

  @Field(() => String)
  subject!: string;

  @Field(() => JsonScalar)
  details!: unknown;

  @Field(() => String)
  hash!: string;

  @Field(() => String)
  previousHash!: string;

  static from(this: void, record: AuditRecord): AuditEntryModel {
    return { ...record, at: new Date(record.at) };
  }
}

export const AuditPage = pageType(AuditEntryModel, 'AuditEntry');
