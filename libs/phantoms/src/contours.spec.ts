import fc from 'fast-check';
import { outline } from './contours.js';

/** Whether a point is inside polygons by the even-odd rule, by crossings of the ray to the right. */
function isInside(polygons: readonly (readonly number[])[], x: number, y: number): boolean {
  let crossings = 0;
  for (const polygon of polygons) {
    for (let at = 0; at < polygon.length; at += 2) {
      const next = (at + 2) % polygon.length;
      const [x0, y0, x1, y1] = [polygon[at], polygon[at + 1], polygon[next], polygon[next + 1]];
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) crossings++;
    }
  }
  return crossings % 2 === 1;
}

describe('outline', () => {
  it('encloses exactly the positive samples, with islands, holes, saddles and samples at the border', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: 49, maxLength: 49 }),
        (width, height, drawn) => {
          const values = Float32Array.from(drawn.slice(0, width * height));
          const polygons = outline(values, width, height);
          values.forEach((value, at) => {
            expect(isInside(polygons, at % width, Math.floor(at / width))).toBe(value > 0);
          });
        },
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  it('places the crossing by linear interpolation', () => {
    // One positive sample of 3 among -1: each crossing lies 3/4 of the way out.
    const values = Float32Array.of(-1, -1, -1, -1, 3, -1, -1, -1, -1);
    const [polygon] = outline(values, 3, 3);
    expect(polygon).toHaveLength(8);
    expect([Math.min(...polygon), Math.max(...polygon)]).toEqual([0.25, 1.75]);
  });

  it('finds nothing where no sample is positive', () => {
    expect(outline(new Float32Array(9), 3, 3)).toEqual([]);
  });
});
