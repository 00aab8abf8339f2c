import type { StudyReport } from '@concord/reports';
import type { ReactNode } from 'react';

import type { Study } from '../api/study-query.js';
import { useNow } from '../live/use-now.js';
import { Link } from '../parts/link.js';
import { NothingYet, Problem, Skeleton } from '../parts/notices.js';
import { studyPath } from '../route.js';
import type { PartProps } from './part-props.js';
import { answerOf } from './answer.js';
import { STEP_LOOKS } from './states.js';
import { stepTitle } from './words.js';

export interface ReportGateProps extends PartProps {
  /** What will be here, for who comes too early: `The validation`. */
  readonly what: string;
  /** The steps that make it, by kind. */
  readonly kinds: readonly string[];
  readonly children: (report: StudyReport) => ReactNode;
}

/** Shows a part of the report, or how far the steps are that make it. */
export function ReportGate({ study, report, reload, what, kinds, children }: ReportGateProps) {
  if (report === null) return <TooEarly study={study} what={what} kinds={kinds} />;
  if (report.state === 'loading') return <Skeleton label="Loading the report" />;
  if (report.state === 'failed') return <Problem problem={report.problem} onRetry={reload} />;
  return children(report.value);
}

function TooEarly({
  study,
  what,
  kinds,
}: {
  readonly study: Study;
  readonly what: string;
  readonly kinds: readonly string[];
}) {
  const now = useNow();
  const steps = (study.run?.steps ?? []).filter(({ name }) => kinds.includes(name.split(':')[0] ?? ''));
  const done = steps.filter((step) => step.state === 'done').length;
  const { sentence, advice } = answerOf(study, now);
  return (
    <NothingYet title={`${what} is not there yet.`}>
      <p>
        {sentence} {advice}
      </p>
      {steps.length > 0 && (
        <>
          <progress value={done} max={steps.length} aria-label={`Steps to ${what}`} />
          <p>
            {done} of {steps.length} steps that make it are done. This page shows it by itself when the report is
            written.
          </p>
          <ul className="limits">
            {steps.map((step) => (
              <li key={step.name}>
                {stepTitle(step.name)}: {STEP_LOOKS[step.state].label}
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <Link to={studyPath(study.id)}>What the study waits for</Link>
      </p>
    </NothingYet>
  );
}
