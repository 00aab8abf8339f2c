import { useState } from 'react';

import { problemOf, type HubProblem } from '../api/hub-problem.js';
import type { Study } from '../api/study-query.js';
import { saveFile } from '../parts/download.js';
import { Problem } from '../parts/notices.js';
import { useClient } from '../access.js';

/** What a reader can take away, and how to check it without this hub. */
export function Downloads({ study }: { readonly study: Study }) {
  const client = useClient();
  const [problem, setProblem] = useState<HubProblem | null>(null);
  const save = (name: string, read: () => Promise<Blob>) => () => {
    read().then(
      (blob) => {
        setProblem(null);
        saveFile(name, blob);
      },
      (error: unknown) => setProblem(problemOf(error)),
    );
  };
  const { report, protocolDigest, id } = study;
  if (protocolDigest === null) return null;
  return (
    <section aria-labelledby="take">
      <h2 id="take">Take it with you</h2>
      <p className="buttons">
        {report && (
          <>
            <button type="button" onClick={save(`${id}-report.html`, () => client.object(report.htmlDigest))}>
              Report (HTML)
            </button>
            <button
              type="button"
              className="second"
              onClick={save(`${id}-report.json`, () => client.object(report.digest))}
            >
              Report (JSON)
            </button>
          </>
        )}
        <button
          type="button"
          className="second"
          onClick={save('bundle.json', () =>
            client.file(`/studies/${encodeURIComponent(id)}/bundle`, 'application/json'),
          )}
        >
          Bundle: list of all records
        </button>
      </p>
      {problem && <Problem problem={problem} />}
      <p>
        The bundle names every record of the study with its digest, signature and place in the audit log. With the
        objects beside it in <code>objects/</code>, anyone can check it without an account:{' '}
        <code>npx concord verify BUNDLE</code>.
      </p>
    </section>
  );
}
