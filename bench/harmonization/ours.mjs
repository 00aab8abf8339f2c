// Fits and applies in place, as often as told; keeps the shortest time, the peak of memory and the mean of the result.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyCombatInPlace, fitCombat } from '@concord/harmonization';

const [folder, repeat, eb] = process.argv.slice(2);
const info = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
const bytes = readFileSync(join(folder, 'values.bin'));
const all = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
// One repetition works on the numbers themselves; more need a copy each.
const isOnce = info.patients * info.features > 5e7;
const seconds = [];
const processor = [];
let features;
for (let k = 0; k < (isOnce ? 1 : Number(repeat)); k++) {
  const values = isOnce ? all : all.slice();
  features = Array.from({ length: info.features }, (_, g) => ({
    name: `f${g}`,
    values: values.subarray(g * info.patients, (g + 1) * info.patients),
  }));
  const input = {
    features,
    batch: info.batch.map((i) => `b${String(i).padStart(3, '0')}`),
    covariates: [
      { name: 'sex', kind: 'categorical', values: info.sex },
      { name: 'age', kind: 'continuous', values: info.age },
    ],
    options: { eb, stop: 'legacy' },
  };
  const before = process.cpuUsage();
  const start = performance.now();
  applyCombatInPlace(fitCombat(input), input);
  seconds.push((performance.now() - start) / 1000);
  const used = process.cpuUsage(before);
  processor.push((used.user + used.system) / 1e6);
}
const megabytes = process.resourceUsage().maxRSS / 1024;
let sum = 0;
let isFinite = true;
for (const { values } of features) {
  for (const value of values) {
    sum += value;
    isFinite &&= Number.isFinite(value);
  }
}
const mean = sum / (info.patients * info.features);
writeFileSync(
  join(folder, 'result.json'),
  JSON.stringify({ seconds: Math.min(...seconds), processor: Math.min(...processor), megabytes, mean, isFinite }),
);
