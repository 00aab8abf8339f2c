import { fixed } from '@concord/figures';
import type { ReportCohort, ReportEstimate, ReportModel, ReportValidation } from '@concord/reports';

import { DataTable, type Column } from '../parts/data-table.js';
import { Digest, EstimateView, Moment } from '../parts/small.js';

interface CohortsProps {
  readonly cohorts: readonly ReportCohort[];
}

const COHORT: Column<ReportCohort> = { title: 'cohort', value: cohortName };
const RECORD: Column<ReportCohort> = {
  title: 'record',
  value: (cohort) => cohort.digest,
  show: (cohort) => <Digest digest={cohort.digest} label={`validation at ${cohortName(cohort)}`} />,
};

export function DiscriminationTable({ cohorts }: CohortsProps) {
  const columns: readonly Column<ReportCohort>[] = [
    COHORT,
    { title: 'patients', value: (cohort) => cohort.patientCount, isNumber: true },
    { title: 'events', value: (cohort) => cohort.eventCount, isNumber: true },
    estimateColumn('AUC (95 % interval)', (cohort) => cohort.auc),
    {
      title: 'outcomes opened',
      value: (cohort) => cohort.outcomesOpenedAt,
      show: ({ outcomesOpenedAt: iso }) => (iso === null ? <span className="none">–</span> : <Moment iso={iso} />),
    },
    RECORD,
  ];
  return <DataTable title="Discrimination of the locked model" columns={columns} rows={cohorts} kind="stacked" />;
}

export function CalibrationTable({ cohorts }: CohortsProps) {
  const columns: readonly Column<ReportCohort>[] = [
    COHORT,
    estimateColumn('observed : expected', (cohort) => cohort.observedOverExpected),
    estimateColumn('slope', (cohort) => cohort.calibrationSlope),
    estimateColumn('in the large', (cohort) => cohort.calibrationInTheLarge),
    estimateColumn('Brier score', (cohort) => cohort.brier, 3),
    RECORD,
  ];
  return (
    <DataTable
      title="Calibration of the locked model (ideal: 1, 1, 0)"
      columns={columns}
      rows={cohorts}
      kind="stacked"
    />
  );
}

export function CutoffTable({ cohorts, model }: CohortsProps & { readonly model: ReportModel | null }) {
  const columns: readonly Column<ReportCohort>[] = [
    COHORT,
    estimateColumn('sensitivity', (cohort) => cohort.sensitivity),
    estimateColumn('specificity', (cohort) => cohort.specificity),
    estimateColumn('positive predictive value', (cohort) => cohort.ppv),
    estimateColumn('negative predictive value', (cohort) => cohort.npv),
    RECORD,
  ];
  return (
    <>
      {model && (
        <p>
          A risk of <data value={model.threshold}>{fixed(model.threshold)}</data> or more counts as positive (
          {model.thresholdRule}), locked <Moment iso={model.lockedAt} />.
        </p>
      )}
      <DataTable title="At the locked cut-off" columns={columns} rows={cohorts} kind="stacked" />
    </>
  );
}

interface Measure {
  readonly name: string;
  readonly estimate: ReportEstimate;
  readonly digits?: number;
}

export function AcrossSites({ validation }: { readonly validation: ReportValidation }) {
  const { meta, withinSiteAuc } = validation;
  const rows: Measure[] = [
    { name: 'AUC within sites', estimate: withinSiteAuc },
    ...(meta
      ? [
          { name: 'AUC, mean of the sites', estimate: meta.auc },
          { name: 'AUC of one more site', estimate: meta.prediction },
          { name: 'variance between sites, τ²', estimate: meta.tauSquared, digits: 3 },
        ]
      : []),
  ];
  const columns: readonly Column<Measure>[] = [
    { title: 'measure', value: (row) => row.name },
    {
      title: 'estimate (95 % interval)',
      value: (row) => estimateText(row.estimate),
      show: (row) => <EstimateView estimate={row.estimate} digits={row.digits} />,
      isNumber: true,
    },
  ];
  return <DataTable title="How alike the sites are" columns={columns} rows={rows} kind="stacked" />;
}

function estimateColumn(
  title: string,
  estimate: (cohort: ReportCohort) => ReportEstimate,
  digits = 2,
): Column<ReportCohort> {
  return {
    title,
    isNumber: true,
    value: (cohort) => estimateText(estimate(cohort)),
    show: (cohort) => <EstimateView estimate={estimate(cohort)} digits={digits} />,
  };
}

/** For files: all digits, and the reason where there is no value. */
function estimateText({ value, interval, reason }: ReportEstimate): string {
  if (value === null) return `not estimable: ${reason ?? 'no reason recorded'}`;
  return interval ? `${value} (${interval[0]} to ${interval[1]})` : String(value);
}

export function cohortName({ site }: ReportCohort): string {
  return site === 'pooled' ? 'all external' : site;
}
