import { calibrationFigure, decisionCurveFigure, forestFigure, type FigureOptions } from '@concord/figures';
import { rankingAnswer, verdictOf, type ReportCohort, type ReportValidation, type StudyReport } from '@concord/reports';
import { useCallback } from 'react';

import { FigureView } from '../parts/figure-view.js';
import { Digest } from '../parts/small.js';
import { LockedModel } from '../studies/locked-model.js';
import { ReportGate } from '../studies/report-gate.js';
import { AcrossSites, CalibrationTable, CutoffTable, DiscriminationTable } from '../studies/validation-tables.js';
import type { PartProps } from '../studies/part-props.js';

/** What the locked model did at hospitals that never saw it: ranking, calibration, cut-off, use. */
export function ValidationPage(props: PartProps) {
  return (
    <ReportGate {...props} what="The validation" kinds={['lock', 'predict', 'validate', 'report']}>
      {(report) => <Content report={report} />}
    </ReportGate>
  );
}

function Content({ report }: { readonly report: StudyReport }) {
  const { validation } = report;
  const verdict = verdictOf(report);
  const external = new Set(report.sites.filter((site) => site.role === 'externalValidation').map((site) => site.code));
  const cohorts = (validation?.perSite ?? []).filter((cohort) => external.has(cohort.site));
  if (validation === null || cohorts.length === 0) return <p className="verdict">{verdict.headline}</p>;
  const all = [...cohorts, ...(validation.pooled ? [validation.pooled] : [])];
  return (
    <>
      <p className="verdict">{verdict.headline}</p>
      {verdict.calibration !== '' && <p className="advice">{verdict.calibration}</p>}
      <h2>Does it rank patients rightly?</h2>
      <p>{rankingAnswer(validation)}</p>
      <Forest report={report} validation={validation} cohorts={cohorts} />
      <DiscriminationTable cohorts={all} />
      <AcrossSites validation={validation} />
      <h2>Are its risks right?</h2>
      <div className="small-multiples">
        {all.map((cohort) => (
          <Calibration key={cohort.site} cohort={cohort} />
        ))}
      </div>
      <CalibrationTable cohorts={all} />
      <h2>What its cut-off does</h2>
      <CutoffTable cohorts={all} model={report.model} />
      <h2>Would acting on it do good?</h2>
      <Utility validation={validation} />
      <LockedModel report={report} />
      {verdict.limits.length > 0 && (
        <>
          <h2>What limits this</h2>
          <ul className="limits">
            {verdict.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface ForestProps {
  readonly report: StudyReport;
  readonly validation: ReportValidation;
  readonly cohorts: readonly ReportCohort[];
}

function Forest({ report, validation, cohorts }: ForestProps) {
  const { pooled, meta } = validation;
  const draw = useCallback(
    (options: FigureOptions) =>
      forestFigure(
        {
          sites: report.sites.map((site) => site.code),
          rows: cohorts,
          pooled: pooled && { ...pooled, label: 'all external' },
          prediction: meta?.prediction ?? null,
        },
        options,
      ),
    // Not cohorts: it is made anew at each drawing, from the report.
    [report, pooled, meta],
  );
  return <FigureView title="AUC by site" draw={draw} />;
}

function Calibration({ cohort }: { readonly cohort: ReportCohort }) {
  const label = cohort.site === 'pooled' ? 'all external sites' : cohort.site;
  const draw = useCallback(
    (options: FigureOptions) =>
      calibrationFigure(
        {
          label,
          patientCount: cohort.patientCount,
          eventCount: cohort.eventCount,
          groups: cohort.calibrationGroups,
          histogram: cohort.riskHistogram,
          observedOverExpected: cohort.observedOverExpected,
          slope: cohort.calibrationSlope,
          inTheLarge: cohort.calibrationInTheLarge,
        },
        options,
      ),
    [cohort, label],
  );
  return (
    <FigureView
      title={`Calibration at ${label}`}
      draw={draw}
      widest={440}
      records={<Digest digest={cohort.digest} label={`validation at ${label}`} />}
    />
  );
}

function Utility({ validation }: { readonly validation: ReportValidation }) {
  const { decisionCurve, bootstrap } = validation;
  const draw = useCallback(
    (options: FigureOptions) =>
      decisionCurveFigure(decisionCurve ?? { patientCount: 0, declaredRange: [0, 0], points: [] }, options),
    [decisionCurve],
  );
  if (decisionCurve === null) return <p>No decision curve is on record.</p>;
  return (
    <>
      <FigureView
        title="Decision curve"
        draw={draw}
        records={<Digest digest={decisionCurve.digest} label="decision curve" />}
      />
      {bootstrap && (
        <p className="soft">
          Resampling: {bootstrap.replicates} replicates, seed {bootstrap.seed}.
        </p>
      )}
    </>
  );
}
