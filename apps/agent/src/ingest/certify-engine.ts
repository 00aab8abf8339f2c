import { readFileSync } from 'node:fs';

import type { Certificate } from '@concord/contracts';
import { createKernels } from '@concord/kernels';
import { builtInCertificate } from '@concord/radiomics';

import { agentVersion } from '../version.js';

const GOLDEN = new URL('../../../../libs/radiomics/golden/', import.meta.url);

/** Computes the reference cases of feature extraction on this machine, with the very engine that measures cases. */
export function certifyEngine(): Certificate {
  const read = (path: string): Uint8Array => readFileSync(new URL(path, GOLDEN));
  const { families, ...certificate } = builtInCertificate(read, agentVersion(), createKernels());
  return { ...certificate, families: families.map((family) => ({ ...family })) };
}
