import { Module } from '@nestjs/common';

import { StoresModule } from '../stores.module.js';
import { RunEngine } from './run.engine.js';
import { RunRecords } from './run.records.js';
import { RunResolver } from './run.resolver.js';
import { RunService } from './run.service.js';
import { StepComputer } from './step.computer.js';
import { StepEffects } from './step.effects.js';
import { StepPool, ThreadStepPool } from './step.pool.js';

/** Runs: the graph of steps from released tables to the report. */
@Module({
  imports: [StoresModule],
  providers: [RunRecords, RunService, RunResolver],
  exports: [RunService, RunRecords],
})
export class RunsModule {}

/** The part that computes; in the hub's process, or alone in a worker's. */
@Module({
  imports: [RunsModule],
  providers: [RunEngine, StepComputer, StepEffects, { provide: StepPool, useClass: ThreadStepPool }],
})
export class RunWorkerModule {}
