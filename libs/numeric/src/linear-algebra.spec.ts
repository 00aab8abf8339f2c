import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  choleskyFactor,
  choleskyInverse,
  choleskyLogDeterminant,
  choleskySolve,
  columnView,
  crossProduct,
  leastSquares,
  matrix,
  matrixOfColumns,
  matrixTimesVector,
  NotPositiveDefiniteError,
  NumericInputError,
  randomNormal,
  seededRandom,
  symmetricEigen,
} from './index.js';

interface Golden {
  leastSquares: { x: number[][]; y: number[]; coefficients: number[]; residualSumOfSquares: number };
  symmetric: { a: number[][]; values: number[]; cholesky: number[][]; b: number[]; solution: number[] };
}
const golden = JSON.parse(readFileSync(new URL('../golden/scipy/values.json', import.meta.url), 'utf8')) as Golden;

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

describe('leastSquares', () => {
  it('reproduces NumPy on a design with a column of mean 1e4', () => {
    const { x, y, coefficients, residualSumOfSquares } = golden.leastSquares;
    const fit = leastSquares(matrixOfColumns(x), y);
    expect(fit.rank).toBe(4);
    // The design's condition is about 1e6 after scaling, so coefficients keep about ten digits in NumPy.
    coefficients.forEach((value, j) => expect(relative(fit.coefficients[j], value)).toBeLessThan(1e-9));
    expect(relative(fit.residualSumOfSquares, residualSumOfSquares)).toBeLessThan(1e-12);
  });

  it('reproduces the certified values of NIST StRD Longley', () => {
    const rows = [
      [60323, 83.0, 234289, 2356, 1590, 107608, 1947],
      [61122, 88.5, 259426, 2325, 1456, 108632, 1948],
      [60171, 88.2, 258054, 3682, 1616, 109773, 1949],
      [61187, 89.5, 284599, 3351, 1650, 110929, 1950],
      [63221, 96.2, 328975, 2099, 3099, 112075, 1951],
      [63639, 98.1, 346999, 1932, 3594, 113270, 1952],
      [64989, 99.0, 365385, 1870, 3547, 115094, 1953],
      [63761, 100.0, 363112, 3578, 3350, 116219, 1954],
      [66019, 101.2, 397469, 2904, 3048, 117388, 1955],
      [67857, 104.6, 419180, 2822, 2857, 118734, 1956],
      [68169, 108.4, 442769, 2936, 2798, 120445, 1957],
      [66513, 110.8, 444546, 4681, 2637, 121950, 1958],
      [68655, 112.6, 482704, 3813, 2552, 123366, 1959],
      [69564, 114.2, 502601, 3931, 2514, 125368, 1960],
      [69331, 115.7, 518173, 4806, 2572, 127852, 1961],
      [70551, 116.9, 554894, 4007, 2827, 130081, 1962],
    ];
    const certified = [
      -3482258.63459582, 15.0618722713733, -0.35819179292591e-1, -2.02022980381683, -1.03322686717359,
      -0.511041056535807e-1, 1829.15146461355,
    ];
    const x = matrixOfColumns([rows.map(() => 1), ...[1, 2, 3, 4, 5, 6].map((j) => rows.map((row) => row[j]))]);
    const fit = leastSquares(
      x,
      rows.map((row) => row[0]),
    );
    expect(fit.rank).toBe(7);
    // NIST prints 15 digits; the condition of this design costs about four of them.
    certified.forEach((value, j) => expect(relative(fit.coefficients[j], value)).toBeLessThan(1e-10));
    expect(relative(fit.residualSumOfSquares, 836424.055505915)).toBeLessThan(1e-12);
  });

  it('leaves dependent columns out and says which', () => {
    const a = [1, 1, 1, 1, 1];
    const b = [1, 2, 3, 4, 6];
    const twice = b.map((v) => 2 * v + 1);
    const fit = leastSquares(matrixOfColumns([a, b, twice, [0, 0, 0, 0, 0]]), [2, 4, 6, 8, 12]);
    expect(fit.rank).toBe(2);
    expect([...fit.pivots.slice(2)].includes(3)).toBe(true);
    expect(fit.residualSumOfSquares).toBeLessThan(1e-24);
  });

  it('leaves residuals orthogonal to every column', () => {
    const source = seededRandom('orthogonal');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 7, max: 40 }), (p, n) => {
        const x = matrix(n, p).data.map(() => randomNormal(source) * 100 + 50);
        const design = matrix(n, p, x);
        const y = Float64Array.from({ length: n }, () => randomNormal(source));
        const fitted = matrixTimesVector(design, leastSquares(design, y).coefficients);
        const residual = matrix(
          n,
          1,
          y.map((v, i) => v - fitted[i]),
        );
        for (const dot of crossProduct(design, residual).data) expect(Math.abs(dot)).toBeLessThan(1e-9);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('refuses lengths that differ and values that are not finite', () => {
    expect(() => leastSquares(matrix(3, 1), [1, 2])).toThrow(NumericInputError);
    expect(() => leastSquares(matrix(2, 1), [1, NaN])).toThrow(NumericInputError);
    expect(() => leastSquares(matrix(1, 1, Float64Array.of(NaN)), [1])).toThrow(NumericInputError);
  });
});

describe('choleskyFactor and symmetricEigen', () => {
  const a = matrixOfColumns(golden.symmetric.a);

  it('factor and solve as SciPy does', () => {
    const factor = choleskyFactor(a);
    golden.symmetric.cholesky.forEach((column, j) =>
      column.forEach((value, i) => expect(factor.data[j * 9 + i]).toBeCloseTo(value, 12)),
    );
    const solution = choleskySolve(factor, golden.symmetric.b);
    golden.symmetric.solution.forEach((value, i) => expect(relative(solution[i], value)).toBeLessThan(1e-10));
    const product = crossProduct(a, choleskyInverse(factor));
    product.data.forEach((value, k) => expect(value).toBeCloseTo(k % 10 === 0 ? 1 : 0, 10));
    const logDeterminant = golden.symmetric.values.reduce((sum, value) => sum + Math.log(value), 0);
    expect(choleskyLogDeterminant(factor)).toBeCloseTo(logDeterminant, 9);
  });

  it('name the column that depends on others', () => {
    const singular = matrix(3, 3, Float64Array.of(1, 2, 0, 2, 4, 0, 0, 0, 1));
    expect(() => choleskyFactor(singular)).toThrow(NotPositiveDefiniteError);
    expect(() => choleskyFactor(singular)).toThrow('column 1');
  });

  it('find the eigenvalues SciPy finds, descending, with vectors that satisfy their equation', () => {
    const { values, vectors } = symmetricEigen(a);
    golden.symmetric.values.forEach((value, j) => expect(values[j]).toBeCloseTo(value, 12));
    values.forEach((value, j) => {
      const vector = columnView(vectors, j);
      matrixTimesVector(a, vector).forEach((entry, i) => expect(entry).toBeCloseTo(value * vector[i], 11));
      expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
    });
  });

  it('keep trace and orthogonality for matrices with repeated and zero eigenvalues', () => {
    const source = seededRandom(5);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }), (n, rank) => {
        const root = matrix(
          rank,
          n,
          matrix(rank, n).data.map(() => Math.round(randomNormal(source) * 2)),
        );
        const gram = crossProduct(root, root);
        const { values, vectors } = symmetricEigen(gram);
        let trace = 0;
        for (let i = 0; i < n; i++) trace += gram.data[i * n + i];
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 8);
        crossProduct(vectors, vectors).data.forEach((value, k) =>
          expect(value).toBeCloseTo(k % (n + 1) === 0 ? 1 : 0, 11),
        );
        for (let j = 1; j < n; j++) expect(values[j - 1]).toBeGreaterThanOrEqual(values[j]);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it('accept an empty matrix and refuse one that is not square', () => {
    expect(symmetricEigen(matrix(0, 0)).values.length).toBe(0);
    expect(() => symmetricEigen(matrix(2, 1))).toThrow(NumericInputError);
    expect(() => choleskyFactor(matrix(2, 1))).toThrow(NumericInputError);
    expect(() => matrix(-1, 2)).toThrow(NumericInputError);
    expect(() => matrix(2, 2, new Float64Array(3))).toThrow(NumericInputError);
  });
});
