import { fixed, intervalWords } from '@concord/figures';
import type { ReportEstimate } from '@concord/reports';
import { useState } from 'react';

import { problemOf } from '../api/hub-problem.js';
import { useNow } from '../live/use-now.js';
import { useClient } from '../access.js';
import { ageWords, momentWords } from '../studies/words.js';
import { saveFile } from './download.js';

/** `23 Nov 2026, 14:05` in the reader's zone; the zone on hover. */
export function Moment({ iso }: { readonly iso: string }) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <time dateTime={iso} title={`${zone}; ${iso} (UTC)`}>
      {momentWords(iso)}
    </time>
  );
}

/** `3 minutes ago`; the moment on hover. */
export function Age({ iso }: { readonly iso: string }) {
  const now = useNow();
  return (
    <time dateTime={iso} title={momentWords(iso)}>
      {ageWords(iso, now)}
    </time>
  );
}

/** A value with interval, all digits on hover; or the reason why there is none. */
export function EstimateView({
  estimate,
  digits = 2,
}: {
  readonly estimate: ReportEstimate;
  readonly digits?: number;
}) {
  const { value, interval, method, reason } = estimate;
  if (value === null) return <span className="none">not estimable: {reason ?? 'no reason recorded'}</span>;
  const title = `${value}${interval ? `, 95 % interval ${interval[0]} to ${interval[1]}` : ''}; ${method}`;
  return (
    <>
      <data value={value} title={title}>
        {fixed(value, digits)}
        {interval && <span className="interval"> ({intervalWords(interval, digits)})</span>}
      </data>
      {reason !== null && <span className="none"> {reason}</span>}
    </>
  );
}

/** A state as sign, word and colour: never colour alone. */
export function Chip({
  tone,
  sign,
  children,
}: {
  readonly tone: string;
  readonly sign: string;
  readonly children: string;
}) {
  return (
    <span className={`chip ${tone}`}>
      <span aria-hidden="true">{sign} </span>
      {children}
    </span>
  );
}

/** The record that a number comes from: short, whole on hover, and the stored object on click. */
export function Digest({
  digest,
  label,
  file = 'json',
}: {
  readonly digest: string;
  readonly label: string;
  readonly file?: string;
}) {
  const client = useClient();
  const [problem, setProblem] = useState<string | null>(null);
  const fetchObject = () => {
    client.object(digest).then(
      (blob) => {
        setProblem(null);
        saveFile(`${digest.slice(0, 12)}.${file}`, blob);
      },
      (error: unknown) => setProblem(problemOf(error).what),
    );
  };
  return (
    <span className="digest">
      <button type="button" title={`${label}: ${digest}. Download the record.`} onClick={fetchObject}>
        <span className="hidden">Download the record of {label}, </span>
        {digest.slice(0, 10)}
      </button>
      {problem !== null && <span role="alert"> {problem}</span>}
    </span>
  );
}

/** A digest of something that is no stored object. */
export function Hash({ hash, label }: { readonly hash: string; readonly label: string }) {
  return (
    <code className="hash" title={`${label}: ${hash}`}>
      {hash.slice(0, 10)}
    </code>
  );
}
