import { fixed, intervalWords } from '@concord/figures';
import { verdictOf, type StudyReport } from '@concord/reports';
import { useState } from 'react';

import { problemOf, type HubProblem } from '../api/hub-problem.js';
import { START_RUN, type Study } from '../api/study-query.js';
import { useNow } from '../live/use-now.js';
import { Link } from '../parts/link.js';
import { Problem } from '../parts/notices.js';
import { studyPath } from '../route.js';
import { useClient } from '../access.js';
import { answerOf } from '../studies/answer.js';
import { Downloads } from '../studies/downloads.js';
import { Network } from '../studies/network.js';
import { Stations } from '../studies/stations.js';
import { StepList } from '../studies/step-list.js';
import type { PartProps } from '../studies/part-props.js';

/** Which site holds us up, since when, why, and what to do about it; or the result. */
export function OverviewPage({ study, report, reload }: PartProps) {
  const now = useNow();
  const answer = answerOf(study, now);
  const result = report?.state === 'ready' ? report.value : null;
  return (
    <>
      <section aria-labelledby="answer" className={`answer-block ${answer.tone}`}>
        <h2 id="answer" className="hidden">
          Where the study stands
        </h2>
        {result === null ? (
          <>
            <p className="verdict" role="status">
              {answer.sentence}
            </p>
            {answer.advice !== '' && <p className="advice">{answer.advice}</p>}
            {report?.state === 'failed' && <Problem problem={report.problem} onRetry={reload} />}
          </>
        ) : (
          <Result study={study} report={result} />
        )}
        {study.state === 'frozen' && study.run === null && <StartRun study={study} onStarted={reload} />}
      </section>
      <Stations study={study} />
      <Network study={study} now={now} reload={reload} />
      {study.run && <StepList run={study.run} now={now} />}
      <Downloads study={study} />
    </>
  );
}

function Result({ study, report }: { readonly study: Study; readonly report: StudyReport }) {
  const verdict = verdictOf(report);
  const { validation, scannerEffect, rqs, leakAudit } = report;
  const auc = (validation?.pooled ?? validation?.perSite[0])?.auc;
  return (
    <>
      <p className="verdict">{verdict.headline}</p>
      {verdict.calibration !== '' && <p className="advice">{verdict.calibration}</p>}
      <ul className="facts">
        {auc && auc.value !== null && (
          <li>
            <Link to={studyPath(study.id, 'validation')}>
              <b>{fixed(auc.value)}</b>
              AUC at hospitals that never saw the model{auc.interval && ` (${intervalWords(auc.interval)})`}
            </Link>
          </li>
        )}
        {scannerEffect && (
          <li>
            <Link to={studyPath(study.id, 'scanner-effect')}>
              <b>
                {scannerEffect.before.affectedCount} → {scannerEffect.after.affectedCount}
              </b>
              of {scannerEffect.before.testedCount} features differ between hospitals, before → after harmonization
            </Link>
          </li>
        )}
        {rqs && (
          <li>
            <Link to={studyPath(study.id, 'quality')}>
              <b>
                {rqs.strict.total} of {rqs.strict.maxPoints}
              </b>
              points of the Radiomics Quality Score, by records
            </Link>
          </li>
        )}
        {leakAudit && (
          <li>
            <Link to={studyPath(study.id, 'quality')}>
              <b>{fixed(leakAudit.meanAuc)}</b>
              mean AUC with outcomes shuffled; 0.50 means no leak
            </Link>
          </li>
        )}
      </ul>
      {verdict.limits.length > 0 && (
        <details>
          <summary>What limits this result ({verdict.limits.length})</summary>
          <ul className="limits">
            {verdict.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function StartRun({ study, onStarted }: { readonly study: Study; readonly onStarted: () => void }) {
  const client = useClient();
  const [problem, setProblem] = useState<HubProblem | null>(null);
  const [isStarting, setStarting] = useState(false);
  const start = () => {
    setStarting(true);
    client
      .query(START_RUN, { id: study.id })
      .then(onStarted, (error: unknown) => setProblem(problemOf(error)))
      .finally(() => setStarting(false));
  };
  return (
    <>
      <p>
        <button type="button" onClick={start} disabled={isStarting}>
          Start the run
        </button>{' '}
        <span className="soft">From then on every step runs as soon as its inputs are there.</span>
      </p>
      {problem && <Problem problem={problem} />}
    </>
  );
}
