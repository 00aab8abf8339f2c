import type { ReactNode } from 'react';

import type { HubProblem } from '../api/hub-problem.js';
import { navigate } from './link.js';

/** While the first answer is on its way: of the size of what comes, so that nothing jumps. */
export function Skeleton({ label, rows = 4 }: { readonly label: string; readonly rows?: number }) {
  return (
    <div role="status" className="loading">
      <span className="hidden">{label}</span>
      <div className="skeleton line" />
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="skeleton block" />
      ))}
    </div>
  );
}

/** Nothing is here yet: says what has to happen first. */
export function NothingYet({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="notice">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** What went wrong, where, and how to mend it. */
export function Problem({ problem, onRetry }: { readonly problem: HubProblem; readonly onRetry?: () => void }) {
  return (
    <section className="notice failed" role="alert">
      <h2>{sentence(problem.what)}</h2>
      <p>{problem.fix}</p>
      <p className="soft">
        {problem.where} · {problem.code}
      </p>
      <p>
        {onRetry && (
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        )}
        {problem.code === 'STUDY_UNKNOWN' && (
          <button type="button" onClick={() => navigate('/studies')}>
            All studies
          </button>
        )}
      </p>
    </section>
  );
}

/** Reading again failed, and what was read before is still shown. */
export function Kept({ problem, readAt }: { readonly problem: HubProblem; readonly readAt: string }) {
  return (
    <p className="kept" role="status">
      <b>{sentence(problem.what)}</b> What you see was read at {readAt}. {problem.fix}
    </p>
  );
}

export function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
}
