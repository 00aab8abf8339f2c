import type { Study, StudyState } from '../api/study-query.js';
import { Moment } from '../parts/small.js';
import { STATES } from './states.js';

const ORDER: readonly StudyState[] = ['draft', 'frozen', 'locked', 'validated'];

/** The way of a study, and how far it came. */
export function Stations({ study }: { readonly study: Study }) {
  const current = ORDER.indexOf(study.state);
  const times: Record<StudyState, string | null> = {
    draft: study.createdAt,
    frozen: study.frozenAt,
    locked: study.lock?.lockedAt ?? null,
    validated: study.run?.finishedAt ?? null,
  };
  return (
    <ol className="stations" aria-label="Stations of the study">
      {ORDER.map((state, index) => {
        const time = times[state];
        return (
          <li
            key={state}
            className={index < current ? 'past' : index === current ? 'present' : 'future'}
            aria-current={index === current ? 'step' : undefined}
          >
            <b>{STATES[state].label}</b>
            <span className="soft">
              {index <= current && time !== null ? <Moment iso={time} /> : STATES[state].meaning}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
