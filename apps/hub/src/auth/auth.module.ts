import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { AuthResolver } from './auth.resolver.js';
import { AuthService } from './auth.service.js';
import { RoleGuard } from './role.guard.js';

@Global()
@Module({
  providers: [AuthService, AuthResolver, { provide: APP_GUARD, useClass: RoleGuard }],
  exports: [AuthService],
})
export class AuthModule {}
