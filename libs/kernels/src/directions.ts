/** One step to a neighbouring voxel: -1, 0 or 1 along x, y, z. */
export type Step = readonly [number, number, number];

/** One of each pair of opposite directions to the 26 neighbours, so 13; the four with z = 0 come first. */
export const DIRECTIONS_3D: readonly Step[] = [
  [1, 0, 0],
  [0, 1, 0],
  [1, 1, 0],
  [1, -1, 0],
  [0, 0, 1],
  [1, 0, 1],
  [1, 0, -1],
  [0, 1, 1],
  [0, 1, -1],
  [1, 1, 1],
  [1, 1, -1],
  [1, -1, 1],
  [1, -1, -1],
];

/** The four directions within a slice. */
export const DIRECTIONS_2D: readonly Step[] = DIRECTIONS_3D.slice(0, 4);

/** Distance in an x-fastest array between a voxel and its neighbour. */
export function stepOffset(step: Step, nx: number, ny: number): number {
  return step[0] + nx * (step[1] + ny * step[2]);
}
