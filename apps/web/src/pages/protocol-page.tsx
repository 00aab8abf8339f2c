import type { StudyProtocol } from '@concord/contracts';
import type { ReactNode } from 'react';

import { readProtocol } from '../api/read-study.js';
import { useLoaded } from '../live/use-loaded.js';
import { DataTable } from '../parts/data-table.js';
import { saveText } from '../parts/download.js';
import { NothingYet, Problem, Skeleton } from '../parts/notices.js';
import { Moment } from '../parts/small.js';
import { useClient } from '../access.js';
import { roleWords } from '../studies/words.js';
import type { PartProps } from '../studies/part-props.js';

/** What the study does, and the digest that everybody is bound to. */
export function ProtocolPage({ study }: PartProps) {
  const client = useClient();
  const [loaded, reload] = useLoaded(`${study.id} ${study.protocolDigest ?? study.state}`, () =>
    readProtocol(client, study),
  );
  if (loaded.state === 'loading') return <Skeleton label="Loading the protocol" rows={6} />;
  if (loaded.state === 'failed') return <Problem problem={loaded.problem} onRetry={reload} />;
  const protocol = loaded.value;
  if (protocol === null) {
    return (
      <NothingYet title="The protocol is not written yet.">
        <p>
          It says which features leave the sites, what is predicted, how the model is made and judged. Send it with{' '}
          <code>writeProtocol</code>; freezing it binds everybody.
        </p>
      </NothingYet>
    );
  }
  return (
    <>
      <p className="verdict">
        {study.frozenAt === null ? (
          'The protocol is a draft: it can still change, and no site releases anything.'
        ) : (
          <>
            Frozen <Moment iso={study.frozenAt} />: every release, step and score of the study names this protocol.
          </>
        )}
      </p>
      {study.protocolDigest !== null && (
        <p className="advice">
          SHA-256 <code>{study.protocolDigest}</code>
        </p>
      )}
      <Facts protocol={protocol} />
      <p className="buttons">
        <button
          type="button"
          className="second"
          onClick={() => saveText(`${study.id}-protocol.json`, JSON.stringify(protocol, null, 2), 'application/json')}
        >
          Protocol (JSON)
        </button>
      </p>
      <h2>Sites</h2>
      <DataTable
        title="Sites of the protocol"
        isTitleHidden
        columns={[
          { title: 'site', value: (site) => site.code },
          { title: 'hospital', value: (site) => site.name },
          { title: 'role', value: (site) => roleWords(site.role) },
        ]}
        rows={protocol.sites}
      />
      <h2>What leaves a site</h2>
      <p>
        A pseudonym that only the site can resolve
        {protocol.acquisition.length > 0 && <>, how the image was acquired ({protocol.acquisition.join(', ')})</>},
        these {protocol.features.length} features, and the outcome (
        {protocol.outcome.columns.map(({ name }) => name).join(', ')}); of validation sites the outcome only after the
        model is locked.
      </p>
      <DataTable
        title="Features that leave a site"
        isTitleHidden
        columns={[
          { title: 'feature', value: (row) => row.name },
          { title: 'place', value: (row) => row.place, isNumber: true },
        ]}
        rows={protocol.features.map((name, index) => ({ name, place: index + 1 }))}
      />
    </>
  );
}

function Facts({ protocol }: { readonly protocol: StudyProtocol }) {
  const { source, outcome, harmonization, model, threshold, metrics, leakAuditReplicates, seed } = protocol;
  const rows: readonly (readonly [string, ReactNode])[] = [
    ['Predicts', outcome.target],
    [
      'From',
      source.kind === 'images'
        ? `features of the region “${source.regionName}”, extracted at each site by the same settings`
        : 'rows of each site’s own feature table',
    ],
    [
      'Harmonization',
      `${harmonization.method === 'combat' ? 'ComBat' : harmonization.method}, batch: ${harmonization.batch}, empirical Bayes: ${harmonization.empiricalBayes}; fitted on development sites`,
    ],
    ['Model', `${model.kind.replaceAll('-', ' ')}, α = ${model.alpha}, ${model.foldCount} folds`],
    [
      'Cut-off',
      threshold.rule === 'youden-development' ? 'best Youden index on the development sites' : threshold.rule,
    ],
    ['Judged by', metrics.join(', ')],
    ['Leak audit', `${leakAuditReplicates} refits on shuffled outcomes`],
    ['Seed', seed],
  ];
  return (
    <dl className="protocol">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
