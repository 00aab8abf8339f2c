import { parentPort } from 'node:worker_threads';

import { measureCase, type MeasureTask } from './measure-case.js';

parentPort?.on('message', (task: MeasureTask) => parentPort?.postMessage(measureCase(task)));
