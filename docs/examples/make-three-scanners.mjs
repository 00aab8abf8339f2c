// Writes three-scanners.csv: 80 invented patients of three scanners, shifts and scales by scanner, effects of age; seeded.
import { writeFileSync } from 'node:fs';
import { randomNormal, seededRandom } from '@concord/numeric';
const s = seededRandom('three-scanners');
const names = [
  'meanIntensity',
  'skewness',
  'kurtosis',
  'entropy',
  'jointEntropy',
  'contrast',
  'correlation',
  'shortRunEmphasis',
  'runPercentage',
  'coarseness',
  'volume',
  'sphericity',
];
const scanners = ['scanner-a', 'scanner-b', 'scanner-c'];
const sizes = [32, 26, 22];
const shift = scanners.map(() => names.map(() => randomNormal(s) * 0.8));
const scale = scanners.map(() => names.map(() => Math.exp(randomNormal(s) * 0.2)));
const effect = names.map(() => randomNormal(s) * 0.03);
const level = names.map((_, i) => [55, 0.2, 2.8, 4.6, 6.9, 18, 0.4, 0.7, 0.62, 0.01, 24, 0.68][i]);
const sd = [18, 0.5, 1.1, 0.6, 0.8, 7, 0.1, 0.05, 0.06, 0.004, 14, 0.08];
const lines = ['patient,scanner,age,sex,event,' + names.join(',')];
let id = 1;
scanners.forEach((sc, i) => {
  for (let k = 0; k < sizes[i]; k++) {
    const age = Math.round(62 + 9 * randomNormal(s));
    const sex = s.next() < 0.4 ? 'f' : 'm';
    const event = s.next() < 0.3 + 0.1 * i ? 1 : 0;
    lines.push(
      [
        `P${String(id++).padStart(3, '0')}`,
        sc,
        age,
        sex,
        event,
        ...names.map((_, f) =>
          Number(
            (level[f] + sd[f] * (shift[i][f] + effect[f] * (age - 62) + scale[i][f] * randomNormal(s))).toPrecision(6),
          ),
        ),
      ].join(','),
    );
  }
});
writeFileSync(new URL('three-scanners.csv', import.meta.url), lines.join('\n') + '\n');
