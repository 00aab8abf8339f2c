import { toPatient, type Mask, type Volume } from '@concord/imaging';

/** An image with its region. */
export interface ImageWithRegion {
  readonly volume: Volume;
  readonly mask: Mask;
}

/**
 * Image and region with the values they have on a new grid of the same size.
 *
 * @param map affine from indices of the new grid to those of the old one, row-major
 * @param shares of the region in each new voxel; a half, to 6 decimals, belongs to it
 */
export function onNewGrid(
  volume: Volume,
  mask: Mask,
  map: Float64Array,
  image: Float64Array,
  shares: Float64Array,
): ImageWithRegion {
  const affine = composed(volume.affine, map);
  const data = Uint8Array.from(shares, (share) => (share >= 0.5 - 5e-7 ? 1 : 0));
  return {
    volume: { ...volume, affine, data: image, storedAs: 'float64' },
    mask: { ...mask, affine, data },
  };
}

/** First `map`, then `affine`. */
function composed(affine: Float64Array, map: Float64Array): Float64Array {
  const at = (i: number, j: number, k: number): [number, number, number] => {
    const [x, y, z] = toPatient(map, i, j, k);
    return toPatient(affine, x, y, z);
  };
  const origin = at(0, 0, 0);
  const axes = [at(1, 0, 0), at(0, 1, 0), at(0, 0, 1)];
  const row = (n: number): number[] => [...axes.map((axis) => axis[n] - origin[n]), origin[n]];
  return Float64Array.from([...row(0), ...row(1), ...row(2), 0, 0, 0, 1]);
}
