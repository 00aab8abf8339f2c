import { Controller, Get, Module, Param } from '@nestjs/common';

import type { BundleManifest } from '@concord/contracts';

import { RequireRole } from '../auth/role.guard.js';
import { BundleService } from './bundle.service.js';

/** What a coordinator or reviewer takes away: the manifest here, each object by its digest. */
@Controller('studies')
export class BundleController {
  constructor(private readonly bundles: BundleService) {}

  @Get(':id/bundle')
  @RequireRole('coordinator', 'reviewer')
  async manifest(@Param('id') id: string): Promise<BundleManifest> {
    return this.bundles.manifest(id);
  }
}

@Module({ controllers: [BundleController], providers: [BundleService] })
export class BundlesModule {}
