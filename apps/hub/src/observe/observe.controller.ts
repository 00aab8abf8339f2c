import { Controller, Get, Header, Res } from '@nestjs/common';
import type { Response } from 'express';

import { OpenToAll } from '../auth/role.guard.js';
import { Database } from '../database/database.js';
import { ObjectStore } from '../objects/object.store.js';
import { HubLog } from './hub-log.js';
import { Metrics } from './metrics.js';

/** For machines that watch the hub: counts and states only. */
@Controller()
@OpenToAll()
export class ObserveController {
  constructor(
    private readonly database: Database,
    private readonly objects: ObjectStore,
    private readonly metrics: Metrics,
    private readonly log: HubLog,
  ) {}

  /** The process lives. */
  @Get('health')
  health(): { status: string } {
    return { status: 'ok' };
  }

  /** Database and object store answer; 503 if not. */
  @Get('ready')
  async ready(@Res() response: Response): Promise<void> {
    const [database, objects] = await Promise.all([this.answers(this.database), this.answers(this.objects)]);
    response.status(database && objects ? 200 : 503).json({ database, objects });
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async text(): Promise<string> {
    const steps = await this.database.client.step.groupBy({ by: ['state'], _count: { _all: true } });
    const values = steps.map(({ state, _count }): [Record<string, string>, number] => [{ state }, _count._all]);
    return this.metrics.text([{ name: 'concord_steps', help: 'Steps of all runs, by state.', values }]);
  }

  private async answers(part: { check(): Promise<void> }): Promise<boolean> {
    try {
      await part.check();
      return true;
    } catch (error) {
      this.log.failure('ready.failed', error);
      return false;
    }
  }
}
