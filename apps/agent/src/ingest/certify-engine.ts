import { readFileSync } from 'node:fs';

import type { Certificate } from '@concord/contracts';
import { createKernels } from '@concord/kernels';
import { checkDigitalPhantom } from '@concord/radiomics';

import { agentVersion } from '../version.js';

const PHANTOM = new URL('../../../../libs/radiomics/golden/ibsi-digital-phantom/', import.meta.url);

/** Computes the reference cases of feature extraction on this machine, with the very engine that measures cases. */
export function certifyEngine(): Certificate {
  const read = (name: string): Uint8Array => readFileSync(new URL(name, PHANTOM));
  const files = { voxels: read('voxels.csv'), references: read('reference_values.csv') };
  const { families, ...certificate } = checkDigitalPhantom(files, agentVersion(), createKernels());
  return { ...certificate, families: families.map((family) => ({ ...family })) };
}
