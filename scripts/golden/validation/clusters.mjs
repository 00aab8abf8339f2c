// Clusters: found in development, locked, and what became of the patients in them.
import {
  adjustedRand,
  assignNearest,
  clusterQuality,
  consensusClusters,
  cutTree,
  euclideanDistances,
  fitStandardization,
  hierarchicalClusters,
  kMeans,
  standardizedRows,
} from '@concord/models';
import { normalQuantile } from '@concord/numeric';
import {
  fisherExact,
  fitCox,
  kaplanMeier,
  logRank,
  medianSurvival,
  pearsonChiSquared,
  proportion,
  rateDifference,
  survivalRows,
} from '@concord/validation';

import { numbers, outcomesOf, readRows } from './table.mjs';

const LEVEL = 0.95;
const fromOne = (labels) => [...labels].map((label) => label + 1);

export function clustering({ folder, spec }) {
  const rows = readRows(folder);
  const train = rows.filter(({ set }) => set === 'train');
  const columns = (some) => spec.features.map((name) => ({ name, values: numbers(some, name) }));
  const standardization = fitStandardization(columns(train));
  const x = standardizedRows(standardization, columns(train));
  const p = spec.features.length;
  const means = kMeans(x, p, spec.constants.initRows1Based.map((row) => row - 1));
  const distances = euclideanDistances(x, p);
  const n = train.length;
  const ward = hierarchicalClusters(distances, n, 'ward');
  const average = hierarchicalClusters(distances, n, 'average');
  const subsamples = readRows(folder, 'consensus_subsamples.csv').map((row) =>
    Uint32Array.from(Object.values(row), (cell) => Number(cell) - 1),
  );
  const all = assignNearest(standardizedRows(standardization, columns(rows)), p, means.centres);
  const result = {
    kmeans: {
      initRows1Based: spec.constants.initRows1Based,
      sizes: means.sizes,
      cluster: fromOne(means.assignment),
      centers: byTwoRows(means.centres, p),
      withinss: means.withinSquares,
      totWithinss: means.withinSquares.reduce((sum, value) => sum + value, 0),
      betweenss: means.betweenSquares,
    },
    wardD2: {
      heightsLast5: ward.heights.slice(-5),
      cut: { k2: fromOne(cutTree(ward, 2)), k3: fromOne(cutTree(ward, 3)) },
      criteria: [2, 3, 4, 5].map((k) => {
        const q = clusterQuality(x, p, distances, cutTree(ward, k));
        return {
          k,
          meanSilhouette: q.silhouette,
          calinskiHarabasz: q.calinskiHarabasz,
          daviesBouldin: q.daviesBouldin,
          logW: Math.log(q.withinSquares),
          wss: q.withinSquares,
        };
      }),
    },
    average: { heightsLast5: average.heights.slice(-5), k2: fromOne(cutTree(average, 2)) },
    consensus: { results: consensusClusters(x, p, subsamples, [2, 3, 4]).map((c) => consensusShape(c, n)) },
    assignAll: fromOne(all),
    adjustedRandKmeansWard: adjustedRand(means.assignment, cutTree(ward, spec.k)),
  };
  if ('response' in rows[0]) {
    for (const set of ['train', 'test']) {
      const at = [...rows.keys()].filter((i) => rows[i].set === set);
      result[set] = outcomesShape(at.map((i) => rows[i]), at.map((i) => all[i]));
    }
  }
  return result;
}

const byTwoRows = (flat, p) => Array.from({ length: flat.length / p }, (_, i) => [...flat.slice(i * p, (i + 1) * p)]);

function consensusShape(c, n) {
  return {
    k: c.k,
    cdfArea: c.cdfArea,
    pac: c.ambiguous,
    cdfAt: { 'x0.1': c.cdf(0.1), 'x0.5': c.cdf(0.5), 'x0.9': c.cdf(0.9) },
    cluster: fromOne(c.assignment),
    clusterConsensus: c.clusterConsensus,
    first5x5: [0, 1, 2, 3, 4].map((i) => [...c.matrix.slice(i * n, i * n + 5)]),
  };
}

function outcomesShape(rows, clusters) {
  const response = outcomesOf(rows, 'response');
  const sizes = [0, 1].map((cluster) => clusters.filter((c) => c === cluster).length);
  const hits = [0, 1].map((cluster) => clusters.filter((c, i) => c === cluster && response[i] === 1).length);
  const table = [0, 1].map((c) => [sizes[c] - hits[c], hits[c]]);
  const rates = [0, 1].map((c) => proportion(hits[c], sizes[c], LEVEL, 'no patients'));
  const fisher = fisherExact(table, true);
  const [first, second] = [0, 1].map((c) => ({ count: hits[c], total: sizes[c] }));
  const difference = rateDifference(first, second, LEVEL);
  const data = { times: numbers(rows, 'time'), events: outcomesOf(rows, 'status') };
  const test = logRank(data, clusters.map((c) => String(c + 1)));
  const fit = fitCox({ ...data, columns: [Float64Array.from(clusters)], ties: 'efron' }, { likelihoodTolerance: 1e-9 });
  const half = normalQuantile(0.975) * Math.sqrt(fit.covariance.data[0]);
  const part = (cluster) => survivalRows(data, [...clusters.keys()].filter((i) => clusters[i] === cluster));
  return {
    n: { 1: sizes[0], 2: sizes[1] },
    response: {
      table,
      rate: rates.map(({ value }) => value),
      wilson: rates.map(({ interval }) => interval),
      fisherP: fisher.p,
      fisherConditionalOr: fisher.oddsRatio,
      chi2NoYates: pearsonChiSquared(table).chi2,
      riskDifference: difference.value,
      newcombeCi: difference.interval,
    },
    survival: {
      logRankChi2: test.chi2,
      p: test.p,
      observed: test.observed,
      expected: test.expected,
      hr: [0, -half, half].map((shift) => Math.exp(fit.coefficients[0] + shift)),
      median: [0, 1].map((cluster) => medianSurvival(kaplanMeier(part(cluster)), LEVEL).median),
    },
  };
}
