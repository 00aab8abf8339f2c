import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';

import type { SiteRole } from '@concord/contracts';

import { pageType } from '../graphql/page.js';
import type { Release } from '../releases/release.js';
import { waitingFor, type ReleaseFacts } from '../releases/release.js';

export enum SiteState {
  invited = 'invited',
  joined = 'joined',
}
registerEnumType(SiteState, { name: 'SiteState' });

export enum SiteRoleModel {
  development = 'development',
  externalValidation = 'externalValidation',
}
registerEnumType(SiteRoleModel, { name: 'SiteRole' });

@ObjectType('Release', { description: 'A table that the site released and the hub took in.' })
export class ReleaseModel {
  @Field(() => String)
  kind!: string;

  @Field(() => Int)
  sequence!: number;

  @Field(() => String, { description: 'SHA-256 of the table.' })
  tableDigest!: string;

  @Field(() => Int)
  byteCount!: number;

  @Field(() => Int)
  rowCount!: number;

  @Field(() => Date)
  receivedAt!: Date;

  static from(this: void, { kind, sequence, tableDigest, byteCount, rowCount, receivedAt }: Release): ReleaseModel {
    return { kind, sequence, tableDigest, byteCount, rowCount, receivedAt };
  }
}

@ObjectType('SiteCertificate', {
  description: 'Proof that the engine on the site’s machine computes the reference values.',
})
export class SiteCertificateModel {
  @Field(() => String, { description: 'SHA-256 of the certificate; the messages of the site name it.' })
  digest!: string;

  @Field(() => String, { description: 'SHA-256 of the signed document, to be fetched as an object.' })
  objectDigest!: string;

  @Field(() => String)
  concordVersion!: string;

  @Field(() => Int, { description: 'Reference values that were computed and met.' })
  checkedCount!: number;
}

@ObjectType('Site')
export class SiteModel {
  @Field(() => ID)
  code!: string;

  @Field(() => String)
  name!: string;

  @Field(() => SiteRoleModel, { nullable: true, description: 'From the protocol, once it is frozen.' })
  role!: SiteRole | null;

  @Field(() => SiteState)
  state!: SiteState;

  @Field(() => Date, { nullable: true })
  joinedAt!: Date | null;

  @Field(() => Date, { nullable: true })
  lastContactAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'What the agent says it does.' })
  phase!: string | null;

  @Field(() => Int, { nullable: true })
  caseCount!: number | null;

  @Field(() => Int, { nullable: true })
  doneCount!: number | null;

  @Field(() => Int, { nullable: true })
  refusedCount!: number | null;

  @Field(() => SiteCertificateModel, { nullable: true })
  certificate!: SiteCertificateModel | null;

  @Field(() => String, { nullable: true, description: 'What the study waits for from this site, in words.' })
  waitingFor!: string | null;

  @Field(() => [ReleaseModel])
  releases!: ReleaseModel[];

  static from(this: void, facts: ReleaseFacts): SiteModel {
    const { code, name, role, joinedAt, lastContactAt, status, certificate } = facts.site;
    return {
      code,
      name,
      role,
      state: joinedAt === null ? SiteState.invited : SiteState.joined,
      joinedAt,
      lastContactAt,
      phase: status?.phase ?? null,
      caseCount: status?.caseCount ?? null,
      doneCount: status?.doneCount ?? null,
      refusedCount: status?.refusedCount ?? null,
      certificate,
      waitingFor: waitingFor(facts),
      releases: facts.releases.map(ReleaseModel.from),
    };
  }
}

export const SitePage = pageType(SiteModel, 'Site');

@ObjectType('JoinOffer')
export class JoinOfferModel {
  @Field(() => String, { description: 'Hand it to the site by a way you trust. It is shown this once.' })
  token!: string;

  @Field(() => Date)
  expiresAt!: Date;
}
