import { invertAffine, refuseEmpty, spacingMm, toPatient } from '../geometry.js';
import { ImagingError } from '../imaging-error.js';
import type { GridGeometry, Mask } from '../volume.js';
import { corrupt, decimalOf, decimalsOf, textOf, type DicomDataset } from './dataset.js';
import { itemsOf, readDicom } from './read-dicom.js';
import { fillEvenOdd } from './even-odd.js';
import { checkFrameOfReference, chooseRegion } from './regions.js';

const RTSTRUCT_STORAGE = '1.2.840.10008.5.1.4.1.1.481.3';
/** Contours must lie in the plane of a slice to this fraction of the distance between slices. */
const PLANE_TOLERANCE_VOXELS = 0.05;
/** Contours may pass the image's last pixel centres by this much: half a pixel is still inside the image. */
const EDGE_TOLERANCE_VOXELS = 0.51;

/** A region of interest, as the structure set lists it. */
export interface RoiInfo {
  readonly number: number;
  readonly label: string;
  readonly contourCount: number;
}

interface Roi extends RoiInfo {
  readonly frameOfReferenceUid: string | null;
  readonly contours: readonly DicomDataset[];
}

/** The regions of a structure set. @throws {ImagingError} any refusal of `readDicom`; `UNSUPPORTED_OBJECT` */
export function listRois(bytes: Uint8Array): RoiInfo[] {
  return roisOf(bytes).map(({ number, label, contourCount }) => ({ number, label, contourCount }));
}

/**
 * One region of an RTSTRUCT on the grid of its image: voxels whose centre lies inside an odd number of the plane's
 * closed contours, so that inner contours are holes.
 *
 * @param options.roi number or name; may be left out if there is only one
 * @param options.frameOfReferenceUid of the image, if the region must name the same
 * @throws {ImagingError} any refusal of `readDicom`; `UNSUPPORTED_OBJECT`, `FRAME_OF_REFERENCE`, `MASK_LABEL_ABSENT`,
 *   `MASK_LABEL_AMBIGUOUS`, `UNSUPPORTED_CONTOUR` (open, or points), `CONTOUR_OFF_PLANE` (between slices, or oblique),
 *   `CONTOUR_OFF_GRID` (outside the image), `EMPTY_MASK`
 */
export function readRtstruct(
  bytes: Uint8Array,
  grid: GridGeometry,
  options: { roi?: number | string; frameOfReferenceUid?: string } = {},
): Mask {
  const roi = chooseRegion(roisOf(bytes), options.roi, 'ROI');
  checkFrameOfReference(roi.frameOfReferenceUid, options.frameOfReferenceUid);
  const inverse = invertAffine(grid.affine);
  const planes = new Map<number, Float64Array[]>();
  for (const contour of roi.contours) {
    const { plane, points } = polygonOf(contour, inverse, grid);
    if (points.length < 6) continue;
    const polygons = planes.get(plane);
    if (polygons) polygons.push(points);
    else planes.set(plane, [points]);
  }
  const [nx, ny, nz] = grid.shape;
  const mask: Mask = { shape: grid.shape, affine: grid.affine, data: new Uint8Array(nx * ny * nz), label: roi.label };
  for (const [plane, polygons] of planes)
    fillEvenOdd(polygons, nx, ny, mask.data.subarray(plane * nx * ny, (plane + 1) * nx * ny));
  refuseEmpty(mask);
  return mask;
}

function roisOf(bytes: Uint8Array): Roi[] {
  const dataset = readDicom(bytes);
  if (textOf(dataset, 0x00080016) !== RTSTRUCT_STORAGE) {
    throw new ImagingError(
      'UNSUPPORTED_OBJECT',
      'this is no RT Structure Set',
      'the structure file',
      'Give an RTSTRUCT file.',
    );
  }
  const contours = new Map<number, readonly DicomDataset[]>();
  for (const item of itemsOf(dataset, 0x30060039)) {
    contours.set(decimalOf(item, 0x30060084) ?? -1, itemsOf(item, 0x30060040));
  }
  return itemsOf(dataset, 0x30060020).map((item) => {
    const number = decimalOf(item, 0x30060022) ?? -1;
    const own = contours.get(number) ?? [];
    return {
      number,
      label: textOf(item, 0x30060026) ?? String(number),
      contourCount: own.length,
      frameOfReferenceUid: textOf(item, 0x30060024),
      contours: own,
    };
  });
}

/** A contour in voxel indices: x and y in turn, and the slice that it lies in. */
function polygonOf(
  contour: DicomDataset,
  inverse: Float64Array,
  grid: GridGeometry,
): { plane: number; points: Float64Array } {
  const type = textOf(contour, 0x30060042);
  if (type !== 'CLOSED_PLANAR' && type !== 'CLOSEDPLANAR_XOR') {
    throw new ImagingError(
      'UNSUPPORTED_CONTOUR',
      'the region holds points or open contours',
      'the structure file',
      'Export the region as closed planar contours.',
    );
  }
  const data = decimalsOf(contour, 0x30060050);
  if (data.length === 0 || data.length % 3 !== 0) throw corrupt('a contour is not made of points in space');
  const points = new Float64Array((data.length / 3) * 2);
  const sliceMm = spacingMm(grid)[2];
  let plane: number | null = null;
  for (let point = 0; point < data.length / 3; point++) {
    const [i, j, k] = toPatient(inverse, data[3 * point], data[3 * point + 1], data[3 * point + 2]);
    plane ??= Math.round(k);
    const isOutside = (value: number, size: number): boolean =>
      value < -EDGE_TOLERANCE_VOXELS || value > size - 1 + EDGE_TOLERANCE_VOXELS;
    if (isOutside(k, grid.shape[2]) || isOutside(i, grid.shape[0]) || isOutside(j, grid.shape[1])) {
      throw new ImagingError(
        'CONTOUR_OFF_GRID',
        'contours of the region lie outside the image',
        'the structure file',
        'Use the region drawn on this image.',
      );
    }
    if (Math.abs(k - plane) > PLANE_TOLERANCE_VOXELS) {
      throw new ImagingError(
        'CONTOUR_OFF_PLANE',
        `a contour lies ${(Math.abs(k - plane) * sliceMm).toFixed(2)} mm off its slice: between slices, or across them`,
        'the structure file',
        'Use the series that the region was drawn on; contours are not interpolated.',
      );
    }
    // A vertex drawn on a pixel's centre is on it, whatever the inversion of the affine adds in the last digit.
    points[2 * point] = Math.round(i * 1e6) / 1e6;
    points[2 * point + 1] = Math.round(j * 1e6) / 1e6;
  }
  return { plane: plane ?? 0, points };
}
