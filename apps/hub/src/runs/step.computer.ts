import { Injectable } from '@nestjs/common';

import { ObjectStore } from '../objects/object.store.js';
import type { StepOutputs } from './run.graph.js';
import { StepPool, type PooledTask } from './step.pool.js';
import type { StepResult } from './step.task.js';

/** A task whose inputs are still in the object store. */
export type PreparedStep = Omit<PooledTask, 'inputs'> & { readonly inputDigest: string };

/** Fetches what a step reads, computes it and stores what it wrote; touches no row. */
@Injectable()
export class StepComputer {
  constructor(
    private readonly objects: ObjectStore,
    private readonly pool: StepPool,
  ) {}

  /** @param signal ends the computation: the job was given to another, or the hub stops */
  async compute(step: PreparedStep, signal: AbortSignal): Promise<{ outputs: StepOutputs; result: StepResult }> {
    const inputs: Record<string, Uint8Array> = {};
    for (const [role, digest] of Object.entries(step.digests)) inputs[role] = await this.objects.get(digest);
    const result = await this.pool.compute({ ...taskOf(step), inputs }, signal);
    const outputs: Record<string, string> = {};
    for (const [role, bytes] of Object.entries(result)) outputs[role] = await this.objects.put(bytes);
    return { outputs, result };
  }
}

/** Without what only the database cares for: the task goes to a thread as it is. */
function taskOf({ kind, site, protocol, protocolDigest, digests, record }: PreparedStep): Omit<PooledTask, 'inputs'> {
  return { kind, site, protocol, protocolDigest, digests, record };
}
