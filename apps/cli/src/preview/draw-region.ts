import { spacingMm, type Mask, type Triple, type Volume } from '@concord/imaging';
import { Canvas, TEXT_HEIGHT, textWidth, type Colour } from './canvas.js';
import { planesThrough, viewOf, type Direction, type Plane, type View } from './planes.js';
import type { Window } from './window.js';

const GROUND: Colour = [18, 18, 18];
const INK: Colour = [235, 235, 235];
/** Okabe and Ito's yellow: seen on black and on white, by the colour-blind too. */
const OUTLINE: Colour = [240, 228, 66];
const TILE = 400;
const GAP = 12;
const LINE = TEXT_HEIGHT + GAP;

/** A row of the picture: an image with its region, whole or close. */
export interface Row {
  readonly title: string;
  readonly image: Pick<Volume, 'data' | 'shape' | 'affine'>;
  readonly mask: Mask;
  readonly isClose: boolean;
}

interface Tile {
  readonly plane: Plane;
  readonly view: View;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Draws rows of slices with the outline of the region, all in the same window and in the proportions of the body. Every row
 * shows the same places: the slices that hold most of the first row's region.
 *
 * @param isInPatient whether directions of the patient are known, and written
 */
export function drawRegion(rows: readonly Row[], window: Window, isInPatient: boolean): Canvas {
  const planes = planesThrough(rows[0].mask);
  const tiles = rows.map((row) => planes.map((plane) => tileOf(plane, row, rows[0].mask)));
  const heights = tiles.map((own) => Math.max(...own.map(({ height }) => height)));
  const width = Math.max(planes.length * (TILE + GAP), ...rows.map(({ title }) => textWidth(title) + GAP)) + GAP;
  const canvas = new Canvas(width, GAP + heights.reduce((sum, height) => sum + height + 2 * LINE + GAP, 0), GROUND);
  let top = GAP;
  rows.forEach((row, n) => {
    canvas.write(row.title, GAP, top, INK);
    tiles[n].forEach((tile, column) => {
      const x = GAP + column * (TILE + GAP);
      const left = x + ((TILE - tile.width) >> 1);
      drawTile(canvas, row, tile, window, left, top + LINE);
      if (isInPatient) writeDirections(canvas, tile, left, top + LINE);
      const caption = `${tile.plane.title} slice ${tile.view.slice + 1}`.trim();
      canvas.write(caption, x + TILE / 2, top + LINE + heights[n] + (GAP >> 1), INK, 'middle');
    });
    top += heights[n] + 2 * LINE + GAP;
  });
  return canvas;
}

function tileOf(plane: Plane, { image, isClose }: Row, region: Mask): Tile {
  const view = viewOf(plane, region, image, isClose);
  const spacing = spacingMm(image);
  const sizeMm = [view.width * spacing[plane.right.axis], view.height * spacing[plane.down.axis]];
  const [width, height] = sizeMm.map((mm) => Math.max(1, Math.round((mm * TILE) / Math.max(...sizeMm))));
  return { plane, view, width, height };
}

function drawTile(
  canvas: Canvas,
  row: Row,
  { plane, view, width, height }: Tile,
  window: Window,
  x: number,
  y: number,
): void {
  const across = samplesAlong(plane.right, row.image.shape, view.left, view.width, width);
  const downwards = samplesAlong(plane.down, row.image.shape, view.top, view.height, height);
  const { data, shape } = row.image;
  const start = view.slice * stridesOf(shape)[plane.cut];
  const scale = 255 / (window.white - window.black);
  const inside = new Uint8Array(width * height);
  for (let j = 0; j < height; j++) {
    const upper = start + downwards.before[j];
    const lower = start + downwards.after[j];
    const v = downwards.weight[j];
    for (let i = 0; i < width; i++) {
      const [left, right, u] = [across.before[i], across.after[i], across.weight[i]];
      const above = data[upper + left] * (1 - u) + data[upper + right] * u;
      const below = data[lower + left] * (1 - u) + data[lower + right] * u;
      const level = scale * (above * (1 - v) + below * v - window.black) + 0.5;
      const grey = level >= 255 ? 255 : level > 0 ? level | 0 : 0; // NaN is black
      canvas.set(x + i, y + j, [grey, grey, grey]);
      inside[i + width * j] = row.mask.data[start + downwards.nearest[j] + across.nearest[i]];
    }
  }
  drawOutline(canvas, inside, width, height, x, y);
}

/** Directions along the edges of a tile. */
function writeDirections(canvas: Canvas, { plane, width, height }: Tile, x: number, y: number): void {
  const { right, down } = plane;
  const label = (text: string, at: number, line: number, align: 'left' | 'middle' | 'right'): void => {
    for (const dx of [-2, 0, 2]) for (const dy of [-2, 0, 2]) canvas.write(text, at + dx, line + dy, GROUND, align);
    canvas.write(text, at, line, INK, align); // with a dark rim, so that it is read on white too
  };
  const middle = y + ((height - TEXT_HEIGHT) >> 1);
  label(right.from, x + 6, middle, 'left');
  label(right.to, x + width - 6, middle, 'right');
  label(down.from, x + width / 2, y + 6, 'middle');
  label(down.to, x + width / 2, y + height - TEXT_HEIGHT - 2, 'middle');
}

/** For each pixel along an axis: where in the data its neighbours lie, the weight of the second, and its own voxel. */
interface Samples {
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly weight: Float64Array;
  readonly nearest: Int32Array;
}

/** @param start of the view, and its size, in voxels from edge to edge */
function samplesAlong({ axis, sign }: Direction, shape: Triple, start: number, size: number, pixels: number): Samples {
  const stride = stridesOf(shape)[axis];
  const offset = (n: number): number => {
    const index = Math.min(shape[axis] - 1, Math.max(0, n));
    return stride * (sign > 0 ? index : shape[axis] - 1 - index);
  };
  const places = Float64Array.from({ length: pixels }, (_, n) => start + ((n + 0.5) * size) / pixels - 0.5);
  return {
    before: Int32Array.from(places, (place) => offset(Math.floor(place))),
    after: Int32Array.from(places, (place) => offset(Math.floor(place) + 1)),
    weight: places.map((place) => place - Math.floor(place)),
    nearest: Int32Array.from(places, (place) => offset(Math.round(place))),
  };
}

function stridesOf([nx, ny]: Triple): Triple {
  return [1, nx, nx * ny];
}

/** Pixels just outside of the region: what is inside stays to be seen. */
function drawOutline(canvas: Canvas, inside: Uint8Array, width: number, height: number, x: number, y: number): void {
  const isIn = (i: number, j: number) => i >= 0 && j >= 0 && i < width && j < height && inside[i + width * j] === 1;
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      if (isIn(i, j)) continue;
      if (isIn(i - 1, j) || isIn(i + 1, j) || isIn(i, j - 1) || isIn(i, j + 1)) canvas.set(x + i, y + j, OUTLINE);
    }
  }
}
