import { Module } from '@nestjs/common';

import { ReleasesModule } from '../releases/releases.module.js';
import { SitesModule } from '../sites/sites.module.js';
import { StoresModule } from '../stores.module.js';
import { AgentController } from './agent.controller.js';
import { AgentMessages } from './agent.messages.js';
import { RequestGate } from './request.gate.js';

@Module({
  imports: [StoresModule, SitesModule, ReleasesModule],
  controllers: [AgentController],
  providers: [RequestGate, AgentMessages],
})
export class AgentApiModule {}
