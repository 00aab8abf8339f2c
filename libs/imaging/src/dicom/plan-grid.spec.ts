import fc from 'fast-check';
import { toPatient } from '../geometry.js';
import type { Triple } from '../volume.js';
import { planGrid, type SlicePlacement } from './plan-grid.js';

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest

/** Axial slices at these heights; anything else can be replaced. */
function slices(heights: readonly number[], change: Partial<SlicePlacement> = {}): SlicePlacement[] {
  return heights.map((z) => ({
    rows: 5,
    columns: 6,
    position: [-10, -20, z],
    columnDirection: [1, 0, 0],
    rowDirection: [0, 1, 0],
    rowSpacingMm: 0.9,
    columnSpacingMm: 0.7,
    thicknessMm: 3,
    ...change,
  }));
}

it('orders slices along their normal and puts their first pixels where they belong', () => {
  const unit = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.tuple(unit, unit, unit).filter((v) => Math.hypot(...v) > 0.1),
      fc.tuple(unit, unit, unit).filter((v) => Math.hypot(...v) > 0.1),
      fc.double({ min: 0.3, max: 10, noNaN: true }),
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }),
      (a, b, gap, order) => {
        // Two perpendicular directions by Gram and Schmidt.
        const u = a.map((x) => x / Math.hypot(...a));
        const along = u[0] * b[0] + u[1] * b[1] + u[2] * b[2];
        const rest = b.map((x, axis) => x - along * u[axis]);
        fc.pre(Math.hypot(...rest) > 0.05);
        const v = rest.map((x) => x / Math.hypot(...rest));
        const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
        const input = order.map((k) => ({
          ...slices([0])[0],
          columnDirection: u as unknown as Triple,
          rowDirection: v as unknown as Triple,
          position: n.map((x, axis) => 10 * axis + k * gap * x) as unknown as Triple,
        }));
        const plan = planGrid(input);
        expect(plan.order.map((index) => order[index])).toEqual([0, 1, 2, 3, 4, 5, 6]);
        plan.order.forEach((index, k) => {
          toPatient(plan.affine, 0, 0, k).forEach((x, axis) => expect(x).toBeCloseTo(input[index].position[axis], 9));
        });
      },
    ),
  );
});

it('refuses orientations that are none', () => {
  expect(() => planGrid(slices([0, 3], { columnDirection: [1, 0.2, 0] }))).toThrow(refusal('BAD_IOP'));
  expect(() => planGrid(slices([0, 3], { columnDirection: [0, 1, 0] }))).toThrow(refusal('BAD_IOP'));
  expect(() => planGrid(slices([0, 3], { columnDirection: [0, 0, 0] }))).toThrow(refusal('BAD_IOP'));
});

it('refuses slices that belong to no one volume', () => {
  const mixed = (change: Partial<SlicePlacement>): SlicePlacement[] => [...slices([0, 3]), ...slices([6], change)];
  expect(() => planGrid(mixed({ rows: 7 }))).toThrow(refusal('MIXED_MATRIX'));
  expect(() => planGrid(mixed({ rowSpacingMm: 0.91 }))).toThrow(refusal('MIXED_SPACING'));
  expect(() => planGrid(mixed({ rowSpacingMm: 0 }))).toThrow(refusal('NO_GEOMETRY'));
  expect(() => planGrid(mixed({ rowDirection: [0, Math.cos(0.1), Math.sin(0.1)] }))).toThrow(
    refusal('MIXED_ORIENTATION'),
  );
  expect(() => planGrid([])).toThrow(refusal('EMPTY_SERIES'));
});

it('refuses gaps, drifting distances, two slices at one place and a slice shifted sideways', () => {
  expect(() => planGrid(slices([0, 3, 9, 12]))).toThrow(/6\.00 mm after slice 2/);
  expect(() => planGrid(slices([0, 3, 6.2, 9.6, 13.2]))).toThrow(refusal('NONUNIFORM'));
  expect(() => planGrid(slices([0, 3, 3, 6]))).toThrow(refusal('DUPLICATE'));
  expect(() => planGrid(slices([0, 0]))).toThrow(refusal('DUPLICATE'));
  expect(() => planGrid([...slices([0]), ...slices([3], { position: [-10, -19, 3] }), ...slices([6])])).toThrow(
    refusal('OFF_AXIS'),
  );
  expect(() => planGrid([0, 3, 6].map((z) => slices([z], { position: [-10, z / 4, z] })[0]))).toThrow(refusal('TILT'));
});

it('takes positions rounded by the scanner for regular', () => {
  expect(planGrid(slices([0, 3.001, 5.999, 9])).shape).toEqual([6, 5, 4]);
});

it('gives a single slice its thickness, and refuses one without', () => {
  const plan = planGrid(slices([7]));
  expect([...plan.affine]).toEqual([0.7, 0, 0, -10, 0, 0.9, 0, -20, 0, 0, 3, 7, 0, 0, 0, 1]);
  expect(plan.warnings).toHaveLength(1);
  expect(() => planGrid(slices([7], { thicknessMm: null }))).toThrow(refusal('NO_GEOMETRY'));
});
