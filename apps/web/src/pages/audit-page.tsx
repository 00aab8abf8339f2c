import { useEffect } from 'react';

import { AUDIT_QUERY, nodesOf, type AuditEntry, type Connection } from '../api/study-query.js';
import { useLoaded } from '../live/use-loaded.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { Link, useAddress } from '../parts/link.js';
import { NothingYet, Problem, Skeleton } from '../parts/notices.js';
import { Hash, Moment } from '../parts/small.js';
import { studyPath } from '../route.js';
import { useClient } from '../access.js';
import { brokenLink } from '../studies/audit-chain.js';
import { actionWords } from '../studies/words.js';
import type { PartProps } from '../studies/part-props.js';

/** Who did what, when; each entry names the hash of the one before. The page of the log is part of the address. */
export function AuditPage({ study }: PartProps) {
  const client = useClient();
  const after = new URLSearchParams(useAddress().split('?')[1]).get('after');
  const [loaded, reload] = useLoaded(`${study.id} ${after ?? ''}`, async () => {
    const reply = await client.query<{ study: { audit: Connection<AuditEntry> } }>(AUDIT_QUERY, {
      id: study.id,
      after,
    });
    return reply.study.audit;
  });
  useEffect(reload, [study, reload]);
  if (loaded.state === 'loading') return <Skeleton label="Loading the audit log" rows={6} />;
  if (loaded.state === 'failed') return <Problem problem={loaded.problem} onRetry={reload} />;
  const entries = nodesOf(loaded.value);
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) {
    return (
      <NothingYet title="There are no entries here.">
        <Link to={studyPath(study.id, 'audit')}>To the beginning of the log</Link>
      </NothingYet>
    );
  }
  const { endCursor, hasNextPage } = loaded.value.pageInfo;
  const path = studyPath(study.id, 'audit');
  return (
    <>
      <p className="verdict">{chainWords(entries)}</p>
      <p className="advice">
        Entries {first.sequence} to {last.sequence}
        {hasNextPage ? '' : ', the last so far'}. The hash of an entry covers all of it and the hash before, so none can
        be changed, moved or dropped unseen; <code>npx concord verify</code> computes them again from the bundle.
      </p>
      <DataTable title="Audit log" isTitleHidden columns={COLUMNS} rows={entries} kind="stacked" />
      <nav aria-label="Pages of the log" className="pages">
        {after !== null && <Link to={path}>First entries</Link>}
        {hasNextPage && endCursor !== null && (
          <Link to={`${path}?after=${encodeURIComponent(endCursor)}`}>Next entries</Link>
        )}
      </nav>
    </>
  );
}

function chainWords(entries: readonly AuditEntry[]): string {
  const broken = brokenLink(entries);
  return broken === null
    ? `Every entry names the hash of the one before: the ${entries.length} here form one chain.`
    : `The chain is broken at entry ${broken}: it does not name the hash of the one before. Do not trust what follows.`;
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'no.', value: (entry) => entry.sequence, isNumber: true },
  { title: 'when', value: (entry) => entry.at, show: (entry) => <Moment iso={entry.at} /> },
  { title: 'who', value: (entry) => entry.actor },
  { title: 'what', value: (entry) => actionWords(entry.action) },
  { title: 'about', value: (entry) => entry.subject },
  { title: 'details', value: (entry) => JSON.stringify(entry.details), show: (entry) => <Details entry={entry} /> },
  {
    title: 'hash',
    value: (entry) => entry.hash,
    show: (entry) => <Hash hash={entry.hash} label={`hash of entry ${entry.sequence}`} />,
  },
];

function Details({ entry }: { readonly entry: AuditEntry }) {
  const details = Object.entries((entry.details ?? {}) as Record<string, unknown>);
  if (details.length === 0) return <span className="none">–</span>;
  return (
    <details>
      <summary>
        {details.length === 1 ? '1 fact' : `${details.length} facts`}
        <span className="hidden"> of entry {entry.sequence}</span>
      </summary>
      <dl className="small-facts">
        {details.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
