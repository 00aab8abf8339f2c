import type { GridGeometry } from '@concord/imaging';
import { acquire } from './acquisition.js';
import { attenuationAt, drawAnatomy, type Anatomy } from './anatomy.js';
import { fieldAt } from './gaussian-field.js';
import type { PatientPlan, SitePlan } from './plan.js';
import { stream, uniform } from './streams.js';
import { traitsOf } from './traits.js';
import { drawTumour, surfaceRadius, type Tumour } from './tumour.js';

// Bound once: in the virtual machine tests run in, each look-up of a global costs as much as the arithmetic of a voxel.
const { abs, ceil, floor, max, min, round, sqrt } = Math;

/** Voxels along each side of a slice. */
export const MATRIX_SIZE = 96;
/** Length of the scanned range, mm. */
const RANGE_MM = 60;
/** Longest distance between the planes averaged to a slice, mm. */
const SUBSLICE_MM = 1.3;
/** Width of the transition from tumour to liver, mm. */
const EDGE_MM = 1.6;

/** What a patient's image holds, before it is written as DICOM. */
export interface PatientDrawing extends GridGeometry {
  /** Stored values, HU + 1024 after the scanner's effects, x-fastest. */
  readonly stored: Uint16Array;
  /** 1 where the voxel's centre lies in the tumour. */
  readonly mask: Uint8Array;
  /** Distance of each voxel centre to the tumour's surface along the ray from its centre, mm; positive inside. */
  readonly depthMm: Float32Array;
}

/** Number of slices of every series of a site. */
export function sliceCount(sliceThicknessMm: number): number {
  return round(RANGE_MM / sliceThicknessMm);
}

/** Draws one patient of a site; depends on nobody else. */
export function drawPatient(seed: number, site: SitePlan, patient: PatientPlan): PatientDrawing {
  const source = stream(seed, site.index, patient.index, 'anatomy');
  const anatomy = drawAnatomy(source);
  const centre = [uniform(source, -96, -86), uniform(source, -12, 12), uniform(source, -3, 3)] as const;
  const tumour = drawTumour(stream(seed, site.index, patient.index, 'tumour'), traitsOf(patient.scores), centre);
  const { pixelSpacingMm, sliceThicknessMm } = site.scanner;
  const count = sliceCount(sliceThicknessMm);
  const half = ((MATRIX_SIZE - 1) / 2) * pixelSpacingMm;
  const origin = [
    round3(centre[0] + uniform(source, -4, 4) - half),
    round3(centre[1] + uniform(source, -4, 4) - half),
    round3(-((count - 1) / 2) * sliceThicknessMm),
  ];
  const grid: GridGeometry = {
    shape: [MATRIX_SIZE, MATRIX_SIZE, count],
    affine: Float64Array.of(
      ...[pixelSpacingMm, 0, 0, origin[0]],
      ...[0, pixelSpacingMm, 0, origin[1]],
      ...[0, 0, sliceThicknessMm, origin[2]],
      ...[0, 0, 0, 1],
    ),
  };
  const hu = drawBackground(grid, anatomy);
  addTumour(grid, tumour, hu);
  const depthMm = measureDepth(grid, tumour);
  const mask = new Uint8Array(depthMm.length);
  for (let index = 0; index < mask.length; index++) mask[index] = depthMm[index] > 0 ? 1 : 0;
  const noise = stream(seed, site.index, patient.index, 'noise');
  return { ...grid, stored: acquire(noise, hu, MATRIX_SIZE, site.scanner, patient.dose), mask, depthMm };
}

function drawBackground(grid: GridGeometry, anatomy: Anatomy): Float32Array {
  const hu = new Float32Array(grid.shape[0] * grid.shape[1] * grid.shape[2]);
  let at = 0;
  for (let k = 0; k < grid.shape[2]; k++) {
    const z = grid.affine[11] + k * grid.affine[10];
    for (let j = 0; j < grid.shape[1]; j++) {
      const y = grid.affine[7] + j * grid.affine[5];
      for (let i = 0; i < grid.shape[0]; i++)
        hu[at++] = attenuationAt(anatomy, grid.affine[3] + i * grid.affine[0], y, z);
    }
  }
  return hu;
}

/** Blends the tumour in, averaging planes across the thickness of each slice (partial volume). */
function addTumour(grid: GridGeometry, tumour: Tumour, hu: Float32Array): void {
  const { affine, shape } = grid;
  const spacing = affine[0];
  const thickness = affine[10];
  const planes = ceil(thickness / SUBSLICE_MM);
  const reach = tumour.largestRadiusMm + EDGE_MM;
  const [i0, i1] = range(tumour.centreMm[0], reach, affine[3], spacing, shape[0]);
  const [j0, j1] = range(tumour.centreMm[1], reach, affine[7], spacing, shape[1]);
  for (let k = 0; k < shape[2]; k++) {
    for (let plane = 0; plane < planes; plane++) {
      const dz = affine[11] + (k + (plane + 0.5) / planes - 0.5) * thickness - tumour.centreMm[2];
      if (abs(dz) > reach) continue;
      for (let j = j0; j <= j1; j++) {
        const dy = affine[7] + j * spacing - tumour.centreMm[1];
        const squared = dy * dy + dz * dz;
        if (squared > reach * reach) continue;
        const row = shape[0] * (j + shape[1] * k);
        for (let i = i0; i <= i1; i++) {
          const dx = affine[3] + i * spacing - tumour.centreMm[0];
          const distance = sqrt(dx * dx + squared);
          if (distance > reach) continue;
          hu[row + i] += tumourExcess(tumour, dx, dy, dz, distance, hu[row + i]) / planes;
        }
      }
    }
  }
}

/** What tumour adds at a point to the attenuation found there, HU. */
function tumourExcess(
  tumour: Tumour,
  dx: number,
  dy: number,
  dz: number,
  distance: number,
  background: number,
): number {
  const radius = distance > 0 ? surfaceRadius(tumour, dx, dy, dz) : tumour.largestRadiusMm;
  const share = (radius - distance) / EDGE_MM + 0.5;
  if (share <= 0) return 0;
  const { traits, texture } = tumour;
  const centred = tumour.largestRadiusMm;
  const wave = fieldAt(texture, dx + centred, dy + centred, dz + centred);
  const depth = distance / radius;
  const rim = max(0, 1 - ((depth - 0.88) / 0.2) ** 2);
  const core = min(1, max(0, (traits.necrosis - depth) / 0.15 + 0.5 + 0.25 * wave));
  const isCore = traits.necrosis > 0 ? core : 0;
  const inside = traits.attenuationHu + traits.textureHu * wave + traits.rimHu * rim - 45 * isCore;
  return min(1, share) * (inside - background);
}

function measureDepth(grid: GridGeometry, tumour: Tumour): Float32Array {
  const { affine, shape } = grid;
  const depth = new Float32Array(shape[0] * shape[1] * shape[2]);
  let at = 0;
  for (let k = 0; k < shape[2]; k++) {
    const dz = affine[11] + k * affine[10] - tumour.centreMm[2];
    for (let j = 0; j < shape[1]; j++) {
      const dy = affine[7] + j * affine[5] - tumour.centreMm[1];
      for (let i = 0; i < shape[0]; i++, at++) {
        const dx = affine[3] + i * affine[0] - tumour.centreMm[0];
        const distance = sqrt(dx * dx + dy * dy + dz * dz);
        // Only near the surface is its exact place needed; the centre has no direction to ask for.
        if (distance > tumour.largestRadiusMm) depth[at] = tumour.largestRadiusMm - distance;
        else if (distance === 0) depth[at] = tumour.smallestRadiusMm;
        else depth[at] = surfaceRadius(tumour, dx, dy, dz) - distance;
      }
    }
  }
  return depth;
}

/** First and last voxel within `reach` of a centre along one axis. */
function range(centre: number, reach: number, origin: number, spacing: number, count: number): [number, number] {
  return [
    max(0, ceil((centre - reach - origin) / spacing)),
    min(count - 1, floor((centre + reach - origin) / spacing)),
  ];
}

function round3(value: number): number {
  return Number(value.toFixed(3));
}
