import fc from 'fast-check';
import { fillEvenOdd } from './even-odd.js';

function filled(polygons: number[][], nx: number, ny: number): number[] {
  const pixels = new Uint8Array(nx * ny);
  fillEvenOdd(
    polygons.map((polygon) => Float64Array.from(polygon)),
    nx,
    ny,
    pixels,
  );
  return [...pixels];
}

it('gives a centre on an edge to one of two polygons side by side', () => {
  const left = [1, 1, 3, 1, 3, 3, 1, 3];
  const right = [3, 1, 4, 1, 4, 3, 3, 3];
  expect(filled([left], 5, 4)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  expect(filled([right], 5, 4)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
});

it('agrees with casting a ray from every pixel, for any polygons', () => {
  const vertex = fc
    .tuple(fc.integer({ min: -4, max: 28 }), fc.integer({ min: -4, max: 28 }))
    .map(([x, y]) => [x / 4, y / 4]);
  const polygon = fc.array(vertex, { minLength: 3, maxLength: 7 }).map((vertices) => vertices.flat());
  fc.assert(
    fc.property(fc.array(polygon, { minLength: 1, maxLength: 3 }), (polygons) => {
      const expected: number[] = [];
      for (let y = 0; y < 6; y++) {
        for (let x = 0; x < 6; x++) {
          let isInside = false;
          for (const points of polygons) {
            for (let end = 0, start = points.length - 2; end < points.length; start = end, end += 2) {
              const [x1, y1, x2, y2] = [points[start], points[start + 1], points[end], points[end + 1]];
              if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) isInside = !isInside;
            }
          }
          expected.push(isInside ? 1 : 0);
        }
      }
      expect(filled(polygons, 6, 6)).toEqual(expected);
    }),
  );
});
