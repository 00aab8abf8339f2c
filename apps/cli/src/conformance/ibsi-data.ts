import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { attachMask, maskFromVolume, readNifti, type Mask, type Volume } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import {
  checkCtPhantom,
  checkFilteredStatistics,
  checkResponseMap,
  checkValidationPatient,
  IBSI1_CONFIGURATIONS,
  phase2Configurations,
  VALIDATION_MODALITIES,
  type ConformanceCase,
  type ValidationModality,
} from '@concord/radiomics';
import { UsageError } from '../lib/errors.js';
import { readInput } from '../lib/files.js';

/** A reference case that waits to be computed. */
export interface Check {
  readonly name: string;
  readonly run: () => ConformanceCase;
}

/**
 * The reference cases in a folder with IBSI's data, as its repositories name the files; see docs/cli.md.
 *
 * @throws {UsageError} if there are none
 */
export function ibsiChecks(folder: string, kernels: Kernels): Check[] {
  const checks = [
    ...ctPhantomChecks(folder, kernels),
    ...validationChecks(folder, kernels),
    ...responseMapChecks(folder, kernels),
    ...filteredChecks(folder, kernels),
  ];
  if (checks.length > 0) return checks;
  throw new UsageError(
    'the folder holds none of ibsi1, ibsi1_validation and ibsi2',
    folder,
    'Give the folder with IBSI’s reference data; docs/cli.md says where it is from.',
  );
}

function ctPhantomChecks(folder: string, kernels: Kernels): Check[] {
  const references = join(folder, 'ibsi1', 'reference_values.csv');
  if (!existsSync(references)) return [];
  const phantom = join(folder, 'ibsi1', 'ct_phantom');
  return IBSI1_CONFIGURATIONS.map((configuration) => ({
    name: `configuration ${configuration}`,
    run: () => {
      const image = readCase(join(phantom, 'phantom.nii.gz'), join(phantom, 'mask.nii.gz'));
      return checkCtPhantom(configuration, image, readInput(references), kernels);
    },
  }));
}

function validationChecks(folder: string, kernels: Kernels): Check[] {
  const consensus = join(folder, 'ibsi1_validation', 'consensus.csv');
  const images = join(folder, 'ibsi1_validation', 'images');
  if (!existsSync(consensus) || !existsSync(images)) return [];
  const modalities = Object.keys(VALIDATION_MODALITIES) as ValidationModality[]; // the keys of the record
  return readdirSync(images)
    .sort()
    .flatMap((patient) =>
      modalities
        .map((modality) => ({ modality, path: join(images, patient, modality) }))
        .filter(({ path }) => existsSync(`${path}_image.nii.gz`))
        .map(({ modality, path }) => ({
          name: `${patient} ${modality}`,
          run: () => {
            const image = readCase(`${path}_image.nii.gz`, `${path}_mask.nii.gz`);
            return checkValidationPatient(patient, modality, image, readInput(consensus), kernels);
          },
        })),
    );
}

interface Phase1Test {
  readonly id: string;
  readonly phantom: string;
  readonly response_map: string | null;
}

function responseMapChecks(folder: string, kernels: Kernels): Check[] {
  const list = join(folder, 'ibsi2', 'phase1_tests.json');
  if (!existsSync(list)) return [];
  const { tests } = JSON.parse(Buffer.from(readInput(list)).toString('utf8')) as { tests: Phase1Test[] };
  return tests.flatMap(({ id, phantom, response_map: map }) => {
    if (map === null) return [];
    const run = (): ConformanceCase => {
      const [phantomBytes, mapBytes] = [
        readInput(join(folder, 'ibsi2', 'phantoms', `${phantom}.nii.gz`)),
        readInput(join(folder, 'ibsi2', map)),
      ];
      const digests = { phantom: digestOf(phantomBytes), map: digestOf(mapBytes) };
      return checkResponseMap({ id, phantom: readNifti(phantomBytes), map: readNifti(mapBytes), digests }, kernels);
    };
    return [{ name: `response map ${id}`, run }];
  });
}

function filteredChecks(folder: string, kernels: Kernels): Check[] {
  const references = join(folder, 'ibsi2', 'reference_values.csv');
  const phantom = join(folder, 'ibsi1', 'ct_phantom');
  if (!existsSync(references) || !existsSync(phantom)) return [];
  return phase2Configurations().map((configuration) => ({
    name: `filter configuration ${configuration}`,
    run: () => {
      const image = readCase(join(phantom, 'phantom.nii.gz'), join(phantom, 'mask.nii.gz'));
      return checkFilteredStatistics(configuration, image, readInput(references), kernels);
    },
  }));
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readCase(
  image: string,
  mask: string,
): { volume: Volume; mask: Mask; digests: Readonly<Record<string, string>> } {
  const [imageBytes, maskBytes] = [readInput(image), readInput(mask)];
  const volume = readNifti(imageBytes);
  return {
    volume,
    mask: attachMask(maskFromVolume(readNifti(maskBytes), 1), volume),
    digests: { image: digestOf(imageBytes), mask: digestOf(maskBytes) },
  };
}
