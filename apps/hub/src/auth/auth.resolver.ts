import { Field, ObjectType, Query, Resolver, registerEnumType } from '@nestjs/graphql';

import { PersonRole as PersonRoles } from '../generated/prisma/enums.js';
import type { PersonRole, Principal } from './principal.js';
import { CurrentPrincipal, RequireRole } from './role.guard.js';

registerEnumType(PersonRoles, { name: 'PersonRole' });

@ObjectType('Person')
export class PersonModel {
  @Field(() => PersonRoles)
  role!: PersonRole;

  @Field(() => String)
  name!: string;
}

@Resolver()
export class AuthResolver {
  @Query(() => PersonModel, { description: 'The person the token belongs to.' })
  @RequireRole('coordinator', 'reviewer')
  me(@CurrentPrincipal() principal: Principal): PersonModel {
    return { role: principal.role, name: principal.name };
  }
}
