// The worker thread of one step: computes it, answers, and is ended by the pool.
import { parentPort, workerData } from 'node:worker_threads';

import { isConcordError } from '@concord/errors';

import { computeStep } from './step.compute.js';
import type { StepReply } from './step.pool.js';
import type { StepTask } from './step.task.js';

const reply = await computeStep(workerData as StepTask).then(
  (result): StepReply => ({ result }),
  (error: unknown): StepReply => {
    if (!isConcordError(error)) throw error;
    const { code, what, where, fix } = error.toJSON();
    return { refusal: { code, what, where, fix } };
  },
);
parentPort?.postMessage(reply);
