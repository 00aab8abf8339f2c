import { seededRandom } from '@concord/numeric';
import fc from 'fast-check';
import { fitForest } from './random-forest.js';
import { bootstrapRows, cutBetween, growTree, leafOf } from './tree.js';

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('growTree', () => {
  it('finds the cut that a search through all cuts finds', () => {
    const gini = (outcome: readonly number[]) => {
      const share = average(outcome);
      return 2 * share * (1 - share) * outcome.length;
    };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()), { minLength: 4, maxLength: 30 }),
        (data) => {
          const values = Float64Array.from(data, ([value]) => value);
          const outcome = Uint8Array.from(data, ([, event]) => Number(event));
          if (new Set(outcome).size < 2) return;
          const random = seededRandom(1);
          const { model } = fitForest([{ name: 'x', values }], outcome, { random, treeCount: 1, leafSize: 1 });
          const [tree] = model.trees;
          // The sample that the tree saw, drawn again from the same seed.
          const drawn = [...bootstrapRows(values.length, seededRandom(1)).drawn];
          const loss = (threshold: number) =>
            gini(drawn.filter((row) => values[row] <= threshold).map((row) => outcome[row])) +
            gini(drawn.filter((row) => values[row] > threshold).map((row) => outcome[row]));
          const cuts = [...new Set(drawn.map((row) => values[row]))].sort((a, b) => a - b).slice(0, -1);
          if (tree.feature[0] < 0) {
            const all = gini(drawn.map((row) => outcome[row]));
            for (const cut of cuts) expect(loss(cut)).toBeGreaterThan(all - 1e-9);
          } else expect(loss(tree.threshold[0])).toBeCloseTo(Math.min(...cuts.map(loss)), 9);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never takes the upper of two neighbouring values for a threshold', () => {
    expect(cutBetween(1, 1 + Number.EPSILON)).toBe(1);
    expect(cutBetween(1e8, 1e8 + 1)).toBe(1e8 + 0.5);
    const tree = growTree(
      [Float64Array.of(1, 2)],
      Int32Array.of(0, 1),
      {
        tried: 1,
        cut: () => ({ threshold: 1.5, gain: 1 }),
        isLeaf: (left) => left.length < 2,
        leafValues: (left) => [left[0]],
      },
      seededRandom(1),
    );
    expect([1.5, 1.6].map((x) => tree.values[leafOf(tree, () => x)])).toEqual([0, 1]);
  });
});
