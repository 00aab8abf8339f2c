import { fixed, grouped } from '@concord/figures';
import type { ScannerEffect, TestName } from '@concord/scanner-effects';
import { type Column, table } from '../blocks.js';
import { html, type Markup } from '../html.js';
import { number } from '../numbers.js';
import type { BeforeAfter, ScannerReport } from './scanner-report.js';

const DASH = html`<span class="none">–</span>`;

const columnsOf = (first: string, titles: readonly string[]): Column[] => [
  { title: first },
  ...titles.map((title) => ({ title, isNumber: true })),
];

const percent = (share: number | null | undefined): Markup =>
  share == null ? DASH : html`${number(100 * share, 0)} %`;

/** A p-value in words: very small ones are not told apart. */
const pValue = (p: number | null | undefined): Markup | string =>
  p == null ? DASH : p < 0.001 ? '< 0.001' : number(p, 3);

/** State titles and the values of a row in each state. */
function states<T>({ before, after }: BeforeAfter<T>): { titles: string[]; list: T[] } {
  return after === null
    ? { titles: ['found'], list: [before] }
    : { titles: ['before', 'after'], list: [before, after] };
}

const TESTS: readonly (readonly [TestName, string])[] = [
  ['anova', 'mean: analysis of variance'],
  ['welch', 'mean, unequal spreads: Welch'],
  ['kruskalWallis', 'rank: Kruskal–Wallis'],
  ['partial', 'mean beside covariates: partial F'],
  ['brownForsythe', 'spread: Brown–Forsythe'],
  ['levene', 'spread: Levene'],
  ['bartlett', 'spread: Bartlett'],
  ['fligner', 'spread: Fligner–Killeen'],
  ['andersonDarling', 'whole distribution: Anderson–Darling'],
];

export function testTable({ effect, comparison }: ScannerReport): Markup {
  const { titles, list } = states({ before: effect, after: comparison && comparison.after });
  const rows = TESTS.map(([name, words]) => [
    words,
    ...list.map(({ summary }) => html`${grouped(summary[name].count)} (${percent(summary[name].share)})`),
  ]);
  const pairs = (of: ScannerEffect): Markup => {
    const tests = of.features.flatMap(({ kolmogorovSmirnov }) => kolmogorovSmirnov.filter((test) => test !== null));
    const hits = tests.filter(({ p }) => p < 0.05).length;
    return html`${grouped(hits)} (${percent(tests.length === 0 ? null : hits / tests.length)})`;
  };
  rows.push(['pairs of batches: Kolmogorov–Smirnov, unadjusted', ...list.map(pairs)]);
  rows.push([
    'mean η², share of variance between batches',
    ...list.map(({ summary }) => number(summary.meanEtaSquared, 3)),
  ]);
  rows.push([
    'mean share of a random batch effect (REML)',
    ...list.map(({ summary }) => number(summary.meanIccBatch, 3)),
  ]);
  rows.push(['mean |Cohen’s d| of pairs', ...list.map(({ summary }) => number(summary.meanAbsCohenD, 2))]);
  const { testedCount, featureCount, level } = effect.summary;
  const caption = `Features that differ between batches, of ${grouped(testedCount)} tested (${grouped(featureCount)} in all); p adjusted by Benjamini and Hochberg, below ${level}`;
  return table(caption, columnsOf('difference in', titles), rows);
}

export function separationTable({ separation, effect, comparison }: ScannerReport): Markup | null {
  if (separation.before === null) return null;
  const { titles, list } = states(separation);
  const pca = states({ before: effect.pca, after: comparison && comparison.after.pca }).list;
  const components = (effect.pca?.etaSquared ?? []).map((_, c) => [
    `η² of component ${c + 1}`,
    ...pca.map((own) => number(own?.etaSquared[c] ?? null, 2)),
  ]);
  const rows = [
    ['silhouette by batch (1 apart, 0 mixed)', ...list.map((own) => number(own?.silhouette ?? null, 3))],
    ['PERMANOVA R²', ...list.map((own) => number(own?.permanova.rSquared ?? null, 3))],
    ['PERMANOVA p', ...list.map((own) => pValue(own?.permanova.p))],
    [
      'leave-one-out accuracy on ten components, which saw all patients',
      ...list.map((own) => percent(own?.discriminant.accuracy)),
    ],
    ...components.slice(0, 5),
  ];
  return table('All complete features together', columnsOf('measure', titles), rows);
}

export function pairTable({ separation }: ScannerReport): Markup | null {
  const { before } = separation;
  if (before === null) return null;
  const { titles, list } = states(separation);
  const names = ['Mahalanobis', 'covariance', 'energy'];
  const columns = names.flatMap((name) => titles.map((title) => (titles.length > 1 ? `${name}, ${title}` : name)));
  const rows = before.pairs.map(([a, b], i) => [
    html`<span class="code">${a} – ${b}</span>`,
    ...list.map((own) => number(own?.mahalanobis[i] ?? null, 2)),
    ...list.map((own) => number(own?.covarianceDistance[i] ?? null, 0)),
    ...list.map((own) => number(own?.energyDistance[i] ?? null, 2)),
  ]);
  return table('Distances between batches', columnsOf('pair', columns), rows);
}

export function classifierTable({ classifier }: ScannerReport): Markup | null {
  if (classifier === null) return null;
  const { raw, harmonized } = classifier;
  const row = (words: string, own: (typeof raw)['forest']) => [
    words,
    percent(own.balancedAccuracy),
    percent(1 / own.batches.length),
    percent(own.accuracy),
    percent(own.chance),
    number(own.auc, 2),
    own.permutationP === null ? DASH : pValue(own.permutationP),
  ];
  const rows = [
    row('linear discriminant, features as they are', raw.discriminant),
    row('linear discriminant, ComBat fitted in each fold', harmonized.discriminant),
    row('random forest, features as they are', raw.forest),
    row('random forest, ComBat fitted in each fold', harmonized.forest),
  ];
  const { folds, permutations, leftOut } = harmonized.discriminant;
  const out = leftOut.length > 0 ? `; ${leftOut.join(', ')} left out (one patient)` : '';
  const caption = `Telling the batch of patients that neither rule nor harmonization has seen (${folds} folds; ${permutations} shuffles for p${out})`;
  const columns = ['balanced accuracy', 'by chance', 'accuracy', 'largest batch', 'AUC, one against rest', 'p'];
  return table(caption, columnsOf('rule', columns), rows);
}

export function varianceTable({ varianceShares }: ScannerReport): Markup | null {
  if (varianceShares === null) return null;
  const { titles, list } = states({ before: varianceShares.before, after: varianceShares.after });
  const rows = varianceShares.factors.map((name, i) => [name, ...list.map(({ mean }) => percent(mean[i]))]);
  return table('Share of variance, mean over features (mixed model by REML)', columnsOf('source', titles), rows);
}

export function biologyTable({ biology, outcome }: ScannerReport): Markup | null {
  if (biology === null || (biology.covariates.length === 0 && biology.outcome === null)) return null;
  const slopes =
    biology.covariates.length === 0
      ? null
      : table(
          'Slopes of covariates beside the batch, before and after',
          columnsOf('covariate', [
            'found in, before',
            'found in, after',
            'median slope, after : before',
            'signs turned',
            'rank correlation of slopes',
          ]),
          biology.covariates.map((own) => [
            own.column,
            grouped(own.foundBefore),
            grouped(own.foundAfter),
            number(own.medianRatio, 2),
            grouped(own.signChanges),
            number(own.rankCorrelation, 3),
          ]),
        );
  const told =
    biology.outcome &&
    html`<p>
      Single features tell ${outcome ?? 'the outcome'} inside batches with a mean AUC of
      ${number(biology.outcome.before, 3)} before and ${number(biology.outcome.after, 3)} after
      (${biology.outcome.batchCount} batches have both classes).
    </p>`;
  return html`${slopes}${told}`;
}

export function balanceTable({ identifiability }: ScannerReport): Markup | null {
  if (identifiability === null) return null;
  const { columns, categorical, continuous, condition } = identifiability;
  const rows: (Markup | string)[][] = [
    ...columns.map(({ column, batchRSquared, vif }) => [
      column,
      'share between batches; variance inflation',
      html`${percent(batchRSquared)}; ${vif === null ? 'aliased' : fixed(vif, 1)}`,
    ]),
    ...categorical.map(({ name, cramersV, p }) => [
      name,
      'Cramér’s V with the batch; p',
      html`${number(cramersV, 2)}; ${pValue(p)}`,
    ]),
    ...continuous.map(({ column, batches, standardisedDifference }) => [
      column,
      `largest difference, ${batches.join(' – ')}`,
      html`${number(standardisedDifference, 1)} SD`,
    ]),
  ];
  if (rows.length === 0)
    return html`<p>No covariate and no outcome was named, so none could be mistaken for the batch.</p>`;
  const words = condition === null ? '' : ` (condition ${fixed(condition, 1)})`;
  return table(
    `Covariates and outcome against the batch${words}`,
    [{ title: 'column' }, { title: 'measure' }, { title: 'value', isNumber: true }],
    rows,
  );
}

export function repeatabilityTable({ repeatability }: ScannerReport): Markup | null {
  if (repeatability === null) return null;
  const { before, after } = repeatability;
  const rows = before.features.flatMap((own, i) => {
    if (!('icc21' in own)) return [];
    const later = after?.features[i];
    const interval = ({ value, interval: [low, high] }: typeof own.icc21) =>
      `${fixed(value)} (${fixed(low)} to ${fixed(high)})`;
    const cells = [
      own.feature,
      interval(own.icc11),
      interval(own.icc21),
      interval(own.icc31),
      number(own.overallCcc, 2),
    ];
    const sizes = [
      number(own.repeatabilityCoefficient, 3),
      percent(own.withinCv),
      number(own.firstTwo.bias.value, 3),
      `${fixed(own.firstTwo.limits[0], 2)} to ${fixed(own.firstTwo.limits[1], 2)}`,
    ];
    return [
      [...cells, ...sizes, ...(after === null ? [] : [later && 'icc21' in later ? interval(later.icc21) : DASH])],
    ];
  });
  const columns = [
    'ICC(1,1)',
    'ICC(2,1)',
    'ICC(3,1)',
    'overall CCC',
    'repeatability coefficient',
    'within-subject CV',
    'bias of the first two',
    '95 % limits of agreement',
    ...(after === null ? [] : ['ICC(2,1) after']),
  ];
  const caption = `Repeatability over ${before.occasions.join(', ')}: ${before.subjectCount} subjects measured on each; 95 % intervals`;
  return table(caption, columnsOf('feature', columns), rows.slice(0, SHOWN));
}

const SHOWN = 100;

export function featureTable({ effect, comparison }: ScannerReport): Markup {
  const order = [...effect.features.keys()].sort(
    (a, b) => (effect.features[b].etaSquared ?? -1) - (effect.features[a].etaSquared ?? -1) || a - b,
  );
  const cellsOf = ({ etaSquared, maxAbsCohenD, anova, kruskalWallis }: ScannerEffect['features'][number]) => [
    percent(etaSquared),
    number(maxAbsCohenD, 2),
    pValue(anova?.adjustedP),
    pValue(kruskalWallis?.adjustedP),
  ];
  const rows = order.slice(0, SHOWN).map((g) => {
    const own = effect.features[g];
    return [
      own.reason === null ? own.name : `${own.name} (${own.reason})`,
      ...cellsOf(own),
      ...(comparison ? cellsOf(comparison.after.features[g]) : []),
    ];
  });
  const titles = ['η²', 'largest |d|', 'p, mean', 'p, rank'];
  const columns = comparison ? [...titles, ...titles.map((title) => `${title}, after`)] : titles;
  const rest =
    order.length > SHOWN ? `, the ${SHOWN} strongest of ${grouped(order.length)}; all are in features.csv` : '';
  return table(`Features by share of variance between batches${rest}`, columnsOf('feature', columns), rows);
}
