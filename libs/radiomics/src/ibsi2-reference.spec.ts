import { attachMask, maskFromVolume, readNifti, type Mask, type Volume } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { parseSettings, PRESETS, type ExtractionSettings } from './index.js';
import { extractFeatures, isWithinTolerance, readCsv } from './spec-support.js';

const data = referenceData('ibsi');
const onData = data === null ? describe.skip : describe;
const absent = data === null ? ' (reference data absent)' : '';

function readCase(image: string, mask: string): { volume: Volume; mask: Mask } {
  const volume = readNifti(readFileSync(`${data}/${image}.nii.gz`));
  return { volume, mask: attachMask(maskFromVolume(readNifti(readFileSync(`${data}/${mask}.nii.gz`)), 1), volume) };
}

/** The statistics of the one image in the settings, by tag. */
function statistics(volume: Volume, mask: Mask, settings: ExtractionSettings): (tag: string) => number | null {
  const { values } = extractFeatures(volume, mask, settings);
  const [{ name }] = settings.images;
  return (tag) => values[name === 'original' ? tag : `${name}_${tag}`].value;
}

onData(`phase 2 of IBSI 2${absent}`, () => {
  // Semicolons between the columns, no comma in any.
  const text = data === null ? '' : readFileSync(`${data}/ibsi2/reference_values.csv`, 'utf8').replaceAll(';', ',');
  const rows = readCsv(text).filter((row) => row['consensus_value'] !== '' && row['tolerance'] !== '');
  const configurations = [...new Set(rows.map((row) => row['filter_id']))];
  let phantom: ReturnType<typeof readCase>;

  beforeAll(() => {
    phantom = readCase('ibsi1/ct_phantom/phantom', 'ibsi1/ct_phantom/mask');
  });

  it('is 323 values in 18 configurations', () => {
    expect([rows.length, configurations.length]).toEqual([323, 18]);
  });

  it.each(configurations)('%s matches every reference value', (id) => {
    const value = statistics(phantom.volume, phantom.mask, PRESETS[`ibsi2-phase2-${id}`]);
    const own = rows.filter((row) => row['filter_id'] === id);
    const wrong = own.filter((row) => {
      const computed = value(row['feature_tag']);
      return (
        computed === null || !isWithinTolerance(computed, Number(row['consensus_value']), Number(row['tolerance']))
      );
    });
    expect(wrong.map((row) => [row['feature_tag'], value(row['feature_tag']), row['consensus_value']])).toEqual([]);
  });
});

/** The filters of phase 3 whose parameters are verified; the kernel of 3 must reach 5 sigma. */
const PHASE_3: Readonly<Record<string, object | null>> = {
  1: null,
  2: { kind: 'mean', sizeVoxels: 3 },
  3: { kind: 'laplacian-of-gaussian', sigmaMm: 3, truncation: 5 },
  4: { kind: 'laws', kernels: 'S5E5L5', rotationInvariant: true, energyDistanceVoxels: 5 },
  8: { kind: 'simoncelli', level: 1, boundary: 'periodic' },
  9: { kind: 'simoncelli', level: 2, boundary: 'periodic' },
};

onData(`phase 3 of IBSI 2${absent}`, () => {
  const rows = (data === null ? [] : readCsv(readFileSync(`${data}/ibsi2/phase3_consensus.csv`, 'utf8'))).filter(
    (row) => Number(row['teams_agreeing']) >= 5 && row['filter_id'] in PHASE_3,
  );
  let [agreed, compared] = [0, 0];

  it.each(
    ['STS_008', 'STS_019', 'STS_025', 'STS_042'].flatMap((patient) =>
      ['CT', 'MR_T1', 'PET'].map((modality) => [patient, modality]),
    ),
  )('%s, %s', (patient, modality) => {
    const base = PRESETS[`ibsi1-validation-${{ CT: 'ct', MR_T1: 'mr', PET: 'pet' }[modality]}`];
    const folder = `ibsi1_validation/images/${patient}/${modality}`;
    const { volume, mask } = readCase(`${folder}_image`, `${folder}_mask`);
    for (const [id, filter] of Object.entries(PHASE_3)) {
      const own = rows.filter(
        (row) => row['modality'] === modality && row['id'] === patient && row['filter_id'] === id,
      );
      if (own.length === 0) continue;
      const images = [filter === null ? { name: 'original' } : { name: 'response', filter }];
      const value = statistics(volume, mask, parseSettings({ ...base, families: ['statistics'], images }));
      for (const row of own) {
        const [computed, consensus] = [value(row['tag']), Number(row['consensus'])];
        const tolerance = Math.max(0.005, Number(row['spread'])) * Math.abs(consensus);
        compared++;
        if (computed !== null && Math.abs(computed - consensus) <= tolerance) agreed++;
        else if (process.env['SHOW'])
          process.stdout.write(`${modality} ${patient} ${id} ${row['tag']} ${computed} ${consensus}\n`);
      }
    }
  });

  it('agrees with 99 % of the values on which five or more teams agree', () => {
    if (process.env['SHOW']) process.stdout.write(`${agreed} of ${compared}\n`);
    expect(compared).toBe(rows.length);
    expect(agreed).toBeGreaterThanOrEqual(0.99 * compared);
  });
});
