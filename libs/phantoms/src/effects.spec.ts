import { drawingOf, planConsortium, type PatientDrawing } from './index.js';

const plan = planConsortium({
  seed: 11,
  siteCodes: ['site-a', 'site-b', 'site-c', 'site-d', 'site-e'],
  patientsPerSite: 12,
});

/** HU of the voxels whose depth below the tumour's surface lies between two values, mm. */
function between({ stored, depthMm }: PatientDrawing, low: number, high: number): number[] {
  const values: number[] = [];
  for (let index = 0; index < stored.length; index++) {
    if (depthMm[index] > low && depthMm[index] < high) values.push(stored[index] - 1024);
  }
  return values;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const ab = a.reduce((sum, value, index) => sum + (value - ma) * (b[index] - mb), 0);
  return ab / ((a.length - 1) * spread(a) * spread(b));
}

/** HU of liver: voxels 6 to 14 mm outside the tumour; vessels and other tissue are cut off at 3 SD of the median. */
function liver(drawing: PatientDrawing): number[] {
  const sorted = Float64Array.from(between(drawing, -14, -6)).sort();
  const quantile = (share: number): number => sorted[Math.floor(share * sorted.length)];
  const reach = (3 * (quantile(0.75) - quantile(0.25))) / 1.349;
  return [...sorted].filter((value) => Math.abs(value - quantile(0.5)) < reach);
}

describe('scanner effects', () => {
  const drawings = plan.sites.map((site) => [0, 1].map((patient) => drawingOf(plan, site.index, patient)));

  it("show the stated noise of each site's slices in the liver", () => {
    plan.sites.forEach(({ scanner }, site) => {
      const measured = mean(drawings[site].map((drawing) => spread(liver(drawing))));
      // Noise is stated before calibration and scales with it; cutting at 3 SD and dose variation move it by a few per cent.
      expect(measured / (scanner.noiseHu * scanner.gain)).toBeGreaterThan(0.88);
      expect(measured / (scanner.noiseHu * scanner.gain)).toBeLessThan(1.12);
    });
  });

  it('shift the liver by the stated calibration', () => {
    plan.sites.forEach(({ scanner }, site) => {
      const measured = mean(drawings[site].map((drawing) => mean(liver(drawing))));
      // Livers are drawn from 100 to 112 HU.
      expect(measured).toBeGreaterThan(scanner.gain * 100 + scanner.offsetHu - 2);
      expect(measured).toBeLessThan(scanner.gain * 112 + scanner.offsetHu + 2);
    });
  });
});

describe('biology', () => {
  it('makes tumours of high risk more heterogeneous at every site', () => {
    for (const site of plan.sites) {
      const sds = site.patients.map((patient) => spread(between(drawingOf(plan, site.index, patient.index), 0, 99)));
      expect(
        correlation(
          sds,
          site.patients.map(({ risk }) => risk),
        ),
      ).toBeGreaterThan(0.5);
    }
  });
});
