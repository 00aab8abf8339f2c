import { createKernels } from '@concord/kernels';
import { readFileSync } from 'node:fs';
import { kernels } from '../spec-support.js';
import { builtInCertificate } from './built-in.js';
import { certificateOf } from './certificate.js';
import { isWithinTolerance } from './compare.js';

const golden = (path: string): Buffer => readFileSync(new URL(`../../golden/${path}`, import.meta.url));

/** With one file changed. */
function certify(path?: string, change: (text: string) => string = (text) => text) {
  const read = (one: string): Buffer =>
    one === path ? Buffer.from(change(golden(one).toString('utf8'))) : golden(one);
  return builtInCertificate(read, '9.9.9', kernels);
}

const certificate = certify();

describe('the certificate of conformance', () => {
  it('holds, with every reference value of IBSI’s digital phantom and every value of the synthetic CT', () => {
    expect(certificate.holds).toBe(true);
    expect(certificate.cases.map(({ name, values }) => [name, values.length])).toEqual([
      ['IBSI 1 digital phantom', 482],
      ['synthetic CT', 212],
    ]);
    const [phantom, synthetic] = certificate.cases;
    expect(phantom.values.find(({ name }) => name === 'morph_volume')).toMatchObject({ reference: 556, holds: true });
    expect(phantom.families.every(({ notComputed }) => notComputed === 0)).toBe(true);
    expect(synthetic.worst!.deviation).toBeLessThan(1e-6);
    expect(certificate.worst).toEqual(phantom.worst);
  });

  it('sums up families over the cases', () => {
    const glcm = certificate.families.find(({ family }) => family === 'glcm');
    expect(glcm).toEqual({ family: 'glcm', holding: 6 * 25 + 2 * 25, checked: 6 * 25 + 2 * 25, notComputed: 0 });
    expect(certificate.families.reduce((sum, { checked }) => sum + checked, 0)).toBe(482 + 212);
  });

  it('does not hold when one reference is another, and names it', () => {
    const other = certify('ibsi-digital-phantom/reference_values.csv', (text) =>
      text.replace('very strong,556,4', 'very strong,566,4'),
    );
    expect(other.holds).toBe(false);
    const [phantom, synthetic] = other.cases;
    expect(phantom.values.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(['morph_volume']);
    expect(synthetic.holds).toBe(true);
    expect(phantom.digests['references']).not.toBe(certificate.cases[0].digests['references']);
  });

  it('does not hold when a voxel or a value of the synthetic CT is another', () => {
    expect(certify('ibsi-digital-phantom/voxels.csv', (text) => text.replace('1,1,2,4,1', '1,1,2,6,1')).holds).toBe(
      false,
    );
    const shifted = certify('synthetic-ct/reference_values.csv', (text) =>
      text.replace(/morph_geary_c,0.9957/, 'morph_geary_c,0.9958'),
    );
    expect(shifted.cases[1].values.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(['morph_geary_c']);
  });

  it('is the same each time, and says which engine made it', () => {
    expect(JSON.stringify(certify())).toBe(JSON.stringify(certificate));
    const twins = certificateOf(certificate.cases, '9.9.9', createKernels({ kind: 'typescript' }));
    expect([certificate.engine.kernels, twins.engine.kernels]).toEqual(['wasm', 'typescript']);
    expect(certificate.engine.kernelsDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not hold without a case, and counts what is not computed', () => {
    expect(certificateOf([], '9.9.9', kernels)).toMatchObject({ holds: false, worst: null, families: [] });
    const more = certify('ibsi-digital-phantom/reference_values.csv', (text) =>
      text.replace('morph_volume', 'morph_unheard'),
    );
    expect(more.families.find(({ family }) => family === 'Morphology')).toMatchObject({ notComputed: 1, checked: 0 });
  });
});

it('compares by IBSI’s rule: three digits, the tolerance at most', () => {
  expect(isWithinTolerance(559.9, 556, 4)).toBe(true);
  expect(isWithinTolerance(560.6, 556, 4)).toBe(false);
  expect(isWithinTolerance(0.8434, 0.838, 0.005)).toBe(true);
  expect(isWithinTolerance(125_257, 125_256, 0)).toBe(false);
  expect(isWithinTolerance(125_257, 125_256, 0, 6)).toBe(false);
  expect(isWithinTolerance(125_256, 125_256, 0, 6)).toBe(true);
});
