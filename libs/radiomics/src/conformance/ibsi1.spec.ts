import { attachMask, maskFromVolume, readNifti } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { kernels } from '../spec-support.js';
import type { CheckedValue } from './certificate.js';
import { checkCtPhantom, checkValidationPatient, IBSI1_CONFIGURATIONS, type ValidationModality } from './ibsi1.js';

function readCase(image: string, mask: string) {
  const volume = readNifti(readFileSync(image));
  return { volume, mask: attachMask(maskFromVolume(readNifti(readFileSync(mask)), 1), volume), digests: {} };
}

function broken(values: readonly CheckedValue[]): unknown[] {
  return values.filter(({ holds }) => !holds).map(({ name, value, reference }) => [name, value, reference]);
}

const ibsi1 = referenceData('ibsi', 'ibsi1');
const onCtPhantom = ibsi1 === null ? describe.skip : describe;

onCtPhantom(`the CT phantom of IBSI 1${ibsi1 === null ? ' (reference data absent)' : ''}`, () => {
  it('has all of its 1,322 feature values and 300 diagnostics under configurations A to E', () => {
    const phantom = readCase(`${ibsi1}/ct_phantom/phantom.nii.gz`, `${ibsi1}/ct_phantom/mask.nii.gz`);
    const references = readFileSync(`${ibsi1}/reference_values.csv`);
    const counts = IBSI1_CONFIGURATIONS.map((configuration) => {
      const { values, families, holds } = checkCtPhantom(configuration, phantom, references, kernels);
      expect([configuration, broken(values)]).toEqual([configuration, []]);
      expect([holds, families.reduce((sum, { notComputed }) => sum + notComputed, 0)]).toEqual([true, 0]);
      const diagnostics = values.filter(({ family }) => family === 'diagnostics').length;
      return [configuration, values.length - diagnostics, diagnostics];
    });
    // with the digital phantom's 482: 1,804
    expect(counts).toEqual([
      ['A', 346, 60],
      ['B', 346, 60],
      ['C', 210, 60],
      ['D', 210, 60],
      ['E', 210, 60],
    ]);
  });
});

const validation = referenceData('ibsi', 'ibsi1_validation');
const onPatients = validation === null ? describe.skip : describe;

onPatients(`IBSI 1 validation${validation === null ? ' (reference data absent)' : ''}`, () => {
  it.each([
    ['STS_008', 185, 181, 134],
    ['STS_019', 183, 184, 151],
    ['STS_025', 184, 151, 148],
    ['STS_042', 180, 133, 120],
  ])('%s agrees with every value on which five or more of nine programs agree', (patient, ...counts) => {
    const consensus = readFileSync(`${validation}/consensus.csv`);
    (['CT', 'MR_T1', 'PET'] as const).forEach((modality: ValidationModality, n) => {
      const path = `${validation}/images/${patient}/${modality}`;
      const image = readCase(`${path}_image.nii.gz`, `${path}_mask.nii.gz`);
      const { values } = checkValidationPatient(patient, modality, image, consensus, kernels);
      expect([modality, values.length, broken(values)]).toEqual([modality, counts[n], []]);
    });
  });
});
