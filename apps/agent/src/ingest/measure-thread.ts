import { createKernels } from '@concord/kernels';
import { parentPort } from 'node:worker_threads';

import { measureCase, type MeasureTask } from './measure-case.js';

const kernels = createKernels();

parentPort?.on('message', (task: MeasureTask) => parentPort?.postMessage(measureCase(task, kernels)));
