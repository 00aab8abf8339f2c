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

/** The value of a statistic of one of the images in the settings. */
function statistics(
  volume: Volume,
  mask: Mask,
  settings: ExtractionSettings,
): (image: string, tag: string) => number | null {
  const { values } = extractFeatures(volume, mask, settings);
  return (image, tag) => values[image === 'original' ? tag : `${image}_${tag}`].value;
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
    const settings = PRESETS[`ibsi2-phase2-${id}`];
    const computedOf = statistics(phantom.volume, phantom.mask, settings);
    const value = (tag: string): number | null => computedOf(settings.images[0].name, tag);
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
    const images = Object.entries(PHASE_3).map(([id, filter]) =>
      filter === null ? { name: 'original' } : { name: `filter-${id}`, filter },
    );
    const value = statistics(volume, mask, parseSettings({ ...base, families: ['statistics'], images }));
    for (const row of rows.filter((own) => own['modality'] === modality && own['id'] === patient)) {
      const { filter_id: id, tag } = row;
      const [computed, consensus] = [value(id === '1' ? 'original' : `filter-${id}`, tag), Number(row['consensus'])];
      const tolerance = Math.max(0.005, Number(row['spread'])) * Math.abs(consensus);
      compared++;
      if (computed !== null && Math.abs(computed - consensus) <= tolerance) agreed++;
    }
  });

  it('agrees with 99 % of the values on which five or more teams agree', () => {
    expect([compared, rows.length]).toEqual([859, 859]);
    expect(agreed).toBeGreaterThanOrEqual(854); // of 859
  });
});
