import type { RandomSource } from '@concord/numeric';
import { uniform } from './streams.js';

// Bound once: in the virtual machine tests run in, each look-up of a global costs as much as the arithmetic of a voxel.
const { abs } = Math;

/** The patient's right upper abdomen in the DICOM patient frame (x to the left, y to the back, z to the head), mm. */
export interface Anatomy {
  /** Half axes of the body's outline across and front to back, mm. */
  readonly bodyMm: readonly [number, number];
  readonly liverHu: number;
  /** Where the liver ends towards the midline: x = start + slopeY * y + slopeZ * z. */
  readonly liverEdge: { readonly start: number; readonly slopeY: number; readonly slopeZ: number };
  readonly vessels: readonly Vessel[];
  /** Heights of the ribs that cross the right flank: y at z = 0, mm. */
  readonly ribsY: readonly number[];
  readonly ribSlope: number;
  readonly gallbladder: { readonly centre: readonly [number, number, number]; readonly radiusMm: number };
}

interface Vessel {
  readonly x: number;
  readonly y: number;
  readonly slopeX: number;
  readonly slopeY: number;
  readonly radiusMm: number;
}

const AIR = -1000;
const FAT = -100;
const MUSCLE = 58;
const BONE = 420;
const VESSEL = 160;
const BILE = 8;
/** Outline of the muscular wall and of the abdominal cavity, as shares of the body's outline. */
const WALL = 0.93;
const CAVITY = 0.86;

/** Draws a patient's anatomy; nothing in it depends on the latent risk. */
export function drawAnatomy(source: RandomSource): Anatomy {
  return {
    bodyMm: [uniform(source, 146, 156), uniform(source, 102, 110)],
    liverHu: uniform(source, 100, 112),
    liverEdge: {
      start: uniform(source, -52, -44),
      slopeY: uniform(source, 0.15, 0.35),
      slopeZ: uniform(source, -0.15, 0.15),
    },
    vessels: Array.from({ length: 5 }, () => ({
      x: uniform(source, -125, -60),
      y: uniform(source, -35, 30),
      slopeX: uniform(source, -0.6, 0.6),
      slopeY: uniform(source, -0.6, 0.6),
      radiusMm: uniform(source, 1.8, 4.2),
    })),
    ribsY: [-38, -12, 16, 42].map((y) => y + uniform(source, -4, 4)),
    ribSlope: uniform(source, 0.3, 0.5),
    gallbladder: {
      centre: [uniform(source, -66, -58), uniform(source, -34, -28), uniform(source, -30, -22)],
      radiusMm: uniform(source, 10, 14),
    },
  };
}

/** Attenuation at a point, HU, without the tumour. */
export function attenuationAt(anatomy: Anatomy, x: number, y: number, z: number): number {
  const [a, b] = anatomy.bodyMm;
  const square = (x * x) / (a * a) + (y * y) / (b * b);
  if (square > 1) return AIR;
  if (square > WALL * WALL) return FAT;
  if (square > CAVITY * CAVITY) {
    for (const rib of anatomy.ribsY) {
      if (abs(y - rib - anatomy.ribSlope * z) < 5) return BONE;
    }
    return MUSCLE;
  }
  const { start, slopeY, slopeZ } = anatomy.liverEdge;
  const { centre, radiusMm } = anatomy.gallbladder;
  const gx = x - centre[0];
  const gy = y - centre[1];
  const gz = (z - centre[2]) / 1.8;
  if (gx * gx + gy * gy + gz * gz < radiusMm * radiusMm) return BILE;
  if (x > start + slopeY * y + slopeZ * z) return FAT;
  for (const vessel of anatomy.vessels) {
    const vx = x - vessel.x - vessel.slopeX * z;
    const vy = y - vessel.y - vessel.slopeY * z;
    if (vx * vx + vy * vy < vessel.radiusMm * vessel.radiusMm) return VESSEL;
  }
  return anatomy.liverHu;
}
