import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { createKernels } from '@concord/kernels';
import { parseSettings } from '@concord/radiomics';

import { measureCase, type MeasureResult } from './measure-case.js';

const kernels = createKernels();
const GOLDEN = fileURLToPath(new URL('../../../../libs/imaging/golden/dicom/', import.meta.url));

/** A case of one folder of images and one region, measured as the settings say. */
function measure(images: string, region: string, reading: object = {}, regionName = 'tumour'): MeasureResult {
  const settings = parseSettings({
    format: 'concord.extraction/2',
    reading,
    discretisation: { method: 'FBN', count: 4 },
    families: ['statistics'],
  });
  const imagePaths = readdirSync(`${GOLDEN}${images}`).map((name) => `${images}/${name}`);
  const format = region.includes('rtstruct') ? 'RTSTRUCT' : 'SEG';
  const task = { folder: GOLDEN, imagePaths, byteCount: 0, regionName, settings };
  return measureCase({ ...task, region: { path: region, format } }, kernels);
}

function mean(result: MeasureResult): number {
  if (result.state === 'refused') throw new Error(JSON.stringify(result.problem));
  return result.features['stat_mean'] ?? NaN;
}

const codeOf = (result: MeasureResult): string => (result.state === 'refused' ? result.problem.code : 'ok');

describe('a series of several volumes', () => {
  it('is measured on the one that the region was drawn on', () => {
    const [first, second] = [1, 2].map((part) => mean(measure('folders/echoes', 'drawn-on/silent-seg.dcm', { part })));
    expect(first).not.toBe(second);
    expect(mean(measure('folders/echoes', 'drawn-on/echo-2-seg.dcm'))).toBe(second);
    const third = mean(measure('folders/phases', 'drawn-on/phase-3-rtstruct.dcm', { part: 3 }));
    expect(mean(measure('folders/phases', 'drawn-on/phase-3-rtstruct.dcm'))).toBe(third);
  });

  it('is refused with the list of them where that is not clear, or the number is none of theirs', () => {
    const silent = measure('folders/echoes', 'drawn-on/silent-seg.dcm');
    expect(silent).toMatchObject({ state: 'refused', problem: { code: 'CASE_MANY_IMAGES' } });
    expect(JSON.stringify(silent)).toContain('1 echo time 2.3 (3 files), 2 echo time 4.6 (3 files)');
    expect(codeOf(measure('folders/echoes', 'drawn-on/echo-2-seg.dcm', { part: 3 }))).toBe('CASE_MANY_IMAGES');
  });

  it('that is a localizer and the images is no mixture', () => {
    expect(codeOf(measure('folders/localizer', 'drawn-on/silent-seg.dcm'))).toBe('CASE_MANY_IMAGES');
    expect(codeOf(measure('folders/localizer', 'drawn-on/silent-seg.dcm', { part: 1 }))).toBe('ok');
  });
});

it('reads as the settings of the protocol say', () => {
  const fractional = (reading: object) => codeOf(measure('regions/ct', 'regions/fractional.dcm', reading, 'liver'));
  expect(fractional({})).toBe('UNSUPPORTED_OBJECT');
  expect(fractional({ fractionAtLeast: 0.5 })).toBe('ok');
  const coarse = (reading: object) => codeOf(measure('regions/ct', 'regions/coarse.dcm', reading, 'liver'));
  expect(coarse({})).toBe('SEG_OFF_GRID');
  expect(coarse({ offGrid: 'resample' })).toBe('ok');
});
