import { hullSide } from './diameters.js';
import type { Roi } from './roi.js';
import { axisVariances } from './shape.js';

/**
 * Shape of a region in one plane as PyRadiomics defines it: outline by marching squares, where pixels that meet at a corner
 * stay apart.
 *
 * @param roi with one voxel of padding, one slice thick along `flatAxis`
 * @param flatAxis 0 is z, 1 y, 2 x
 */
export function shape2dFeatures(roi: Roi, flatAxis: number): Record<string, number> {
  const { mask, width, height, across, along } = planeOf(roi, flatAxis);
  const { perimeter, surface, diameter } = measureOutline(mask, width, height, across, along);
  const [, minor, major] = axisVariances(roi.voxels, roi.shape, roi.spacingMm);
  const sphericity = (2 * Math.sqrt(Math.PI * surface)) / perimeter;
  return {
    Elongation: Math.sqrt(minor / major),
    MajorAxisLength: 4 * Math.sqrt(major),
    MaximumDiameter: diameter,
    MeshSurface: surface,
    MinorAxisLength: 4 * Math.sqrt(minor),
    Perimeter: perimeter,
    PerimeterSurfaceRatio: perimeter / surface,
    PixelSurface: roi.voxels.length * across * along,
    Sphericity: sphericity,
    SphericalDisproportion: 1 / sphericity,
  };
}

function planeOf({ mask, shape, spacingMm }: Roi, flatAxis: number) {
  const flat = 2 - flatAxis;
  const [a, b] = [0, 1, 2].filter((axis) => axis !== flat);
  const strides = [1, shape[0], shape[0] * shape[1]];
  const plane = new Uint8Array(shape[a] * shape[b]);
  for (let j = 0; j < shape[b]; j++) {
    for (let i = 0; i < shape[a]; i++) plane[i + shape[a] * j] = mask[strides[flat] + i * strides[a] + j * strides[b]];
  }
  return { mask: plane, width: shape[a], height: shape[b], across: spacingMm[a], along: spacingMm[b] };
}

function measureOutline(mask: Uint8Array, width: number, height: number, across: number, along: number) {
  const cut = Math.sqrt(across * across + along * along) / 2; // from the middle of an edge to that of the next
  let perimeter = 0;
  let eighths = 0; // surface in eighths of a pixel: a corner cut off is one, half a cell four
  const left: number[][] = [];
  const right: number[][] = [];
  const lines = new Map<number, [number, number]>();
  const widen = (line: number, at: number): void => {
    const known = lines.get(line);
    lines.set(line, known === undefined ? [at, at] : [Math.min(known[0], at), Math.max(known[1], at)]);
  };
  for (let j = 0; j + 1 < height; j++) {
    for (let i = 0; i + 1 < width; i++) {
      const at = i + width * j;
      const corners = [mask[at], mask[at + 1], mask[at + width + 1], mask[at + width]];
      const inside = corners[0] + corners[1] + corners[2] + corners[3];
      if (corners[0] !== corners[1]) widen(2 * j, 2 * i + 1);
      if (corners[0] !== corners[3]) widen(2 * j + 1, 2 * i);
      if (inside === 1 || inside === 3) perimeter += cut;
      else if (inside === 2)
        perimeter += corners[0] === corners[2] ? 2 * cut : corners[0] === corners[1] ? across : along;
      const isDiagonal = inside === 2 && corners[0] === corners[2];
      eighths += isDiagonal ? 2 : [0, 1, 4, 7, 8][inside];
    }
  }
  for (const line of [...lines.keys()].sort((a, b) => a - b)) {
    const [low, high] = lines.get(line)!; // its own key
    left.push([low, line]);
    right.push([high, line]);
  }
  let largest = 0;
  const corners = [...hullSide(left, -1), ...hullSide(right, 1)];
  for (const a of corners) {
    for (const b of corners) {
      const [dx, dy] = [((a[0] - b[0]) * across) / 2, ((a[1] - b[1]) * along) / 2];
      largest = Math.max(largest, dx * dx + dy * dy);
    }
  }
  return { perimeter, surface: (eighths / 8) * across * along, diameter: Math.sqrt(largest) };
}
