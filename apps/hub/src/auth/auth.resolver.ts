import { Args, Field, Mutation, ObjectType, Query, Resolver, registerEnumType } from '@nestjs/graphql';

import { HubError } from '../errors/hub-error.js';
import { PersonRole as PersonRoles } from '../generated/prisma/enums.js';
import { AuthService } from './auth.service.js';
import type { PersonRole, Principal } from './principal.js';
import { CurrentPrincipal, RequireRole } from './role.guard.js';

registerEnumType(PersonRoles, { name: 'PersonRole' });

@ObjectType('Person')
export class PersonModel {
  @Field(() => PersonRoles)
  role!: PersonRole;

  @Field(() => String)
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Null for the hub’s first tokens, which state and review nothing.',
  })
  institution!: string | null;
}

@Resolver()
export class AuthResolver {
  constructor(private readonly auth: AuthService) {}

  @Query(() => PersonModel, { description: 'The person the token belongs to.' })
  @RequireRole('coordinator', 'reviewer')
  me(@CurrentPrincipal() { role, name, institution }: Principal): PersonModel {
    return { role, name, institution };
  }

  @Mutation(() => String, {
    description: 'A token for one person, shown this once. Who may state and review is named.',
  })
  @RequireRole('coordinator')
  async issueToken(
    @Args('role', { type: () => PersonRoles }) role: PersonRole,
    @Args('name', { type: () => String, description: 'As the audit log will name the person.' }) name: string,
    @Args('institution', { type: () => String }) institution: string,
    @CurrentPrincipal() { name: actor }: Principal,
  ): Promise<string> {
    const texts: [string, string][] = [
      ['name', name],
      ['institution', institution],
    ];
    for (const [where, text] of texts) {
      if (/^[\p{L}\p{N}][\p{L}\p{N} .,'’()&-]{1,98}$/u.test(text) && text !== 'hub') continue;
      const what = `this is no ${where} of a person: 2 to 99 letters, digits, spaces and .,'()&-`;
      throw new HubError('INPUT_INVALID', what, where, 'Write it as on a letter.');
    }
    return this.auth.issue(role, name, institution, actor);
  }
}
