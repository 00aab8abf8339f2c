import { PSEUDONYM_COLUMN } from '@concord/contracts';
import { midranks } from '@concord/numeric';
import type { ConsortiumTruth } from '@concord/phantoms';
import type { StudyReport } from '@concord/reports';
import { numberValues, tableFromArrow, textValues, type FeatureTable } from '@concord/tables';

import type { SavedBundle } from './bundle-files.js';

/** One thing that the demo promises, and what came out. */
export interface TruthLine {
  readonly promise: string;
  readonly found: string;
  readonly holds: boolean;
}

export interface TruthCheck {
  readonly lines: readonly TruthLine[];
  readonly holds: boolean;
}

const BEFORE_AT_LEAST = 0.4;
const AFTER_AT_MOST = 0.05;
const CORRELATION_LOSS_AT_MOST = 0.1;
const AUC_RANGE = [0.65, 0.92] as const;
const AUDIT_MARGIN = 0.05;

/** Compares the report with what the generator put in. Only this reads the truth. */
export function checkTruth(
  report: StudyReport,
  bundle: SavedBundle,
  truth: ConsortiumTruth,
  pseudonymOf: (patientId: string) => string,
): TruthCheck {
  const before = report.scannerEffect?.before.share ?? null;
  const after = report.scannerEffect?.after.share ?? null;
  const auc = report.validation?.withinSiteAuc.value ?? null;
  const audit = report.leakAudit?.meanAuc ?? null;
  const kept = correlationKept(bundle, truth, pseudonymOf);
  const lines: TruthLine[] = [
    line(
      'features that differ by site before: at least 40 %',
      percent(before),
      before !== null && before >= BEFORE_AT_LEAST,
    ),
    line('features that differ by site after: at most 5 %', percent(after), after !== null && after <= AFTER_AT_MOST),
    line(
      'median correlation with the true risk, within sites: falls by at most 10 %',
      `${kept.before.toFixed(3)} → ${kept.after.toFixed(3)}, ${kept.count} features`,
      kept.count > 0 && kept.after >= (1 - CORRELATION_LOSS_AT_MOST) * kept.before,
    ),
    line(
      'external AUC within sites: 0.65 to 0.92',
      auc?.toFixed(3) ?? 'none',
      auc !== null && auc >= AUC_RANGE[0] && auc <= AUC_RANGE[1],
    ),
    line(
      'AUC on shuffled outcomes: 0.50 ± 0.05',
      audit?.toFixed(3) ?? 'none',
      audit !== null && Math.abs(audit - 0.5) <= AUDIT_MARGIN,
    ),
  ];
  return { lines, holds: lines.every(({ holds }) => holds) };
}

function line(promise: string, found: string, holds: boolean): TruthLine {
  return { promise, found, holds };
}

function percent(share: number | null): string {
  return share === null ? 'none' : `${(100 * share).toFixed(1)} %`;
}

/** Median over truth-bearing features of the mean within-site rank correlation with the latent risk. */
function correlationKept(bundle: SavedBundle, truth: ConsortiumTruth, pseudonymOf: (patientId: string) => string) {
  const risks = new Map(truth.patients.map((patient) => [pseudonymOf(patient.patientId), patient.latentRisk]));
  const raw = bundle.manifest.releases.filter((release) => release.kind === 'features');
  const sites = raw.map((release) => ({
    before: tableFromArrow(bundle.object(release.tableDigest)),
    after: tableFromArrow(harmonizedOf(bundle, release.site)),
  }));
  const [first] = sites;
  // The truth names IBSI tags; the tables' names add the aggregation: `cm_joint_var_3D_avg`.
  const isBearing = (name: string) =>
    truth.truthBearingFeatures.some((tag) => name === tag || name.startsWith(`${tag}_3D_`));
  const names = (first?.after.columns ?? []).map((column) => column.name).filter(isBearing);
  const summarise = (which: 'before' | 'after') =>
    median(names.map((name) => Math.abs(mean(sites.map((site) => riskCorrelation(site[which], name, risks))))));
  return { before: summarise('before'), after: summarise('after'), count: names.length };
}

function harmonizedOf(bundle: SavedBundle, site: string): Uint8Array {
  const own = bundle.manifest.steps.find((step) => step.name === `harmonize-site:${site}`);
  return own === undefined
    ? bundle.output('harmonize-development', `harmonized:${site}`)
    : bundle.output(own.name, 'harmonized');
}

function riskCorrelation(table: FeatureTable, name: string, risks: Map<string, number>): number {
  const patients = textValues(table, PSEUDONYM_COLUMN);
  const values = numberValues(table, name);
  const known = [...patients.keys()].filter((row) => Number.isFinite(values[row]) && risks.has(patients[row] ?? ''));
  return pearson(
    midranks(Float64Array.from(known, (row) => values[row] ?? 0)),
    midranks(Float64Array.from(known, (row) => risks.get(patients[row] ?? '') ?? 0)),
  );
}

function pearson(x: Float64Array, y: Float64Array): number {
  const mx = mean([...x]);
  const my = mean([...y]);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = (x[i] ?? 0) - mx;
    const dy = (y[i] ?? 0) - my;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
