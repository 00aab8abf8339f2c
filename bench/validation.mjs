// Times the statistics of validation, calculation alone, beside R's packages on the same data in the same run.
// After the build: node bench/validation.mjs [--r Rscript]. bench/README.md says what was seen.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  consensusClusters,
  fitElasticNetCox,
  fitElasticNetLogistic,
  fitStandardization,
  standardizedRows,
} from '@concord/models';
import { randomInteger, randomNormal, seededRandom } from '@concord/numeric';
import {
  aucAt,
  aucEstimates,
  aucSums,
  bootstrapAuc,
  bootstrapNetBenefit,
  bootstrapOptimism,
  brierAt,
  concordance,
  fitCox,
  fitLogistic,
  inverseLogit,
  markerOrder,
  netBenefits,
  validateBinary,
  validateSurvival,
  weightedCohort,
} from '@concord/validation';
import { evaluationItems, factsOf, renderValidationReport, validationFigures, verdictsOf } from '@concord/reports';
import { parseHTML } from 'linkedom';

const at = process.argv.indexOf('--r');
const rscript = at < 0 ? null : process.argv[at + 1];
const random = seededRandom('bench validation');
const folder = mkdtempSync(join(tmpdir(), 'concord-bench-'));

const binary = (n) => {
  const outcomes = Uint8Array.from({ length: n }, () => (random.next() < 0.3 ? 1 : 0));
  const scores = Float64Array.from(outcomes, (y) => inverseLogit(-1 + y + randomNormal(random)));
  return { outcomes, scores };
};
const survival = (n, p) => {
  const columns = Array.from({ length: p }, () => Float64Array.from({ length: n }, () => randomNormal(random)));
  const linear = Float64Array.from({ length: n }, (_, i) =>
    columns.slice(0, 5).reduce((sum, column) => sum + 0.4 * column[i], 0),
  );
  const events = new Uint8Array(n);
  const times = linear.map((lp, i) => {
    const event = (-Math.log(1 - random.next()) / 0.1) * Math.exp(-lp);
    const end = -Math.log(1 - random.next()) / 0.12;
    events[i] = event <= end ? 1 : 0;
    return Math.min(event, end);
  });
  return { times, events, linear, columns };
};

const million = binary(1e6);
const tenThousand = binary(1e4);
const big = survival(1e5, 20);
const small = survival(1e4, 1);
const wide = survival(500, 1000);
const wideOutcome = Uint8Array.from(wide.linear, (lp) => (random.next() < inverseLogit(lp) ? 1 : 0));
const folds = Int32Array.from({ length: 500 }, (_, i) => i % 10);
const named = (columns) => columns.map((values, j) => ({ name: `f${j + 1}`, values }));
const horizons = Array.from({ length: 100 }, (_, i) => 0.1 + i * 0.08);
const risks = small.linear.map((lp) => inverseLogit(lp));
const clusterRows = (() => {
  const columns = named(
    Array.from({ length: 50 }, (_, j) =>
      Float64Array.from({ length: 200 }, (_, i) => randomNormal(random) + (j < 10 ? i % 3 : 0)),
    ),
  );
  return standardizedRows(fitStandardization(columns), columns);
})();
const subsamples = Array.from({ length: 1000 }, () => sample(200, 160));
const logistic = survival(500, 10);
const logisticOutcome = Uint8Array.from(logistic.linear, (lp) => (random.next() < inverseLogit(lp) ? 1 : 0));
const resamples = Array.from({ length: 200 }, () =>
  Uint32Array.from({ length: 500 }, () => randomInteger(random, 500)),
);

function sample(n, size) {
  const rows = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < size; i++) {
    const j = i + randomInteger(random, n - i);
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return rows.slice(0, size).sort();
}

/** Task, mark in seconds, ours. */
const TASKS = [
  ['AUC + DeLong interval, 1e6', 0.4, () => aucEstimates(aucSums(million.scores, million.outcomes), 0.95)],
  [
    'bootstrap AUC, 2,000 × 1e4',
    0.25,
    () => bootstrapAuc(tenThousand.scores, tenThousand.outcomes, seededRandom(1), 2000),
  ],
  ["Harrell's C with variance, 1e5", 0.08, () => concordance(big, big.linear)],
  ["Uno's C, 1e4", 0.01, () => concordance(small, small.linear, { isWeighted: true, tau: 8 })],
  ['Brier at 100 times, 1e4', 0.012, () => brierMany()],
  ['AUC(t) at 100 times with errors, 1e4', 0.06, () => aucMany()],
  [
    'decision curve, 99 thresholds, 1e4',
    0.01,
    () => netBenefits(tenThousand.scores, tenThousand.outcomes, thresholds()),
  ],
  [
    'the same with 1,000 bootstraps',
    1,
    () => bootstrapNetBenefit(tenThousand.scores, tenThousand.outcomes, thresholds(), seededRandom(1), 1000),
  ],
  ['Cox fit, 1e5 × 20', 0.3, () => fitCox({ ...big, ties: 'efron' })],
  [
    'logistic elastic net, 500 × 1,000, 10 folds',
    0.5,
    () => fitElasticNetLogistic({ features: named(wide.columns), outcome: wideOutcome, alpha: 0.5, folds }),
  ],
  [
    'Cox elastic net, 500 × 1,000, 10 folds',
    1.2,
    () =>
      fitElasticNetCox({ features: named(wide.columns), times: wide.times, events: wide.events, alpha: 0.5, folds }),
  ],
  ['optimism bootstrap, B = 200, n = 500, p = 10', 0.3, () => optimism()],
  [
    'consensus clustering, 200 × 50, 1,000 resamples, k <= 6',
    2,
    () => consensusClusters(clusterRows, 50, subsamples, [2, 3, 4, 5, 6]),
  ],
  ['complete report with figures, 6 sites, n = 1,000, 1,000 bootstraps', 20, () => binaryReport()],
  ['the same for survival at three horizons (no bootstrap)', 20, () => survivalReport()],
];

function thresholds() {
  return Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
}

const sixSites = Array.from({ length: 1000 }, (_, i) => `site-${i % 6}`);
const scanners = [{ name: 'scanner', labels: sixSites.map((_, i) => ['x', 'y', 'z'][i % 3]) }];
const thousand = binary(1000);
const followed = survival(1000, 5);

function binaryReport() {
  const result = validateBinary({
    ...thousand,
    sites: sixSites,
    subgroups: scanners,
    threshold: 0.3,
    bootstrap: { seed: 'bench', replicates: 1000 },
  });
  return page([{ score: 'risk', ...result }], null);
}

function survivalReport() {
  const risk = (time) => followed.linear.map((lp) => -Math.expm1(-0.1 * time * Math.exp(lp)));
  const result = validateSurvival({
    ...followed,
    sites: sixSites,
    subgroups: scanners,
    riskGroups: Array.from(followed.linear, (lp) => (lp > 0 ? 'high' : 'low')),
    decisionThresholds: thresholds(),
    horizons: [1, 2, 4].map((time) => ({ time, risks: risk(time) })),
  });
  return page([{ score: 'lp', ...result }], 'years');
}

/** As `concord validate` writes it: the page, and each figure as SVG. */
function page(scores, timeUnit) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const provenance = { inputDigest: null, lock: null, bootstrap: null };
  const format = 'concord.validation-report/1';
  const report = { format, version: '0', outcome: 'y', timeUnit, provenance, deviations: [], scores, comparisons: [] };
  const whole = { ...report, verdicts: verdictsOf(scores), items: evaluationItems(factsOf(report)) };
  const drawn = validationFigures(scores[0], { document, timeUnit: timeUnit ?? '' });
  return [JSON.stringify(whole), renderValidationReport(whole, { document }), drawn.map(({ draw }) => draw(720).svg)];
}

function brierMany() {
  const cohort = weightedCohort({ times: small.times, causes: small.events });
  return horizons.map((time) => brierAt(cohort, risks, time));
}

function aucMany() {
  const cohort = weightedCohort({ times: small.times, causes: small.events });
  const order = markerOrder(small.linear);
  return horizons.map((time) => aucAt(cohort, small.linear, order, time));
}

function optimism() {
  const design = [new Float64Array(500).fill(1), ...logistic.columns];
  return bootstrapOptimism(logisticOutcome, resamples, (drawn) => {
    const fit = fitLogistic(
      design.map((column) => Float64Array.from(drawn, (row) => column[row])),
      Uint8Array.from(drawn, (row) => logisticOutcome[row]),
    );
    if (fit === null) return null;
    return (rows) =>
      Float64Array.from(rows, (row) => {
        let eta = 0;
        for (let j = 0; j < design.length; j++) eta += fit.coefficients[j] * design[j][row];
        return inverseLogit(eta);
      });
  });
}

console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)}`,
);
const ours = TASKS.map(([task, mark, work]) => {
  const seconds = Math.min(...[1, 2, 3].map(() => timed(work)));
  console.log(`${task}: ${seconds.toFixed(4)} s (mark ${mark} s${seconds <= mark ? '' : ', missed'})`);
  return { task, seconds };
});
if (rscript) peers(ours);
rmSync(folder, { recursive: true });

function timed(work) {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** R's packages on the same numbers, timed inside R. */
function peers(results) {
  const csv = (name, columns) => {
    const names = Object.keys(columns);
    const rows = Array.from({ length: columns[names[0]].length }, (_, i) =>
      names.map((key) => columns[key][i]).join(','),
    );
    writeFileSync(join(folder, name), [names.join(','), ...rows].join('\n'));
  };
  const matrix = (columns) => Object.fromEntries(columns.map((values, j) => [`f${j + 1}`, values]));
  csv('million.csv', { y: million.outcomes, s: million.scores });
  csv('ten.csv', { y: tenThousand.outcomes, s: tenThousand.scores });
  csv('big.csv', { time: big.times, status: big.events, lp: big.linear, ...matrix(big.columns) });
  csv('small.csv', { time: small.times, status: small.events, lp: small.linear });
  csv('wide.csv', {
    time: wide.times,
    status: wide.events,
    y: wideOutcome,
    fold: folds.map((f) => f + 1),
    ...matrix(wide.columns),
  });
  csv('logistic.csv', { y: logisticOutcome, ...matrix(logistic.columns) });
  const script = fileURLToPath(new URL('validation-peers.R', import.meta.url));
  const { stdout, stderr, status } = spawnSync(rscript, [script, folder], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) return console.log(`R skipped: ${stderr.trim().split('\n').at(-1)}`);
  for (const line of stdout.trim().split('\n')) {
    const [number, name, seconds] = line.split('\t');
    const own = results[Number(number) - 1];
    if (own)
      console.log(
        `${own.task}: ${name} ${Number(seconds).toFixed(4)} s, ${(Number(seconds) / own.seconds).toFixed(1)} times ours`,
      );
  }
}
