import { readFileSync } from 'node:fs';
import { AGGREGATIONS, featureCatalogue, PRESETS } from './index.js';
import { digitalPhantom, extractFeatures, isWithinTolerance, readCsv } from './spec-support.js';

const golden = (name: string): string =>
  readFileSync(new URL(`../golden/ibsi-digital-phantom/${name}`, import.meta.url), 'utf8');

const settings = { ...PRESETS['ibsi1-phantom'], aggregations: [...AGGREGATIONS] };
const references = new Map(readCsv(golden('reference_values.csv')).map((row) => [row['tag'], row]));
const { volume, mask } = digitalPhantom(golden('voxels.csv'));
const vector = extractFeatures(volume, mask, settings);

const catalogue = featureCatalogue(settings);
const withReference = catalogue.filter(({ name }) => references.has(name));
/** IBSI gives no value for these. */
const WITHOUT_REFERENCE = new Set([
  'morph_vol_dens_ombb',
  'morph_area_dens_ombb',
  'morph_vol_dens_mvee',
  'morph_area_dens_mvee',
  'ivh_auc',
  'cm_mcc',
]);

describe('the digital phantom of IBSI 1', () => {
  it('has 80 voxels of 2 mm, 74 of them in the region, with levels 1, 3, 4, 6 and 9 outside', () => {
    expect(volume.data.length).toBe(80);
    expect(mask.data.reduce((a, b) => a + b)).toBe(74);
    expect(vector.diagnostics.resegmented).toMatchObject({ minimum: 1, maximum: 6, intensityVoxelCount: 74 });
    expect(vector.diagnostics.greyLevelCount).toBe(6);
  });

  it('has a reference value for every feature that we compute, but for those that IBSI gives none', () => {
    const without = catalogue.filter(({ name }) => !references.has(name));
    expect(new Set(without.map(({ tag }) => tag))).toEqual(WITHOUT_REFERENCE);
    expect(withReference).toHaveLength(25 + 2 + 18 + 23 + 6 + 6 * (25 + 16) + 3 * (16 + 16 + 5 + 17));
  });

  it.each(withReference.map(({ name, title }) => [name, title] as const))('%s: %s', (name, title) => {
    const row = references.get(name)!;
    expect(row['feature']).toBe(title);
    const { value } = vector.values[name];
    const isMatch =
      value !== null && isWithinTolerance(value, Number(row['reference_value']), Number(row['tolerance']));
    expect({ value, reference: row['reference_value'], isMatch }).toMatchObject({ isMatch: true });
  });
});
