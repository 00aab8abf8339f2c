import { useEffect, useState } from 'react';

import { STUDIES_QUERY, studyOf, type Connection, type Study, type StudyReply } from '../api/study-query.js';
import { useLoaded } from '../live/use-loaded.js';
import { useNow } from '../live/use-now.js';
import { Link } from '../parts/link.js';
import { Kept, NothingYet, Problem, Skeleton } from '../parts/notices.js';
import { Chip, Moment } from '../parts/small.js';
import { studyPath } from '../route.js';
import { useClient } from '../access.js';
import { answerOf } from '../studies/answer.js';
import { STATES } from '../studies/states.js';
import { momentWords } from '../studies/words.js';

interface StudyList {
  readonly studies: readonly Study[];
  readonly hasMore: boolean;
}

const REFRESH_MS = 10_000;

/** All studies of the hub, newest first, each with what it waits for. */
export function StudiesPage() {
  const client = useClient();
  const [pageCount, setPageCount] = useState(1);
  const [loaded, reload] = useLoaded<StudyList>(`studies ${pageCount}`, async () => {
    const studies: Study[] = [];
    let after: string | null = null;
    let hasMore = true;
    for (let page = 0; page < pageCount && hasMore; page++) {
      const reply: { studies: Connection<StudyReply> } = await client.query(STUDIES_QUERY, { after });
      studies.push(...reply.studies.edges.map(({ node }) => studyOf(node)));
      after = reply.studies.pageInfo.endCursor;
      hasMore = reply.studies.pageInfo.hasNextPage;
    }
    return { studies, hasMore };
  });
  useEffect(() => {
    document.title = 'Studies · Concord';
    const timer = setInterval(reload, REFRESH_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <>
      <h1>Studies</h1>
      {loaded.state === 'loading' && <Skeleton label="Loading the studies" rows={3} />}
      {loaded.state === 'failed' && <Problem problem={loaded.problem} onRetry={reload} />}
      {loaded.state === 'ready' && (
        <>
          {loaded.problem && (
            <Kept problem={loaded.problem} readAt={momentWords(new Date(loaded.readAt).toISOString())} />
          )}
          <List studies={loaded.value.studies} />
          {loaded.value.hasMore && (
            <button type="button" onClick={() => setPageCount(pageCount + 1)}>
              Show older studies
            </button>
          )}
        </>
      )}
    </>
  );
}

function List({ studies }: { readonly studies: readonly Study[] }) {
  const now = useNow();
  if (studies.length === 0) {
    return (
      <NothingYet title="There is no study yet.">
        <p>
          To see a whole one on this machine, with synthetic hospitals, run <code>npm run demo</code>. A study of your
          own begins with its protocol: <code>createStudy</code> and <code>writeProtocol</code> of the API.
        </p>
      </NothingYet>
    );
  }
  return (
    <ul className="studies">
      {studies.map((study) => {
        const { label, sign, tone } = STATES[study.state];
        const done = study.run?.steps.filter((step) => step.state === 'done').length ?? 0;
        return (
          <li key={study.id}>
            <h2>
              <Link to={studyPath(study.id)}>{study.title}</Link>
            </h2>
            <p>{answerOf(study, now).sentence}</p>
            <p className="soft facts-line">
              <Chip tone={tone} sign={sign}>
                {label}
              </Chip>
              <span>{study.sites.length} sites</span>
              {study.run && (
                <span>
                  {done} of {study.run.steps.length} steps
                </span>
              )}
              {study.assessments.slice(-1).map(({ scheme, provenPoints, maxPoints }) => (
                <span key={scheme}>
                  quality: {provenPoints} of {maxPoints} points proven
                </span>
              ))}
              <span>
                begun <Moment iso={study.createdAt} />
              </span>
              <span>{study.id}</span>
            </p>
          </li>
        );
      })}
    </ul>
  );
}
