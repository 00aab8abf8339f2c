import type { Kernels } from '@concord/kernels';
import { certificateOf, type ConformanceCertificate } from './certificate.js';
import { checkDigitalPhantom } from './digital-phantom.js';
import { checkSyntheticCt } from './synthetic-ct.js';

/**
 * Computes the reference cases that come with Concord: IBSI's digital phantom and a synthetic CT.
 *
 * @param read gives a file of the library's `golden` folder: `synthetic-ct/mask.nii.gz`
 */
export function builtInCertificate(
  read: (path: string) => Uint8Array,
  concordVersion: string,
  kernels: Kernels,
): ConformanceCertificate {
  const phantom = checkDigitalPhantom(
    {
      voxels: read('ibsi-digital-phantom/voxels.csv'),
      references: read('ibsi-digital-phantom/reference_values.csv'),
    },
    kernels,
  );
  const synthetic = checkSyntheticCt(
    {
      image: read('synthetic-ct/image.nii.gz'),
      mask: read('synthetic-ct/mask.nii.gz'),
      references: read('synthetic-ct/reference_values.csv'),
    },
    kernels,
  );
  return certificateOf([phantom, synthetic], concordVersion, kernels);
}
