import { readFileSync } from 'node:fs';
import { kernels } from '../spec-support.js';
import { checkDigitalPhantom, isWithinTolerance } from './digital-phantom.js';

const golden = (name: string) => readFileSync(new URL(`../../golden/ibsi-digital-phantom/${name}`, import.meta.url));
const files = { voxels: golden('voxels.csv'), references: golden('reference_values.csv') };
const certificate = checkDigitalPhantom(files, '9.9.9', kernels);

describe('the certificate of conformance', () => {
  it('holds, and counts every reference value of IBSI as checked or as not computed', () => {
    expect(certificate.holds).toBe(true);
    const lines = files.references.toString('utf8').trim().split('\n').length - 1;
    const counted = certificate.families.reduce((sum, { checked, notComputed }) => sum + checked + notComputed, 0);
    expect(counted).toBe(lines);
    expect(certificate.values.length).toBeGreaterThanOrEqual(310);
    expect(certificate.values.find(({ name }) => name === 'morph_volume')).toMatchObject({
      reference: 556,
      holds: true,
    });
  });

  it('does not hold when one reference is another, and names it', () => {
    const text = files.references.toString('utf8').replace('very strong,556,4', 'very strong,566,4');
    const other = checkDigitalPhantom({ ...files, references: Buffer.from(text) }, '9.9.9', kernels);
    expect(other.holds).toBe(false);
    expect(other.values.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(['morph_volume']);
    expect(other.data.digests['references']).not.toBe(certificate.data.digests['references']);
  });

  it('does not hold when a voxel is another', () => {
    const voxels = Buffer.from(files.voxels.toString('utf8').replace('1,1,2,4,1', '1,1,2,6,1'));
    expect(checkDigitalPhantom({ ...files, voxels }, '9.9.9', kernels).holds).toBe(false);
  });

  it('is the same each time', () => {
    expect(JSON.stringify(checkDigitalPhantom(files, '9.9.9', kernels))).toBe(JSON.stringify(certificate));
  });
});

it('compares by IBSI’s rule: three digits, the tolerance at most', () => {
  expect(isWithinTolerance(559.9, 556, 4)).toBe(true);
  expect(isWithinTolerance(560.6, 556, 4)).toBe(false);
  expect(isWithinTolerance(0.8434, 0.838, 0.005)).toBe(true);
});
