import { fixed, grouped, intervalWords } from '@concord/figures';
import type { ReportModel, StudyReport } from '@concord/reports';

import { DataTable, type Column } from '../parts/data-table.js';
import { Digest, Moment } from '../parts/small.js';

type Term =
  ReportModel['terms'][number] | { readonly name: 'intercept'; readonly role: null; readonly coefficient: number };

const COLUMNS: readonly Column<Term>[] = [
  { title: 'predictor', value: (term) => term.name },
  { title: 'kind', value: (term) => (term.role === null ? null : term.role === 'radiomic' ? 'radiomic' : 'clinical') },
  { title: 'coefficient', value: (term) => term.coefficient, isNumber: true },
];

/** The model that was judged, and the proof that its making learned nothing that it should not have. */
export function LockedModel({ report }: { readonly report: StudyReport }) {
  const { model, leakAudit } = report;
  if (model === null) return null;
  const terms: Term[] = [...model.terms].sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient));
  return (
    <>
      <h2>The locked model</h2>
      <p>
        {model.kind} with {model.terms.length} of {grouped(model.candidateCount)} features, locked{' '}
        <Moment iso={model.lockedAt} />. Model <Digest digest={model.digest} label="model" />, lock{' '}
        <Digest digest={model.lockDigest} label="lock" />.
      </p>
      {leakAudit && (
        <p>
          {leakAudit.interval[0] > 0.5
            ? 'With outcomes shuffled the whole procedure still ranks better than chance: information leaks.'
            : 'With outcomes shuffled the whole procedure is no better than chance: no leak was found.'}{' '}
          AUC {fixed(leakAudit.meanAuc)} ({intervalWords(leakAudit.interval)}), {leakAudit.replicates} refits{' '}
          <Digest digest={leakAudit.digest} label="leak audit" />.
        </p>
      )}
      <DataTable
        title="Coefficients on harmonized features"
        columns={COLUMNS}
        rows={[{ name: 'intercept', role: null, coefficient: model.intercept }, ...terms]}
      />
    </>
  );
}
