import { featureEffectsFigure, grouped, listOf, pcaFigure, type FigureOptions } from '@concord/figures';
import { scannerAnswer, type ReportHarmonization, type ReportScannerEffect, type StudyReport } from '@concord/reports';
import { useCallback } from 'react';

import { DataTable, type Column } from '../parts/data-table.js';
import { FigureView } from '../parts/figure-view.js';
import { Digest, Moment } from '../parts/small.js';
import { ReportGate } from '../studies/report-gate.js';
import type { PartProps } from '../studies/part-props.js';

/** How much of the features was scanner rather than patient, before and after harmonization. */
export function ScannerEffectPage(props: PartProps) {
  return (
    <ReportGate
      {...props}
      what="The scanner effect"
      kinds={['harmonize-development', 'harmonize-site', 'scanner-effects', 'report']}
    >
      {(report) => <Content report={report} />}
    </ReportGate>
  );
}

function Content({ report }: { readonly report: StudyReport }) {
  const { scannerEffect: effect, harmonization } = report;
  if (effect === null) return <p className="verdict">Differences between scanners were not measured in this study.</p>;
  return (
    <>
      <p className="verdict">{scannerAnswer(effect.before, effect.after)}</p>
      <p className="advice">{remainderWords(effect, patientsOf(report))}</p>
      {effect.pca && <Pca report={report} effect={effect} pca={effect.pca} />}
      <Strip effect={effect} />
      <h2>Feature by feature</h2>
      <DataTable
        title="Scanner effect by feature"
        columns={FEATURE_COLUMNS}
        rows={strongestFirst(effect.features)}
        note={<span className="soft">{effect.test}</span>}
      />
      {harmonization && <Harmonization report={report} harmonization={harmonization} />}
    </>
  );
}

type Pca = NonNullable<ReportScannerEffect['pca']>;

function Pca({
  report,
  effect,
  pca,
}: {
  readonly report: StudyReport;
  readonly effect: ReportScannerEffect;
  readonly pca: Pca;
}) {
  const draw = useCallback(
    (options: FigureOptions) => pcaFigure({ sites: report.sites.map((site) => site.code), ...pca }, options),
    [report, pca],
  );
  return (
    <FigureView
      title="Sites on principal components"
      draw={draw}
      records={<Digest digest={effect.digest} label="scanner effects" />}
    />
  );
}

function Strip({ effect }: { readonly effect: ReportScannerEffect }) {
  const draw = useCallback((options: FigureOptions) => featureEffectsFigure(effect, options), [effect]);
  return (
    <FigureView
      title="Features by strength of effect"
      draw={draw}
      records={<Digest digest={effect.digest} label="scanner effects" />}
    />
  );
}

type Feature = ReportScannerEffect['features'][number];

const FEATURE_COLUMNS: readonly Column<Feature>[] = [
  { title: 'feature', value: (feature) => feature.name },
  { title: 'η² before', value: (feature) => feature.etaSquaredBefore, isNumber: true },
  { title: 'η² after', value: (feature) => feature.etaSquaredAfter, isNumber: true },
  { title: 'differs before', value: (feature) => (feature.isAffectedBefore ? 'yes' : 'no') },
  { title: 'differs after', value: (feature) => (feature.isAffectedAfter ? 'yes' : 'no') },
];

function Harmonization({
  report,
  harmonization,
}: {
  readonly report: StudyReport;
  readonly harmonization: ReportHarmonization;
}) {
  const { method, fittedOn, patientCount, preservedCovariates, isTransductive, newSites, warnings, digest } =
    harmonization;
  const external = report.sites.filter((site) => site.role === 'externalValidation').map((site) => site.code);
  const leaked = fittedOn.filter((site) => external.includes(site));
  return (
    <>
      <h2>Harmonization</h2>
      <p>
        {method}, fitted on {listOf(fittedOn)} ({patientCount} patients), preserving{' '}
        {preservedCovariates.length > 0 ? listOf(preservedCovariates) : 'no covariate'}.{' '}
        {isTransductive
          ? 'It saw the patients that it was judged on: claims on independence do not hold.'
          : leaked.length > 0
            ? `Patients of ${listOf(leaked)}, meant for validation, took part in the fit.`
            : 'No patient of an external hospital took part in the fit.'}{' '}
        <Digest digest={digest} label="harmonization" />
      </p>
      {warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
      {newSites.length > 0 && (
        <DataTable
          title="Sites that came after the fit: adjusted by their own features, outcomes unseen"
          columns={SITE_COLUMNS}
          rows={newSites}
          kind="stacked"
        />
      )}
    </>
  );
}

type NewSite = ReportHarmonization['newSites'][number];

const SITE_COLUMNS: readonly Column<NewSite>[] = [
  { title: 'site', value: (site) => site.site },
  { title: 'patients', value: (site) => site.patientCount, isNumber: true },
  { title: 'estimated', value: (site) => site.estimatedAt, show: (site) => <Moment iso={site.estimatedAt} /> },
  { title: 'warnings', value: (site) => site.warnings.join(' ') || 'none' },
  {
    title: 'record',
    value: (site) => site.digest,
    show: (site) => <Digest digest={site.digest} label={`batch parameters of ${site.site}`} />,
  },
];

/** What is left after harmonization: features to leave out or explain, or the limit of the test. */
function remainderWords({ features }: ReportScannerEffect, patientCount: number): string {
  const left = features.filter((feature) => feature.isAffectedAfter).map((feature) => feature.name);
  if (left.length === 0) {
    return `None left means less than this test can see with ${grouped(patientCount)} patients, not that there is nothing.`;
  }
  const names = left.length > 4 ? `${left.slice(0, 3).join(', ')} and ${left.length - 3} more` : listOf(left);
  return `Harmonization did not mend ${names}: leave them out of the model, or say why they may differ between hospitals.`;
}

/** Those that still differ come first, then the strongest effect before. */
function strongestFirst(features: readonly Feature[]): Feature[] {
  return features.toSorted(
    (a, b) => Number(b.isAffectedAfter) - Number(a.isAffectedAfter) || b.etaSquaredBefore - a.etaSquaredBefore,
  );
}

function patientsOf(report: StudyReport): number {
  return report.sites.reduce((sum, site) => sum + site.patientCount, 0);
}
