import { readNifti } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { kernels } from '../spec-support.js';
import { checkResponseMap, phase2Configurations } from './ibsi2.js';

const data = referenceData('ibsi', 'ibsi2');
const onData = data === null ? describe.skip : describe;

it('IBSI 2 has 18 configurations of filtered statistics', () => {
  expect(phase2Configurations()).toHaveLength(18);
});

onData(`a response map of IBSI 2 in a certificate${data === null ? ' (reference data absent)' : ''}`, () => {
  const read = (path: string) => readNifti(readFileSync(`${data}/${path}.nii.gz`));

  it('holds where every voxel does, and not when one does not', () => {
    const phantom = read('phantoms/checkerboard');
    const map = read('response_maps/1_a_1');
    const check = (changed: typeof map) =>
      checkResponseMap({ id: '1.a.1', phantom, map: changed, digests: {} }, kernels);
    expect(check(map)).toMatchObject({ holds: true, families: [{ family: 'filters', holding: 1, checked: 1 }] });
    expect(check(map).worst!.deviation).toBeLessThan(1e-6); // the map is in single precision
    const one = Float64Array.from(map.data);
    one[12_345] += 3; // of a range of 255
    const [value] = check({ ...map, data: one }).values;
    expect([value.holds, value.reference]).toEqual([false, one[12_345]]);
  });
});
