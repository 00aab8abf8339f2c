import { fuzz } from './fuzz.js';

/** A long search: CONCORD_FUZZ_RUNS=100000 npm run jest -- test/hostile/fuzz; another seed by CONCORD_FUZZ_SEED. */
const runs = Number(process.env['CONCORD_FUZZ_RUNS'] ?? 2000);
const seed = Number(process.env['CONCORD_FUZZ_SEED'] ?? 1);

it(
  `ends with a typed refusal or a sound image, within a second, for each of ${runs} mutated files (seed ${seed})`,
  () => {
    const { outcomes, slowestMs, failures } = fuzz(seed, runs);
    if (runs > 2000) {
      const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
      process.stdout.write(`${runs} files, slowest ${slowestMs.toFixed(0)} ms: ${counts.join(', ')}\n`);
    }
    expect(failures).toEqual([]);
    // Were all refused at once, or none, the mutations would search nothing.
    const read = (outcomes.get('read') ?? 0) / runs;
    expect(read).toBeGreaterThan(0.05);
    expect(read).toBeLessThan(0.95);
    expect(outcomes.size).toBeGreaterThan(8);
  },
  Math.max(60_000, runs * 20),
);

it('makes the same files from the same seed', () => {
  const [first, second] = [fuzz(7, 200), fuzz(7, 200)];
  expect([...first.outcomes]).toEqual([...second.outcomes]);
  expect([...fuzz(8, 200).outcomes]).not.toEqual([...first.outcomes]);
});
