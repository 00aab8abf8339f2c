import type { Mask, Triple, Volume } from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import fc from 'fast-check';
import {
  AGGREGATIONS,
  extractFeatures as extractWith,
  FAMILIES,
  featureCatalogue,
  PRESETS,
  type ExtractionSettings,
  type Family,
} from './index.js';
import { extractFeatures, maskOf, volumeOf } from './spec-support.js';

const base: ExtractionSettings = {
  ...PRESETS['ct-hcc'],
  resampling: null,
  resegmentation: { range: [-200, 300], outlierSigma: null },
  families: [...FAMILIES],
  aggregations: [...AGGREGATIONS],
};

interface Case {
  readonly volume: Volume;
  readonly mask: Mask;
}

/** Small images in HU with a mask that holds at least one voxel. */
const cases = fc
  .tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 5 })))
  .chain(([nx, ny, nz]) => {
    const size = nx * ny * nz;
    return fc.record({
      shape: fc.constant([nx, ny, nz] as Triple),
      hu: fc.array(fc.integer({ min: -300, max: 400 }), { minLength: size, maxLength: size }),
      inside: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: size, maxLength: size }),
      first: fc.nat(size - 1),
    });
  })
  .map(({ shape, hu, inside, first }): Case => {
    const volume = volumeOf(shape, [1.5, 2, 3], hu);
    return {
      volume,
      mask: maskOf(
        volume,
        inside.map((value, n) => (n === first ? 1 : value)),
      ),
    };
  });

function numbers({ volume, mask }: Case, settings = base): Record<string, number | string> {
  const { values } = extractFeatures(volume, mask, settings);
  return Object.fromEntries(Object.entries(values).map(([name, { value, reason }]) => [name, value ?? reason!]));
}

/** The same image laid into a larger one at (2, 1, 3), with other intensities around it. */
function embed({ volume, mask }: Case): Case {
  const [nx, ny, nz] = volume.shape;
  const shape: Triple = [nx + 5, ny + 3, nz + 4];
  const size = shape[0] * shape[1] * shape[2];
  const [data, inside] = [new Float64Array(size).fill(777), new Uint8Array(size)];
  for (let n = 0; n < mask.data.length; n++) {
    const [i, j, k] = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
    const to = i + 2 + shape[0] * (j + 1 + shape[1] * (k + 3));
    data[to] = volume.data[n];
    inside[to] = mask.data[n];
  }
  const larger = volumeOf(shape, [1.5, 2, 3], data);
  return { volume: larger, mask: maskOf(larger, inside) };
}

/** First and last axis exchanged, the second reversed. */
function turn({ volume, mask }: Case): Case {
  const [nx, ny, nz] = volume.shape;
  const [data, inside] = [new Float64Array(mask.data.length), new Uint8Array(mask.data.length)];
  for (let n = 0; n < mask.data.length; n++) {
    const [i, j, k] = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
    const to = k + nz * (ny - 1 - j + ny * i);
    data[to] = volume.data[n];
    inside[to] = mask.data[n];
  }
  const turned = volumeOf([nz, ny, nx], [3, 2, 1.5], data);
  return { volume: turned, mask: maskOf(turned, inside) };
}

function expectClose(actual: Record<string, number | string>, expected: Record<string, number | string>): void {
  for (const [name, value] of Object.entries(expected)) {
    if (typeof value === 'string') expect([name, actual[name]]).toEqual([name, value]);
    // Sums run in another order: a few units in the last place, or of the terms that cancel.
    else expect(Math.abs(Number(actual[name]) - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
  }
}

describe('extractFeatures', () => {
  it('gives every feature of the catalogue, in order, as a finite number or null with a reason', () => {
    fc.assert(
      fc.property(cases, ({ volume, mask }) => {
        const { values } = extractFeatures(volume, mask, base);
        expect(Object.keys(values)).toEqual(featureCatalogue(base).map(({ name }) => name));
        for (const { value, status, reason } of Object.values(values)) {
          if (status === 'ok') expect([Number.isFinite(value), reason]).toEqual([true, null]);
          else expect([value, typeof reason]).toEqual([null, 'string']);
        }
      }),
    );
  });

  it('does not depend on where the region lies in its image, nor on what surrounds it but for local peaks', () => {
    const settings = { ...base, families: FAMILIES.filter((family) => family !== 'local') };
    fc.assert(fc.property(cases, (one) => expect(numbers(embed(one), settings)).toEqual(numbers(one, settings))));
  });

  it('does not depend on where the image lies in the patient', () => {
    fc.assert(
      fc.property(cases, ({ volume, mask }) => {
        const affine = volume.affine.map((x, n) => (n % 4 === 3 && n < 12 ? x - 123.4 * (n + 1) : x));
        const moved = { volume: { ...volume, affine }, mask: { ...mask, affine } };
        expect(numbers(moved)).toEqual(numbers({ volume, mask }));
      }),
    );
  });

  it('does not change when the axes are turned, except what is defined by slices', () => {
    const settings: ExtractionSettings = { ...base, aggregations: ['3D:avg', '3D:merged', '3D'] };
    fc.assert(
      fc.property(cases, (one) => {
        // A tie of triangulations may fall otherwise in a turned cell, and the search for the smallest box starts from the
        // axes; the mesh is compared on its own below.
        const ofMesh: readonly Family[] = ['morphology', 'enclosure'];
        const withoutMesh = { ...settings, families: FAMILIES.filter((family) => !ofMesh.includes(family)) };
        expectClose(numbers(turn(one), withoutMesh), numbers(one, withoutMesh));
        const [hull, turnedHull] = [numbers(one, settings), numbers(turn(one), settings)];
        for (const name of [
          'morph_vol_approx',
          'morph_com',
          'morph_diam',
          'morph_pca_maj_axis',
          'morph_pca_flatness',
        ]) {
          expectClose({ [name]: turnedHull[name] }, { [name]: hull[name] });
        }
      }),
    );
  });

  it('gives the same numbers in whatever order families are asked for, and alone', () => {
    const { volume, mask } = ball(6);
    const all = numbers({ volume, mask }, { ...base, families: FAMILIES });
    const reversed = numbers({ volume, mask }, { ...base, families: [...FAMILIES].reverse() });
    expect(reversed).toEqual(all);
    for (const family of FAMILIES)
      expect(all).toMatchObject(numbers({ volume, mask }, { ...base, families: [family] }));
  });

  it('gives the same bytes on one thread and on two, and to 1e-12 the same without compiled kernels', () => {
    const [one, two] = [1, 2].map((threads) => createKernels({ kind: 'wasm', threads }));
    const plain = createKernels({ kind: 'typescript' });
    const with1 = (kernels: typeof plain, { volume, mask }: Case) => extractWith(volume, mask, base, kernels).values;
    fc.assert(
      fc.property(cases, (some) => {
        const expected = with1(one, some);
        expect(JSON.stringify(with1(two, some))).toBe(JSON.stringify(expected));
        const twins = with1(plain, some);
        for (const [name, { value, status, reason }] of Object.entries(expected)) {
          expect([name, twins[name].status, twins[name].reason]).toEqual([name, status, reason]);
          const difference = Math.abs((twins[name].value ?? 0) - (value ?? 0));
          expect([name, difference <= 1e-12 * Math.max(1, Math.abs(value ?? 0))]).toEqual([name, true]);
        }
      }),
      { numRuns: 30 },
    );
    two.close();
  });

  it('measures a ball as a ball', () => {
    const { volume, mask } = ball(12);
    const value = extractFeatures(volume, mask, base).values;
    const radius = 12 * 2;
    // A digitised ball: its stair-case surface is a little too large and not quite convex.
    expect(value['morph_volume'].value! / ((4 / 3) * Math.PI * radius ** 3)).toBeCloseTo(1, 1);
    expect(value['morph_vol_dens_conv_hull'].value).toBeGreaterThan(0.95);
    expect(value['morph_pca_elongation'].value).toBeCloseTo(1, 6);
    expect(value['morph_diam'].value! / (2 * radius)).toBeCloseTo(1, 1);
    expect(value['morph_pca_maj_axis'].value! / ((4 * radius) / Math.sqrt(5))).toBeCloseTo(1, 2);
    expect(value['morph_sphericity'].value).toBeGreaterThan(0.9);
    expect(value['morph_sphericity'].value).toBeLessThan(1);
  });

  it('has reasons instead of values on a single voxel', () => {
    const volume = volumeOf(
      [3, 3, 3],
      [1, 1, 1],
      Array.from({ length: 27 }, (_, n) => n),
    );
    const one = numbers({
      volume,
      mask: maskOf(
        volume,
        Array.from({ length: 27 }, (_, n) => (n === 13 ? 1 : 0)),
      ),
    });
    expect(one).toMatchObject({
      stat_mean: 13,
      stat_skew: 'all voxels have one intensity',
      morph_vol_approx: 1,
      morph_diam: 1,
      morph_pca_maj_axis: 'one voxel has no axes',
      cm_joint_max_3D_avg: 'no two neighbouring voxels along this direction',
      rlm_r_perc_3D_avg: 1,
    });
    expect(one['morph_volume']).toBeCloseTo(1 / 6, 12); // an octahedron
  });

  it('keeps shape and gives reasons for the rest when re-segmentation leaves nothing', () => {
    const volume = volumeOf([2, 2, 2], [1, 1, 1], new Float64Array(8).fill(1000));
    const emptied = numbers({ volume, mask: maskOf(volume, new Uint8Array(8).fill(1)) });
    const reason = 'no voxel is left after re-segmentation';
    expect(emptied).toMatchObject({ stat_mean: reason, ih_mean: reason, cm_corr_3D_avg: reason, morph_com: reason });
    expect(emptied['morph_vol_approx']).toBe(8);
  });

  it('refuses levels that are not whole numbers, and levels too many to hold', () => {
    const volume = volumeOf(
      [50, 50, 1],
      [1, 1, 1],
      Array.from({ length: 2500 }, (_, n) => n + 1),
    );
    const mask = maskOf(volume, new Uint8Array(2500).fill(1));
    const none: ExtractionSettings = {
      ...base,
      resegmentation: { range: null, outlierSigma: null },
      discretisations: [{ method: 'none' }],
    };
    const many = extractFeatures(volume, mask, none).values;
    expect(many['cm_corr_3D_avg']).toMatchObject({ status: 'refused', value: null });
    expect(many['ih_mean']).toMatchObject({ status: 'ok', value: 1250.5 });
    const half = { ...volume, data: volume.data.map((x) => x + 0.5) as Float64Array };
    expect(extractFeatures(half, mask, { ...none, rounding: 'none' }).values['ih_mean']).toMatchObject({
      status: 'refused',
    });
  });

  it('warns about voxels below the bins and about tiny regions', () => {
    const volume = volumeOf([2, 1, 1], [1, 1, 1], [-5000, 0]);
    const settings: ExtractionSettings = {
      ...base,
      resegmentation: { range: null, outlierSigma: null },
      discretisations: [{ method: 'FBS', width: 25, minimum: -1000 }],
    };
    const { warnings, values } = extractFeatures(volume, maskOf(volume, [1, 1]), settings);
    expect(warnings.join()).toMatch(/fewer than 64 voxels.*below the minimum/s);
    expect(values['ih_min'].value).toBe(1);
  });
});

describe('extractFeatures refuses', () => {
  const { volume, mask } = ball(3);

  it.each<[string, string, () => unknown]>([
    ['a mask of another size', 'GEOMETRY_MISMATCH', () => extractFeatures(ball(4).volume, mask, base)],
    [
      'a mask that lies elsewhere',
      'GEOMETRY_MISMATCH',
      () => extractFeatures(volume, { ...mask, affine: mask.affine.map((x, n) => (n === 3 ? x + 0.05 : x)) }, base),
    ],
    [
      'an empty mask',
      'EMPTY_MASK',
      () => extractFeatures(volume, maskOf(volume, new Uint8Array(mask.data.length)), base),
    ],
    [
      'a voxel without a number in the region',
      'NONFINITE_VOXEL',
      () =>
        extractFeatures(
          { ...volume, data: Float64Array.from(volume.data, (x, n) => (mask.data[n] ? NaN : x)) },
          mask,
          base,
        ),
    ],
    [
      'a sheared grid',
      'SHEARED_GRID',
      () => {
        const affine = volume.affine.map((x, n) => (n === 2 ? 0.4 : x));
        return extractFeatures({ ...volume, affine }, { ...mask, affine }, base);
      },
    ],
  ])('%s', (_, code, call) => {
    expect(call).toThrow(expect.objectContaining({ code }) as Error);
  });
});

/** A ball of this radius in voxels of 2 mm, with a gradient inside. */
function ball(radius: number): Case {
  const n = 2 * radius + 3;
  const at = (index: number) =>
    [index % n, Math.floor(index / n) % n, Math.floor(index / n ** 2)].map((c) => c - radius - 1);
  const volume = volumeOf(
    [n, n, n],
    [2, 2, 2],
    Array.from({ length: n ** 3 }, (_, index) => 20 + 7 * at(index)[0] - at(index)[1]),
  );
  return {
    volume,
    mask: maskOf(
      volume,
      Array.from({ length: n ** 3 }, (_, index) => (Math.hypot(...at(index)) <= radius ? 1 : 0)),
    ),
  };
}
