import { Module } from '@nestjs/common';

import { StoresModule } from '../stores.module.js';
import { SiteOverview } from './site.overview.js';
import { SiteResolver } from './site.resolver.js';
import { SiteService, SiteStores } from './site.service.js';

@Module({
  imports: [StoresModule],
  providers: [SiteService, SiteStores, SiteOverview, SiteResolver],
  exports: [SiteService],
})
export class SitesModule {}
