import { batchDensities, batchShifts } from './index.js';

const values = Float64Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 5) + Math.sin(i * 2.3));
const batch = Array.from({ length: 40 }, (_, i) => (i < 20 ? 'a' : i < 37 ? 'b' : 'c'));

describe('batchDensities', () => {
  it('draws curves of area one where the values lie, for batches of ten patients or more only', () => {
    const curves = batchDensities(values, batch);
    expect(curves.map((curve) => curve.batch)).toEqual(['a', 'b']);
    for (const { x, density } of curves) {
      const area = density.reduce((sum, height) => sum + height * (x[1] - x[0]), 0);
      expect(Math.abs(area - 1)).toBeLessThan(0.02);
    }
    const centre = ({ x, density }: (typeof curves)[number]): number =>
      density.reduce((sum, height, k) => sum + height * x[k], 0) / density.reduce((sum, height) => sum + height, 0);
    expect(centre(curves[1]) - centre(curves[0])).toBeCloseTo(5, 0);
  });

  it('follows the kernel sum at Silverman’s bandwidth', () => {
    const ten = Float64Array.from({ length: 11 }, (_, i) => i);
    const [curve] = batchDensities(ten, [...Array<string>(10).fill('a'), 'b']);
    const h = 0.9 * Math.min(3.0276503540974917, 4.5 / 1.34) * 10 ** -0.2;
    const at = (x: number): number =>
      Array.from({ length: 10 }, (_, i) => Math.exp(-((x - i) ** 2) / (2 * h * h))).reduce((a, b) => a + b) /
      (10 * h * Math.sqrt(2 * Math.PI));
    curve.x.forEach((x, k) => expect(curve.density[k]).toBeCloseTo(at(x), 12));
  });

  it('is empty where nothing varies', () => {
    expect(batchDensities(new Float64Array(40), batch)).toEqual([]);
  });
});

describe('batchShifts', () => {
  it('gives means of batches from the mean of all in SD, and null without a value', () => {
    const column = Float64Array.from([1, 3, 5, 7, NaN]);
    const [a, b, c] = batchShifts(column, ['a', 'a', 'b', 'b', 'c']);
    expect(a).toBeCloseTo(-2 / Math.sqrt(20 / 3), 12);
    expect(b).toBeCloseTo(2 / Math.sqrt(20 / 3), 12);
    expect(c).toBeNull();
    expect(batchShifts(new Float64Array(3), ['a', 'b', 'b'])).toEqual([null, null]);
  });
});
