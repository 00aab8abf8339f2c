import { attachMask, maskFromVolume, readNifti, readNrrd, type Mask, type Volume } from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';

import { extractPyradiomics } from './extract.js';
import { parsePyradiomicsParameters } from './parameters.js';

interface Variant {
  readonly settings: Record<string, unknown>;
  readonly features: Record<string, number>;
}
type Variants = Record<string, Variant>;

const kernels = createKernels();

const folder = referenceData('pyradiomics');
const ibsi = referenceData('ibsi');
const withData = folder === null || ibsi === null ? describe.skip : describe;
const isAbsent = folder === null || ibsi === null ? ' (reference data absent)' : '';

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(`${folder}/${name}_recomputed_8ed5793.json`, 'utf8'));
}

function variantsOf(json: unknown): [string, Variant][] {
  return Object.entries(json as Variants).filter(([, variant]) => typeof variant === 'object' && 'features' in variant);
}

/** What is farther off than 1e-9 of the value (1e-12 where that is less), with both values. */
function wrongOf(volume: Volume, mask: Mask, variant: Variant, parameters: unknown): unknown[] {
  const { columns } = extractPyradiomics(volume, mask, parsePyradiomicsParameters(parameters), kernels);
  const computed = Object.keys(columns).filter((name) => !name.startsWith('diagnostics_'));
  expect(computed.filter((name) => !(name in variant.features))).toEqual([]);
  return Object.entries(variant.features)
    .map(([name, expected]) => ({ name, expected, value: columns[name] }))
    .filter(({ expected, value }) => {
      if (typeof value !== 'number') return true;
      return !(Math.abs(value - expected) <= Math.max(1e-9 * Math.abs(expected), 1e-12));
    });
}

/** The classes with values in the files. */
const CLASSES = { firstorder: null, glcm: null, gldm: null, glrlm: null, glszm: null, ngtdm: null };
const DERIVED = { Wavelet: {}, Square: {}, SquareRoot: {}, Logarithm: {}, Exponential: {} };

function parametersOf(name: string, { settings }: Variant): unknown {
  return name === 'derived_images'
    ? { setting: settings, imageType: DERIVED, featureClass: CLASSES }
    : { setting: settings, featureClass: { ...CLASSES, shape: null } };
}

withData(`values of PyRadiomics, computed by its own classes${isAbsent}`, () => {
  describe.each(['brain1', 'breast1'])('%s', (name) => {
    const variants = folder === null ? [] : variantsOf(readJson(name));

    it.each(variants)('%s', (variantName, variant) => {
      const volume = readNrrd(readFileSync(`${folder}/${name}_image.nrrd`));
      const label = readNrrd(readFileSync(`${folder}/${name}_label.nrrd`));
      const mask = attachMask(maskFromVolume(label, 1), volume);
      expect(wrongOf(volume, mask, variant, parametersOf(variantName, variant))).toEqual([]);
    });
  });

  describe('the CT phantom of IBSI', () => {
    const variants = folder === null ? [] : variantsOf(readJson('ibsi_ct_phantom'));

    it.each(variants)('%s', (variantName, variant) => {
      const real = readNifti(readFileSync(`${ibsi}/ibsi1/ct_phantom/phantom.nii.gz`));
      // The file holds HU as real numbers; the values are of an image of 16-bit whole ones.
      const volume: Volume = { ...real, data: Int16Array.from(real.data), storedAs: 'int16' };
      const mask = maskFromVolume(readNifti(readFileSync(`${ibsi}/ibsi1/ct_phantom/mask.nii.gz`)), 1);
      expect(wrongOf(volume, mask, variant, parametersOf(variantName, variant))).toEqual([]);
    });
  });

  describe.each(['STS_008', 'STS_025'])('%s', (patient) => {
    const cases = folder === null ? [] : Object.entries(readJson(patient) as Record<string, unknown>);
    const rows = cases.flatMap(([modality, json]) =>
      variantsOf(json).map(([variantName, variant]): [string, string, Variant] => [modality, variantName, variant]),
    );

    it.each(rows)('%s %s', (modality, variantName, variant) => {
      const base = `${ibsi}/ibsi1_validation/images/${patient}/${modality}`;
      const volume = readNifti(readFileSync(`${base}_image.nii.gz`));
      const mask = attachMask(maskFromVolume(readNifti(readFileSync(`${base}_mask.nii.gz`)), 1), volume);
      expect(wrongOf(volume, mask, variant, parametersOf(variantName, variant))).toEqual([]);
    });
  });
});
