import type { StudyReport } from '@concord/reports';
import { Suspense, lazy, useEffect } from 'react';

import { readStudy } from '../api/read-study.js';
import type { Study } from '../api/study-query.js';
import { useLive, type Connection } from '../live/use-live.js';
import { useLoaded } from '../live/use-loaded.js';
import { Link } from '../parts/link.js';
import { Kept, Problem, Skeleton } from '../parts/notices.js';
import { Chip } from '../parts/small.js';
import { STUDY_PARTS, studyPath, type StudyPart } from '../route.js';
import { useClient, useAccess } from '../access.js';
import type { PartProps } from '../studies/part-props.js';
import { STATES } from '../studies/states.js';
import { momentWords } from '../studies/words.js';
import { OverviewPage } from './overview-page.js';

const ValidationPage = lazy(async () => ({ default: (await import('./validation-page.js')).ValidationPage }));
const ScannerEffectPage = lazy(async () => ({ default: (await import('./scanner-effect-page.js')).ScannerEffectPage }));
const QualityPage = lazy(async () => ({ default: (await import('./quality-page.js')).QualityPage }));
const AuditPage = lazy(async () => ({ default: (await import('./audit-page.js')).AuditPage }));
const ProtocolPage = lazy(async () => ({ default: (await import('./protocol-page.js')).ProtocolPage }));

const TITLES: Readonly<Record<StudyPart, string>> = {
  overview: 'Overview',
  validation: 'Validation',
  'scanner-effect': 'Scanner effect',
  quality: 'Quality',
  audit: 'Audit log',
  protocol: 'Protocol',
};

/** One study: reads it, keeps it fresh, and shows one of its parts. */
export function StudyPage({ id, part }: { readonly id: string; readonly part: StudyPart }) {
  const client = useClient();
  const { end } = useAccess();
  const [loaded, reload] = useLoaded<Study>(id, () => readStudy(client, id));
  const connection = useLive(client, id, reload);
  const study = loaded.state === 'ready' ? loaded.value : null;
  const digest = study?.report?.digest ?? null;
  const [report] = useLoaded<StudyReport>(digest, () => client.json<StudyReport>(digest ?? ''));

  useEffect(() => {
    document.title = `${TITLES[part]} · ${study?.title ?? id} · Concord`;
  }, [part, study?.title, id]);
  useEffect(() => {
    const problem = loaded.state === 'loading' ? null : loaded.problem;
    if (problem?.needsToken) end('This hub does not know the token any more.');
  }, [loaded, end]);

  if (loaded.state === 'loading') return <Skeleton label="Loading the study" />;
  if (loaded.state === 'failed') return <Problem problem={loaded.problem} onRetry={reload} />;
  const props: PartProps = { study: loaded.value, report: digest === null ? null : report, reload };
  return (
    <>
      <StudyHead study={loaded.value} part={part} connection={connection} />
      {loaded.problem && <Kept problem={loaded.problem} readAt={momentWords(new Date(loaded.readAt).toISOString())} />}
      <Suspense fallback={<Skeleton label="Loading this part" />}>
        <Part part={part} {...props} />
      </Suspense>
    </>
  );
}

function Part({ part, ...props }: PartProps & { readonly part: StudyPart }) {
  switch (part) {
    case 'overview':
      return <OverviewPage {...props} />;
    case 'validation':
      return <ValidationPage {...props} />;
    case 'scanner-effect':
      return <ScannerEffectPage {...props} />;
    case 'quality':
      return <QualityPage {...props} />;
    case 'audit':
      return <AuditPage {...props} />;
    case 'protocol':
      return <ProtocolPage {...props} />;
  }
}

const CONNECTIONS: Readonly<Record<Connection, readonly [tone: string, sign: string, words: string]>> = {
  connecting: ['none', '○', 'connecting'],
  live: ['good', '●', 'live'],
  polling: ['wait', '◐', 'asking every 5 seconds'],
};

function StudyHead({
  study,
  part,
  connection,
}: {
  readonly study: Study;
  readonly part: StudyPart;
  readonly connection: Connection;
}) {
  const { label, sign, tone } = STATES[study.state];
  const [liveTone, liveSign, liveWords] = CONNECTIONS[connection];
  return (
    <header className="study-head">
      <p className="soft crumbs">
        <Link to="/studies">Studies</Link> <span aria-hidden="true">/</span> {study.id}
        <span className="states">
          <Chip tone={tone} sign={sign}>
            {label}
          </Chip>
          <Chip tone={liveTone} sign={liveSign}>
            {liveWords}
          </Chip>
        </span>
      </p>
      <h1>{study.title}</h1>
      <nav aria-label="Parts of the study">
        <ul>
          {STUDY_PARTS.map((name) => (
            <li key={name}>
              <Link to={studyPath(study.id, name)} isCurrent={name === part}>
                {TITLES[name]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}
