import { seededRandom } from '@concord/numeric';
import fc from 'fast-check';
import { validateCompeting } from './competing/validate-competing.js';
import { compareScores } from './binary/compare-scores.js';
import { validateSurvival } from './survival/validate-survival.js';
import { validateBinary } from './validate-binary.js';

// Empty cohorts, one class, ties, one event, nobody with the event, huge and tiny scores, missing values.

/** Fewer on every change; `CONCORD_TEST_DEGENERATE=1000` runs them all. */
const numRuns = Number(process.env['CONCORD_TEST_DEGENERATE'] ?? 60);

/** Every number of a report is finite, and what has no value says why. */
function expectSound(value: unknown, path = ''): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${path} is ${value}`);
  if (typeof value !== 'object' || value === null) return;
  if ('status' in value && 'value' in value) {
    const one = value as { status: string; value: number | null; reason: string | null };
    if ((one.status === 'ok') !== (one.value !== null)) throw new Error(`${path}: ${one.status} with ${one.value}`);
    if (one.value === null && !one.reason) throw new Error(`${path} gives no reason`);
  }
  for (const [key, inner] of Object.entries(value)) expectSound(inner, `${path}/${key}`);
}

const score = fc.oneof(
  fc.constantFrom(0, 1, 0.5, NaN, 1e300, -1e300, 5e-324),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
);
const site = fc.constantFrom('a', 'b', 'c');

/** How the outcomes of a cohort come: one class, one event, or any. */
const shape = fc.constantFrom('none', 'all', 'one', 'any', 'any');
const eventOf = (kind: string, index: number, drawn: number): number =>
  kind === 'none' ? 0 : kind === 'all' ? 1 : kind === 'one' ? Number(index === 0) : drawn;

describe('degenerate cohorts', () => {
  it('give a binary report of finite numbers and reasons, and no exception', () => {
    const rows = fc.array(fc.tuple(score, fc.constantFrom(0, 1, NaN), site), { maxLength: 40 });
    fc.assert(
      fc.property(rows, shape, fc.boolean(), (list, kind, isProbability) => {
        const clean = (value: number) => (isProbability && !(value >= 0 && value <= 1) ? NaN : value);
        expectSound(
          validateBinary({
            scores: list.map(([value]) => clean(value)),
            outcomes: list.map(([, drawn], i) => eventOf(kind, i, drawn)),
            sites: list.map(([, , name]) => name),
            threshold: 0.3,
            decisionThresholds: [0.1, 0.3, 0.5],
            subgroups: [{ name: 'scanner', labels: list.map(([value]) => (value > 0.5 ? 'x' : '')) }],
            bootstrap: { seed: 'd', replicates: 5 },
          }),
        );
      }),
      { numRuns },
    );
  });

  it('give a comparison of finite numbers and reasons, and no exception', () => {
    const rows = fc.array(fc.tuple(score, score, fc.constantFrom(0, 1, NaN)), { maxLength: 40 });
    fc.assert(
      fc.property(rows, (list) => {
        const a = { name: 'a', scores: list.map(([value]) => value), threshold: 0.3 };
        const b = { name: 'b', scores: list.map(([, value]) => value), threshold: 0.3 };
        const bootstrap = { random: seededRandom('d'), replicates: 5 };
        expectSound(
          compareScores(
            [a, b],
            list.map(([, , y]) => y),
            [0.1, 0.5],
            bootstrap,
            0.95,
          ),
        );
      }),
      { numRuns },
    );
  });

  it('give a report of competing risks of finite numbers and reasons, and no exception', () => {
    const time = fc.oneof(fc.constantFrom(0, 1, 2, NaN, 1e12, 5e-324), fc.double({ min: 0, max: 5, noNaN: true }));
    const risk = fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double({ min: 0, max: 1, noNaN: true }));
    const rows = fc.array(fc.tuple(time, fc.constantFrom(0, 1, 2, NaN), risk, site), { maxLength: 40 });
    fc.assert(
      fc.property(rows, shape, (list, kind) => {
        expectSound(
          validateCompeting({
            times: list.map(([value]) => value),
            causes: list.map(([, drawn], i) => eventOf(kind, i, drawn)),
            horizons: [1, 3].map((horizon) => ({ time: horizon, risks: list.map(([, , value]) => value) })),
            sites: list.map(([, , , name]) => name),
            riskGroups: list.map(([, , value]) => (value > 0.5 ? 'high' : 'low')),
            groupLabels: ['low', 'middle', 'high'],
            decisionThresholds: [0.1, 0.5],
          }),
        );
      }),
      { numRuns },
    );
  });

  it('give a survival report of finite numbers and reasons, and no exception', () => {
    const time = fc.oneof(fc.constantFrom(0, 1, 2, NaN, 1e12, 5e-324), fc.double({ min: 0, max: 5, noNaN: true }));
    const risk = fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double({ min: 0, max: 1, noNaN: true }));
    const rows = fc.array(fc.tuple(time, fc.constantFrom(0, 1, NaN), score, risk, site), { maxLength: 40 });
    fc.assert(
      fc.property(rows, shape, (list, kind) => {
        expectSound(
          validateSurvival({
            times: list.map(([value]) => value),
            events: list.map(([, drawn], i) => eventOf(kind, i, drawn)),
            linear: list.map(([, , value]) => value),
            horizons: [1, 3].map((horizon) => ({ time: horizon, risks: list.map(([, , , value]) => value) })),
            sites: list.map(([, , , , name]) => name),
            riskGroups: list.map(([, , , value]) => (value > 0.5 ? 'high' : 'low')),
            groupLabels: ['low', 'middle', 'high'],
            decisionThresholds: [0.1, 0.5],
            cumulativeHazards: list.map(([value]) => (Number.isNaN(value) ? 0 : value / 2)),
            subgroups: [{ name: 'scanner', labels: list.map(([value]) => (value > 1 ? 'x' : '')) }],
          }),
        );
      }),
      { numRuns },
    );
  });
});
