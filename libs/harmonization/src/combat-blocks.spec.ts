import { randomNormal, seededRandom } from '@concord/numeric';
import fc from 'fast-check';
import { combatOfBlocks, type CombatInput, CombatModelFormatError, fitCombat, fitCombatBlock } from './index.js';

function draw(seed: number, sizes: readonly number[], p: number, missingShare: number): CombatInput {
  const source = seededRandom(seed);
  const batch = sizes.flatMap((size, i) => new Array<string>(size).fill(`s${i}`));
  const features = Array.from({ length: p }, (_, g) => ({
    name: `f${g}`,
    values: Float64Array.from(batch, (label) => {
      if (g === 3 && label === 's1') return 7; // constant inside a batch: passed through
      return source.next() < missingShare ? NaN : 10 ** (g - 3) * (Number(label.slice(1)) + randomNormal(source));
    }),
  }));
  const age = batch.map(() => 60 + 9 * randomNormal(source));
  return { features, batch, covariates: [{ name: 'age', kind: 'continuous', values: age }] };
}

const options = fc.record({
  eb: fc.constantFrom('parametric' as const, 'nonparametric' as const, 'none' as const),
  stop: fc.constantFrom('exact' as const, 'legacy' as const),
  meanOnly: fc.boolean(),
  reference: fc.constantFrom(null, 's0'),
});

describe('combatOfBlocks', () => {
  it('is bit by bit the fit on all features at once, wherever they are cut and whoever fitted the blocks', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 2, maxLength: 4 }),
        fc.constantFrom(0, 0.1),
        fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 }),
        options,
        (seed, sizes, missingShare, cuts, chosen) => {
          const input = { ...draw(seed, [9, ...sizes], 9, missingShare), options: chosen };
          const at = [0, ...[...new Set(cuts)].sort((a, b) => a - b), 9];
          const blocks = at.slice(1).map((end, b) => {
            const block = fitCombatBlock({ ...input, features: input.features.slice(at[b], end) });
            return JSON.parse(JSON.stringify(block)) as typeof block; // as it travels between workers
          });
          expect(combatOfBlocks(blocks)).toEqual(fitCombat(input));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses no block, and blocks of different cohorts or options', () => {
    const input = draw(1, [9, 9], 6, 0);
    const block = fitCombatBlock(input);
    const other = fitCombatBlock({ ...input, options: { meanOnly: true } });
    for (const blocks of [[], [block, other], [block, fitCombatBlock(draw(1, [9, 10], 6, 0))], [null as never]]) {
      expect(() => combatOfBlocks(blocks)).toThrow(CombatModelFormatError);
    }
  });
});
