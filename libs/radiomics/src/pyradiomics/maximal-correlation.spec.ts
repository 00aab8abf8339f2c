import { matrix, randomInteger, seededRandom, symmetricEigen } from '@concord/numeric';
import { maximalCorrelation } from './maximal-correlation.js';

/** Maximal correlation of symmetric counts, and the second largest singular value of p(i, j) / sqrt(p(i) p(j)). */
function bothWays(size: number, counts: Float64Array): [number, number] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const places = [...counts.keys()].filter((at) => counts[at] > 0);
  const shares = Float64Array.from(places, (at) => counts[at] / total);
  const rows = Uint16Array.from(places, (at) => Math.floor(at / size));
  const columns = Uint16Array.from(places, (at) => at % size);
  const rowShares = new Float64Array(size);
  shares.forEach((share, n) => (rowShares[rows[n]] += share));
  const scaled = matrix(size, size);
  shares.forEach((share, n) => {
    scaled.data[places[n]] = share / Math.sqrt(rowShares[rows[n]] * rowShares[columns[n]]);
  });
  const sizes = symmetricEigen(scaled).values.map(Math.abs).sort();
  const ours = maximalCorrelation({ rows, columns, shares, rowShares, columnShares: rowShares });
  return [ours, sizes[size - 2]];
}

describe('maximal correlation', () => {
  it('equals that of a dense decomposition on small and sparse matrices, which have repeated eigenvalues', () => {
    const random = seededRandom(4);
    for (let round = 0; round < 5000; round++) {
      const size = 2 + randomInteger(random, 5);
      const counts = new Float64Array(size * size);
      for (let pair = randomInteger(random, 8); pair >= 0; pair--) {
        const [i, j] = [randomInteger(random, size), randomInteger(random, size)];
        counts[i * size + j]++;
        counts[j * size + i]++;
      }
      const [ours, dense] = bothWays(size, counts);
      expect(Math.abs(ours - dense)).toBeLessThan(1e-6);
    }
  });

  it('finds the eigenvector (1, -1, 0, -1, 1), to which evenly spaced numbers are orthogonal', () => {
    const counts = Float64Array.of(0, 1, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0);
    expect(bothWays(5, counts)[0]).toBeCloseTo(1, 12);
  });
});
