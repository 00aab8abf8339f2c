import { createKernels } from '@concord/kernels';
import type { ExtractionSettings } from '@concord/radiomics';
import { parentPort } from 'node:worker_threads';
import type { CaseSpec } from './case-list.js';
import { extractCase } from './extract-case.js';

const kernels = createKernels();

parentPort?.on('message', ({ spec, settings }: { spec: CaseSpec; settings: ExtractionSettings }) => {
  parentPort?.postMessage(extractCase(spec, settings, kernels));
});
