import type { Mask, Triple, Volume } from '@concord/imaging';
import { AGGREGATIONS, FAMILIES, featureCatalogue, parseSettings, type ExtractionSettings } from './index.js';
import { extractFeatures, maskOf, volumeOf } from './spec-support.js';

/** Every family and aggregation, without resampling. */
const settings = parseSettings({
  format: 'concord.extraction/2',
  discretisation: { method: 'FBS', width: 25, minimum: -1000 },
  families: FAMILIES,
  aggregations: AGGREGATIONS,
});

interface Case {
  readonly volume: Volume;
  readonly mask: Mask;
}

function caseOf(shape: Triple, value: (n: number) => number, isInside: (n: number) => boolean = () => true): Case {
  const size = shape[0] * shape[1] * shape[2];
  const volume = volumeOf(
    shape,
    [1, 1, 2],
    Array.from({ length: size }, (_, n) => value(n)),
  );
  return {
    volume,
    mask: maskOf(
      volume,
      Array.from({ length: size }, (_, n) => Number(isInside(n))),
    ),
  };
}

/** Values, or reasons where there are none. */
function outcome({ volume, mask }: Case, changed: Partial<ExtractionSettings> = {}): Record<string, number | string> {
  const { values } = extractFeatures(volume, mask, { ...settings, ...changed });
  expect(Object.keys(values)).toEqual(featureCatalogue({ ...settings, ...changed }).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(values).map(([name, { value, status, reason }]) => {
      expect(value === null ? typeof reason : Number.isFinite(value)).toBe(value === null ? 'string' : true);
      return [name, value ?? `${status}: ${reason}`];
    }),
  );
}

function familyOf(values: Record<string, number | string>, family: string): (number | string)[] {
  const names = featureCatalogue(settings).filter((feature) => feature.family === family);
  return names.map(({ name }) => values[name]);
}

function refusal(call: () => unknown): { code: string; where: string; fix: string } {
  try {
    call();
  } catch (error) {
    return error as { code: string; where: string; fix: string }; // every refusal is a ConcordError: checked below
  }
  throw new Error('it was not refused');
}

describe('a region of one voxel', () => {
  const values = outcome(
    caseOf(
      [3, 3, 3],
      (n) => 10 * n,
      (n) => n === 13,
    ),
  );

  it('has the values that one voxel has', () => {
    expect(values).toMatchObject({ stat_mean: 130, stat_var: 0, morph_vol_approx: 2, ih_entropy: 0 });
    // The image is smaller than the ball of 1 cm3: all of it counts.
    expect(values).toMatchObject({ loc_peak_loc: 130, rlm_r_perc_3D_avg: 1, szm_z_perc_3D: 1, ngl_lde_3D: 1 });
  });

  it('has reasons for the rest', () => {
    expect(values).toMatchObject({
      morph_pca_maj_axis: 'undefined: one voxel has no axes',
      morph_moran_i: 'undefined: one voxel has no pairs',
      stat_skew: 'undefined: all voxels have one intensity',
      ih_kurt: 'undefined: all voxels have one grey level',
      ngt_busyness_3D: 'undefined: no voxel has a neighbour in the region',
      ivh_v10: 'undefined: there is one level only',
    });
    const reason = 'undefined: no two neighbouring voxels along this direction';
    expect(new Set(familyOf(values, 'glcm'))).toEqual(new Set([reason]));
  });
});

describe('a flat region', () => {
  const flat = caseOf([4, 4, 3], () => 50);
  const values = outcome(flat);

  it('has the values of the conventions, and reasons where there is none', () => {
    expect(values).toMatchObject({
      cm_corr_3D_avg: 1,
      cm_info_corr1_3D_avg: 0,
      ngt_coarseness_3D: 1e6,
      ngt_contrast_3D: 0,
      ngt_busyness_3D: 0,
      stat_cov: 0,
      stat_skew: 'undefined: all voxels have one intensity',
      morph_geary_c: 'undefined: all voxels have one intensity',
    });
  });

  it('lies in the middle bin of a fixed number of bins', () => {
    const middle = outcome(flat, { discretisations: [{ method: 'FBN', count: 9 }] });
    expect([middle['ih_min'], middle['ih_max']]).toEqual([5, 5]);
  });
});

it('what re-segmentation emptied keeps its shape, and has a reason for all else', () => {
  const values = outcome(
    caseOf([3, 3, 3], () => 500),
    { resegmentation: { range: [0, 100], outlierSigma: null } },
  );
  const reason = 'undefined: no voxel is left after re-segmentation';
  expect(values['morph_vol_approx']).toBe(54);
  const shape = ['morphology', 'enclosure'];
  for (const family of FAMILIES.filter((one) => !shape.includes(one))) {
    expect([family, new Set(familyOf(values, family))]).toEqual([family, new Set([reason])]);
  }
  expect(values).toMatchObject({ morph_com: reason, morph_integ_int: reason });
  expect(values['morph_vol_dens_mvee']).toBeGreaterThan(0);
});

describe('a region below the minimum of the settings', () => {
  const slice = caseOf(
    [5, 5, 3],
    (n) => n,
    (n) => n >= 25 && n < 50,
  );

  it('is refused by its number of voxels, or of dimensions', () => {
    const minimum = (voxels: number, dimensions: number) => () =>
      outcome(slice, { minimumRegion: { voxels, dimensions } });
    expect(refusal(minimum(26, 0))).toMatchObject({ code: 'REGION_TOO_SMALL', where: 'region region' });
    expect(refusal(minimum(1, 3)).fix).toMatch(/minimumRegion/);
    expect(minimum(25, 2)).not.toThrow();
  });

  it('counts after resampling', () => {
    const resampled = parseSettings({
      format: 'concord.extraction/2',
      resampling: { spacingMm: [2, 2, 2] },
      discretisation: { method: 'FBN', count: 8 },
      families: ['statistics'],
      minimumRegion: { voxels: 10 },
    });
    const finer = { ...resampled, resampling: null };
    expect(() => extractFeatures(slice.volume, slice.mask, finer)).not.toThrow();
    expect(refusal(() => extractFeatures(slice.volume, slice.mask, resampled)).code).toBe('REGION_TOO_SMALL');
  });
});

describe('a region in a single slice', () => {
  const values = outcome(caseOf([6, 5, 1], (n) => 40 * (n % 7)));

  it('has values in 2D and in 3D, which are the same where directions are merged', () => {
    for (const tag of ['cm_joint_entr', 'rlm_sre']) {
      expect(values[`${tag}_2_5D_avg`]).toBeCloseTo(Number(values[`${tag}_2D_avg`]), 12);
      expect(typeof values[`${tag}_3D_avg`]).toBe('number');
    }
    for (const tag of ['szm_sze', 'dzm_sde', 'ngt_contrast', 'ngl_lde']) {
      expect([tag, values[`${tag}_2D`]]).toEqual([tag, values[`${tag}_2_5D`]]);
      expect(typeof values[`${tag}_3D`]).toBe('number');
    }
  });

  it('has no least axis, and says so where that is divided by', () => {
    expect(values).toMatchObject({ morph_pca_least_axis: 0, morph_pca_flatness: 0 });
    expect(values['morph_vol_dens_aee']).toBe('undefined: the region is flat: its least axis is 0');
    expect(values['morph_vol_dens_ombb']).toBeGreaterThan(0);
  });
});

describe('the grid', () => {
  const straight = caseOf([5, 4, 3], (n) => Math.imul(n, 2654435761) >>> 25);
  const turned = (rows: readonly number[]): Case => {
    const affine = Float64Array.from(rows);
    return { volume: { ...straight.volume, affine }, mask: { ...straight.mask, affine } };
  };

  it('may lie obliquely in the patient', () => {
    // 30 degrees round z, then the third axis reversed
    const [cos, sin] = [Math.sqrt(3) / 2, 0.5];
    const oblique = outcome(turned([cos, -sin, 0, 7, sin, cos, 0, -9, 0, 0, -2, 40, 0, 0, 0, 1]));
    for (const [name, value] of Object.entries(outcome(straight))) {
      if (typeof value === 'string') expect([name, oblique[name]]).toEqual([name, value]);
      else expect(Math.abs(Number(oblique[name]) - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
    }
  });

  it('is refused when sheared', () => {
    const sheared = turned([1, 0, 0.2, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]);
    expect(refusal(() => outcome(sheared))).toMatchObject({ code: 'SHEARED_GRID' });
  });

  it('of the mask may be 0.01 voxel off that of the image, and no more', () => {
    const shifted = (mm: number) => () => {
      const affine = straight.mask.affine.map((x, n) => (n === 3 ? x + mm : x));
      return outcome({ ...straight, mask: { ...straight.mask, affine } });
    };
    expect(shifted(0.0099)).not.toThrow();
    expect(refusal(shifted(0.011)).code).toBe('GEOMETRY_MISMATCH');
  });
});

it('an image that is not a number outside the region does not matter, inside it is refused', () => {
  const holed = (hole: number) =>
    caseOf(
      [5, 5, 5],
      (n) => (n === hole ? NaN : n),
      (n) => n >= 25 && n < 100,
    );
  expect(Number(outcome(holed(3))['loc_peak_glob'])).toBeGreaterThan(0);
  expect(refusal(() => outcome(holed(40))).code).toBe('NONFINITE_VOXEL');
});
