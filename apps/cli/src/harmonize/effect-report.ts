import type { FigureDocument } from '@concord/figures';
import type { FeatureColumn } from '@concord/harmonization';
import type { ScannerReport } from '@concord/reports';
import { batchDensities, batchShifts, TEST_NAMES, type ScannerEffect } from '@concord/scanner-effects';
import { featureTable, tableToCsv } from '@concord/tables';
import { type EffectInput, type EffectMeasures, measureEffects } from './effect-measures.js';

/** What the report of `scanner-effects` and of `harmonize --report` is made of. */
export interface EffectReportInput extends EffectInput {
  readonly title: string;
  readonly notes: readonly string[];
  /** Goes into report.json as it is. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly version: string;
}

/** Features drawn in the heat map and as distributions. */
const MOST_ROWS = 24;
const MOST_CURVES = 3;

/**
 * Contents of the report's files by name: `report.json`, `report.html`, `features.csv`, and each figure as SVG. The same
 * input gives the same bytes. Figures show batches, not patients.
 */
export async function effectReport(input: EffectReportInput): Promise<Map<string, string>> {
  const measures = measureEffects(input);
  const report = reportOf(input, measures);
  // Loaded here because only reports need them.
  const { renderScannerReport, scannerFigures } = await import('@concord/reports');
  const { parseHTML } = await import('linkedom');
  // linkedom's own types want a DOM library.
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as {
    document: FigureDocument;
  };
  const svgs = scannerFigures(report, document).map(({ name, draw }): [string, string] => [
    `${name}.svg`,
    `${draw(720).svg}\n`,
  ]);
  return new Map([
    ['report.json', `${JSON.stringify(documentOf(input, measures), plain, 2)}\n`],
    ['report.html', renderScannerReport(report, { document })],
    ['features.csv', featuresCsv(measures)],
    ...svgs,
  ]);
}

/** Typed arrays as lists; what is not finite becomes null. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Float64Array ? Array.from(value) : value;
}

function documentOf(input: EffectReportInput, measures: EffectMeasures): object {
  const { effect, comparison, verdict, ...rest } = measures;
  return {
    format: 'concord.scanner-effects-report/1',
    version: input.version,
    title: input.title,
    batchColumn: input.batch.name,
    notes: input.notes,
    ...input.details,
    seed: input.seed,
    verdict,
    before: withoutScores(effect),
    after: comparison && withoutScores(comparison.after),
    ...rest,
  };
}

/** The effect without anything of single patients. */
export function withoutScores({ pca, ...effect }: ScannerEffect) {
  return {
    ...effect,
    pca: pca && { featureCount: pca.featureNames.length, explained: pca.explained, etaSquared: pca.etaSquared },
  };
}

function reportOf(input: EffectReportInput, measures: EffectMeasures): ScannerReport {
  const { effect, comparison, corrections, priors, ...rest } = measures;
  const order = [...effect.features.keys()]
    .filter((g) => effect.features[g].etaSquared !== null)
    .sort((a, b) => effect.features[b].etaSquared! - effect.features[a].etaSquared! || a - b);
  const labels = input.batch.labels;
  const inState = <T>(
    features: readonly FeatureColumn[] | null,
    g: number,
    of: (values: Float64Array) => T,
  ): T | null => (features === null ? null : of(features[g].values));
  const curves = order.slice(0, MOST_CURVES).map((g) => ({
    name: effect.features[g].name,
    etaSquaredBefore: effect.features[g].etaSquared,
    etaSquaredAfter: comparison && comparison.after.features[g].etaSquared,
    before: batchDensities(input.before[g].values, labels),
    after: inState(input.after, g, (values) => batchDensities(values, labels)),
  }));
  const rows = order.slice(0, MOST_ROWS).map((g) => ({
    name: effect.features[g].name,
    before: batchShifts(input.before[g].values, labels),
    after: inState(input.after, g, (values) => batchShifts(values, labels)),
  }));
  return {
    ...rest,
    title: input.title,
    version: input.version,
    batchColumn: input.batch.name,
    notes: input.notes,
    effect,
    comparison,
    densities: { batches: effect.batches, features: curves.filter(({ before }) => before.length > 0) },
    heatMap: { batches: effect.batches, featureCount: effect.features.length, features: rows },
    corrections: corrections && {
      features: corrections.features,
      isOwnFit: corrections.isOwnFit,
      batches: correctionBatches(measures),
    },
    priors: priors && {
      batches: priors.filter(({ gamma }) => gamma.expected.some(Number.isFinite) && isSpread(gamma.observed)),
    },
  };
}

/** False for the reference batch, whose estimates are zero. */
const isSpread = (values: readonly number[]): boolean => values.some((value) => Math.abs(value - values[0]) > 1e-9);

function correctionBatches({
  corrections,
  priors,
}: EffectMeasures): NonNullable<ScannerReport['corrections']>['batches'] {
  const byBatch = new Map(priors?.map((prior) => [prior.batch, prior]));
  return (corrections?.sizes ?? []).flatMap((size) =>
    size === null
      ? []
      : [
          {
            ...size,
            shiftPrior: byBatch.get(size.batch)?.gammaRange ?? null,
            scalePrior: size.scale === null ? null : (byBatch.get(size.batch)?.deltaRange ?? null),
          },
        ],
  );
}

/** Every feature with its tests in each state: the table behind the report's. */
function featuresCsv({ effect, comparison }: EffectMeasures): string {
  const names = effect.features.map(({ name }) => name);
  const states = [['before', effect] as const, ...(comparison ? [['after', comparison.after] as const] : [])];
  const numbers = states.flatMap(([state, { features }]) => {
    const column = (title: string, of: (feature: (typeof features)[number]) => number | null | undefined) => ({
      kind: 'number' as const,
      name: `${title} ${state}`,
      values: Float64Array.from(features, (feature) => of(feature) ?? NaN),
    });
    return [
      column('eta²', ({ etaSquared }) => etaSquared),
      column('largest |d|', ({ maxAbsCohenD }) => maxAbsCohenD),
      column('batch share (REML)', ({ iccBatch }) => iccBatch),
      ...TEST_NAMES.flatMap((test) => [
        column(`${test} p`, (feature) => feature[test]?.p),
        column(`${test} adjusted p`, (feature) => feature[test]?.adjustedP),
      ]),
    ];
  });
  return tableToCsv(featureTable([{ kind: 'text', name: 'feature', values: names }, ...numbers]));
}
