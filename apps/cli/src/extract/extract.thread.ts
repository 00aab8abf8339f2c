import { createKernels } from '@concord/kernels';
import { parentPort } from 'node:worker_threads';
import type { CaseSpec } from './case-list.js';
import { extractAnyCase, type CaseTask } from './extract-case.js';

const kernels = createKernels();

parentPort?.on('message', ({ spec, task }: { spec: CaseSpec; task: CaseTask }) => {
  parentPort?.postMessage(extractAnyCase(spec, task, kernels));
});
