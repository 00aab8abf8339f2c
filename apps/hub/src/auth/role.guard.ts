import { Injectable, SetMetadata, createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import { HubError } from '../errors/hub-error.js';
import type { HubContext } from '../graphql/context.js';
import { AuthService } from './auth.service.js';
import type { PersonRole, Principal } from './principal.js';

const ROLES = 'concord:roles';

/** Who may call a resolver or route. What carries neither this nor `OpenToAll` is refused to everybody. */
export const RequireRole = (...roles: PersonRole[]) => SetMetadata(ROLES, roles);

/** For routes that know who calls by other means (a site's signature), or that tell nothing (health). */
export const OpenToAll = () => SetMetadata(ROLES, 'all');

/** The person who calls. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const principal = isGraphql(context) ? graphqlContext(context).principal : httpRequest(context).principal;
  if (!principal) throw unauthenticated();
  return principal;
});

type RequestOfPerson = Request & { principal?: Principal };

/** Runs before every resolver and route. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly auth: AuthService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const roles = this.reflector.getAllAndOverride<PersonRole[] | 'all' | undefined>(ROLES, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (roles === 'all') return true;
    const principal = isGraphql(context) ? graphqlContext(context).principal : await this.readRequest(context);
    if (!principal) throw unauthenticated();
    if (roles?.includes(principal.role)) return true;
    throw new HubError(
      'FORBIDDEN',
      `a ${principal.role} may not do this`,
      context.getHandler().name,
      roles ? `Use the token of a ${roles.join(' or ')}.` : 'This is closed to everybody: report it.',
    );
  }

  private async readRequest(context: ExecutionContext): Promise<Principal | null> {
    const request = httpRequest(context);
    const principal = await this.auth.principalOf(request.headers.authorization);
    if (principal !== null) request.principal = principal;
    return principal;
  }
}

function isGraphql(context: ExecutionContext): boolean {
  return context.getType<string>() === 'graphql';
}

function graphqlContext(context: ExecutionContext): HubContext {
  return context.getArgByIndex<HubContext>(2);
}

function httpRequest(context: ExecutionContext): RequestOfPerson {
  return context.switchToHttp().getRequest<RequestOfPerson>();
}

function unauthenticated(): HubError {
  return new HubError(
    'UNAUTHENTICATED',
    'the request carries no token of this hub',
    'Authorization header',
    'Send `Authorization: Bearer TOKEN` with the token from coordinator.token or reviewer.token in the hub’s data folder.',
  );
}
