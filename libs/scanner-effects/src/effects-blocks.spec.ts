import { harmonize } from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';
import { compareScannerEffects, measureFeatures, type ScannerEffectInput, ScannerEffectInputError } from './index.js';

const random = seededRandom('blocks of effects');
const batch = [14, 18, 9].flatMap((size, i) => new Array<string>(size).fill(`s${i}`));
const before = Array.from({ length: 11 }, (_, g) => ({
  name: `f${g}`,
  values: Float64Array.from(batch, (label) => {
    if (g === 4 && label === 's1') return 3; // constant inside a batch
    if (g === 7) return 5; // does not vary at all
    return random.next() < (g % 3 === 0 ? 0.1 : 0) ? NaN : (g % 4) * Number(label.slice(1)) + randomNormal(random);
  }),
}));
const after = harmonize({ features: before, batch }).features;

describe('effects measured block by block', () => {
  it.each([[[11]], [[4, 11]], [[1, 3, 8, 11]]])('are those measured at once, cut at %j', (ends) => {
    const blocksOf = (features: ScannerEffectInput['features']) =>
      ends.flatMap((end, b) => {
        const block = measureFeatures({ features: features.slice(b === 0 ? 0 : ends[b - 1], end), batch });
        return JSON.parse(JSON.stringify(block)) as typeof block; // as it travels between workers
      });
    const input = { before, after, batch };
    const measured = { before: blocksOf(before), after: blocksOf(after) };
    expect(compareScannerEffects(input, 'anova', measured)).toEqual(compareScannerEffects(input, 'anova'));
  });

  it('are refused where a block is missing', () => {
    const block = measureFeatures({ features: before.slice(0, 5), batch });
    const measured = { before: block, after: block };
    expect(() => compareScannerEffects({ before, after, batch }, 'anova', measured)).toThrow(ScannerEffectInputError);
  });
});
