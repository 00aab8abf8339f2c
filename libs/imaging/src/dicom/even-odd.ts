/**
 * Sets the pixels of a plane whose centre lies inside an odd number of polygons. A centre on an edge belongs to the
 * polygon on its right or below, so that polygons side by side share no pixel and leave none out.
 *
 * @param polygons vertices in pixels, x and y in turn
 * @param pixels `nx * ny` of them, x-fastest; those inside become 1
 */
export function fillEvenOdd(polygons: readonly Float64Array[], nx: number, ny: number, pixels: Uint8Array): void {
  const crossings: number[][] = Array.from({ length: ny }, () => []);
  for (const points of polygons) {
    const count = points.length / 2;
    for (let end = 0, start = count - 1; end < count; start = end++) {
      const [x1, y1, x2, y2] = [points[2 * start], points[2 * start + 1], points[2 * end], points[2 * end + 1]];
      const first = Math.max(0, Math.ceil(Math.min(y1, y2)));
      for (let row = first; row < Math.max(y1, y2) && row < ny; row++) {
        crossings[row].push(x1 + ((row - y1) / (y2 - y1)) * (x2 - x1));
      }
    }
  }
  crossings.forEach((row, j) => {
    row.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < row.length; pair += 2) {
      const from = Math.max(0, Math.ceil(row[pair]));
      for (let i = from; i < row[pair + 1] && i < nx; i++) pixels[i + nx * j] = 1;
    }
  });
}
