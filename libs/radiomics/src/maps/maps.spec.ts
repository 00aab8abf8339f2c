import { readFileSync } from 'node:fs';
import { parsePyradiomicsParameters } from '../pyradiomics/parameters.js';
import { kernels, maskOf, volumeOf } from '../spec-support.js';
import { featureMaps } from './feature-maps.js';
import { parseVoxelSettings, type VoxelSettings } from './voxel-settings.js';

interface Golden {
  readonly pyradiomics: string;
  readonly cases: readonly {
    readonly setting: Record<string, unknown>;
    readonly voxelSetting: Partial<VoxelSettings>;
    readonly region: 'ball' | 'box';
    /** Whether the image is the one whose first five columns are 10. */
    readonly isEven: boolean;
    readonly maps: Readonly<Record<string, readonly (number | null)[]>>;
  }[];
}

// golden/maps/voxel-based.py: PyRadiomics 3.0.1 itself
const golden = JSON.parse(
  readFileSync(new URL('../../golden/maps/voxel-based.json', import.meta.url), 'utf8'),
) as Golden;
const [nx, ny, nz] = [9, 8, 6];

/** The image and regions of golden/maps/voxel-based.py. */
function phantom() {
  let state = 11;
  const values: number[] = [];
  const ball: number[] = [];
  const box: number[] = [];
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++) {
        state = Number((BigInt(state) * 1103515245n + 12345n) % 2147483648n);
        values.push(Math.floor(state / 65536) % 160);
        const radius = ((i - 4) / 3.6) ** 2 + ((j - 3.5) / 3.2) ** 2 + ((k - 2.5) / 2.4) ** 2;
        ball.push(radius <= 1 || (k === 0 && j === 0 && i < 2) ? 1 : 0);
        box.push(i > 1 && i < 7 && j > 1 && j < 6 && k > 0 ? 1 : 0);
      }
    }
  }
  const volume = volumeOf([nx, ny, nz], [0.9, 1.2, 2.5], values);
  return { volume, regions: { ball: maskOf(volume, ball), box: maskOf(volume, box) } };
}

const { volume, regions } = phantom();
const even = { ...volume, data: volume.data.map((x, n) => (n % nx < 5 ? 10 : x)) };
const defaults = parseVoxelSettings({});

const CLASSES = ['firstorder', 'glcm', 'gldm', 'glrlm', 'glszm', 'ngtdm'];

function mapsOf(
  region: 'ball' | 'box',
  setting: object,
  voxelSetting: Partial<VoxelSettings>,
  classes = CLASSES,
  image = volume,
) {
  const featureClass = Object.fromEntries(classes.map((name) => [name, null]));
  const parameters = parsePyradiomicsParameters({ setting, featureClass });
  return featureMaps(image, regions[region], parameters, { ...defaults, ...voxelSetting }, kernels);
}

describe('maps of features equal those of PyRadiomics 3.0.1', () => {
  it.each(golden.cases)('$setting $voxelSetting', ({ setting, voxelSetting, region, isEven, maps: theirs }) => {
    const { maps } = mapsOf(region, setting, voxelSetting, CLASSES, isEven ? even : volume);
    const ours = new Map(maps.map((map) => [map.name, map]));
    const names = Object.keys(theirs).filter((name) => {
      // A map that PyRadiomics gave up, see the script.
      return !(name === 'original_glcm_MCC' && theirs[name].every((x) => x === 0));
    });
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const own = ours.get(name)!.data.filter((_, n) => regions[region].data[n] === 1);
      expect(own.length).toBe(theirs[name].length);
      const errors = theirs[name].map((x, n) => (x === null ? 0 : Math.abs(own[n] - x) / Math.max(1, Math.abs(x))));
      expect([name, errors.filter((error) => !(error < 1e-6))]).toEqual([name, []]);
    }
    const compared = Object.values(theirs).flat();
    expect(compared.filter((x) => x === null).length / compared.length).toBeLessThan(0.001);
  });
});

describe('maps', () => {
  it('lie on the grid of the image, with the initial value outside the region and where there is no value', () => {
    const { maps, warnings } = mapsOf('ball', {}, { initValue: -7 }, ['firstorder']);
    const map = maps.find(({ name }) => name === 'original_firstorder_RobustMeanAbsoluteDeviation')!;
    expect([map.shape, map.undefinedCount, map.data.every(Number.isFinite)]).toEqual([volume.shape, 2, true]);
    expect([map.data[0], map.data[1], map.data[5]]).toEqual([-7, -7, -7]);
    expect(warnings).toEqual([`${map.name} has no value at 2 voxel(s), which hold -7`]);
  });

  it('of the mean are the mean of the neighbours in the region', () => {
    const { maps } = mapsOf('box', {}, {}, ['firstorder']);
    const mean = maps.find(({ name }) => name === 'original_firstorder_Mean')!;
    const corner = [0, 1].flatMap((k) => [0, 1].flatMap((j) => [0, 1].map((i) => 2 + i + nx * (2 + j + ny * (1 + k)))));
    const expected = corner.reduce((sum, n) => sum + volume.data[n], 0) / 8;
    expect(mean.data[corner[0]]).toBeCloseTo(expected, 12);
  });

  it('read their settings from parameter files', () => {
    const voxelSetting = { kernelRadius: 2n, initValue: -1, voxelBatch: 100 };
    expect(parseVoxelSettings({ voxelSetting })).toEqual({ kernelRadius: 2, maskedKernel: true, initValue: -1 });
    expect(() => parseVoxelSettings({ voxelSetting: { kernelRadius: 0 } })).toThrow('kernelRadius');
  });

  it.each([0, 1.5, 51, NaN])('refuse a kernel radius of %f', (kernelRadius) => {
    expect(() => mapsOf('box', {}, { kernelRadius })).toThrow(
      expect.objectContaining({ code: 'INVALID_SETTINGS' }) as Error,
    );
  });
});
