import type { RandomSource } from '@concord/numeric';
import { gaussianField, type GaussianField } from './gaussian-field.js';
import { uniform } from './streams.js';
import type { TumourTraits } from './traits.js';

// Bound once: in the virtual machine tests run in, each look-up of a global costs as much as the arithmetic of a voxel.
const { abs, ceil, cos, floor, hypot, max, min, sin, sqrt } = Math;

const FACE_NODES = 33;
const WAVES = 12;
const FIELD_PITCH_MM = 1.5;
const LARGEST_RADIUS_MM = 25;

/**
 * A tumour, star-shaped about its centre: every ray from there leaves it once.
 *
 * `radii` are the distances to the surface, mm, on a cube map: six faces (+x, -x, +y, -y, +z, -z) of 33 x 33 nodes,
 * so that a voxel finds its own without a trigonometric function.
 */
export interface Tumour {
  readonly centreMm: readonly [number, number, number];
  readonly radii: Float64Array;
  readonly smallestRadiusMm: number;
  readonly largestRadiusMm: number;
  readonly texture: GaussianField;
  readonly traits: TumourTraits;
}

/** Draws shape and texture; equal traits give different tumours of one kind. */
export function drawTumour(
  source: RandomSource,
  traits: TumourTraits,
  centreMm: readonly [number, number, number],
): Tumour {
  const radii = drawRadii(source, traits);
  const largestRadiusMm = radii.reduce((a, b) => max(a, b));
  const size = 2 * ceil(largestRadiusMm / FIELD_PITCH_MM) + 2;
  return {
    centreMm,
    radii,
    smallestRadiusMm: radii.reduce((a, b) => min(a, b)),
    largestRadiusMm,
    texture: gaussianField(source, size, FIELD_PITCH_MM, traits.textureSigmaMm),
    traits,
  };
}

/** Distance from the centre to the surface in the direction (dx, dy, dz), not all 0; mm. */
export function surfaceRadius(tumour: Tumour, dx: number, dy: number, dz: number): number {
  const ax = abs(dx);
  const ay = abs(dy);
  const az = abs(dz);
  let face: number;
  let u: number;
  let v: number;
  if (ax >= ay && ax >= az) {
    face = dx > 0 ? 0 : 1;
    u = dy / ax;
    v = dz / ax;
  } else if (ay >= az) {
    face = dy > 0 ? 2 : 3;
    u = dx / ay;
    v = dz / ay;
  } else {
    face = dz > 0 ? 4 : 5;
    u = dx / az;
    v = dy / az;
  }
  const half = (FACE_NODES - 1) / 2;
  const s = (u + 1) * half;
  const t = (v + 1) * half;
  const i = min(floor(s), FACE_NODES - 2);
  const j = min(floor(t), FACE_NODES - 2);
  const at = (face * FACE_NODES + j) * FACE_NODES + i;
  const { radii } = tumour;
  const near = radii[at] + (s - i) * (radii[at + 1] - radii[at]);
  const far = radii[at + FACE_NODES] + (s - i) * (radii[at + FACE_NODES + 1] - radii[at + FACE_NODES]);
  return near + (t - j) * (far - near);
}

/** An ellipsoid whose surface carries waves: a sum of plane waves of random direction, seen on the sphere. */
function drawRadii(source: RandomSource, traits: TumourTraits): Float64Array {
  const axes = [uniform(source, 0.9, 1.1), uniform(source, 0.9, 1.1), uniform(source, 0.9, 1.1)];
  const waves = Array.from({ length: WAVES }, () => drawWave(source));
  const weight = traits.lobulation * sqrt(2 / WAVES);
  const radii = new Float64Array(6 * FACE_NODES * FACE_NODES);
  for (let index = 0; index < radii.length; index++) {
    const [x, y, z] = nodeDirection(index);
    let bump = 0;
    for (const wave of waves) bump += cos(wave.x * x + wave.y * y + wave.z * z + wave.phase);
    const ellipsoid = 1 / hypot(x / axes[0], y / axes[1], z / axes[2]);
    const factor = min(1.5, max(0.55, ellipsoid * (1 + weight * bump)));
    radii[index] = min(LARGEST_RADIUS_MM, traits.radiusMm * factor);
  }
  return radii;
}

function drawWave(source: RandomSource): { x: number; y: number; z: number; phase: number } {
  const z = uniform(source, -1, 1);
  const azimuth = uniform(source, 0, 2 * Math.PI);
  const frequency = uniform(source, 3, 6.5);
  const across = sqrt(1 - z * z) * frequency;
  return {
    x: across * cos(azimuth),
    y: across * sin(azimuth),
    z: frequency * z,
    phase: uniform(source, 0, 2 * Math.PI),
  };
}

function nodeDirection(index: number): [number, number, number] {
  const face = floor(index / (FACE_NODES * FACE_NODES));
  const u = (2 * (index % FACE_NODES)) / (FACE_NODES - 1) - 1;
  const v = (2 * (floor(index / FACE_NODES) % FACE_NODES)) / (FACE_NODES - 1) - 1;
  const sign = face % 2 === 0 ? 1 : -1;
  const length = hypot(1, u, v);
  const axis = face >> 1;
  if (axis === 0) return [sign / length, u / length, v / length];
  if (axis === 1) return [u / length, sign / length, v / length];
  return [u / length, v / length, sign / length];
}
