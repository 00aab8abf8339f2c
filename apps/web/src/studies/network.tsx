import { bytesWords, grouped, siteStyles } from '@concord/figures';

import type { Site, Study } from '../api/study-query.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { Age, Chip } from '../parts/small.js';
import { isSilent } from './answer.js';
import { Invite } from './invite.js';
import { phaseWords, roleWords, stepDoing } from './words.js';

interface NetworkProps {
  readonly study: Study;
  readonly now: number;
  readonly reload: () => void;
}

/** Sites on both sides of the hub: who is there, what came, what is waiting on whom; the table says the same. */
export function Network({ study, now, reload }: NetworkProps) {
  const styles = siteStyles(study.sites.map((site) => site.code));
  const colourOf = (site: Site) => styles.get(site.code)?.colour ?? 'currentColor';
  const validating = study.sites.filter((site) => site.role === 'externalValidation');
  const hasRoles = study.sites.some((site) => site.role !== null);
  const others = study.sites.filter((site) => site.role !== 'externalValidation');
  const bytes = study.sites.reduce((sum, site) => sum + bytesOf(site), 0);
  if (study.sites.length === 0) {
    return (
      <section>
        <h2>Sites</h2>
        <p>
          No site is invited yet. Invite each hospital under a code such as site-a; it joins with the token it is given.
        </p>
        <Invite studyId={study.id} onInvited={reload} />
      </section>
    );
  }
  return (
    <section aria-labelledby="sites">
      <h2 id="sites">Sites</h2>
      <div className="network">
        <Side
          title={hasRoles ? 'Develop the model' : 'Invited, roles follow with the protocol'}
          sites={others}
          now={now}
          colourOf={colourOf}
        />
        <Lines sites={others} colourOf={colourOf} />
        <HubBox study={study} bytes={bytes} />
        <Lines sites={validating} colourOf={colourOf} isMirrored />
        <Side title={hasRoles ? 'Validate it, unseen' : ''} sites={validating} now={now} colourOf={colourOf} />
      </div>
      <details>
        <summary>Sites as a table</summary>
        <DataTable title="Sites of the study" isTitleHidden columns={COLUMNS} rows={study.sites} kind="stacked" />
      </details>
      <Invite studyId={study.id} onInvited={reload} />
    </section>
  );
}

interface SideProps {
  readonly title: string;
  readonly sites: readonly Site[];
  readonly now: number;
  readonly colourOf: (site: Site) => string;
}

function Side({ title, sites, now, colourOf }: SideProps) {
  return (
    <div className="side">
      {title !== '' && <h3>{title}</h3>}
      <ul>
        {sites.map((site) => (
          <SiteCard key={site.code} site={site} now={now} colour={colourOf(site)} />
        ))}
      </ul>
    </div>
  );
}

function SiteCard({ site, now, colour }: { readonly site: Site; readonly now: number; readonly colour: string }) {
  const state = stateOf(site, now);
  const { caseCount, doneCount, refusedCount } = site;
  return (
    <li className="site">
      <svg className="stripe" aria-hidden="true" viewBox="0 0 6 10" preserveAspectRatio="none">
        <rect width="6" height="10" fill={colour} />
      </svg>
      <p className="site-name">
        <b>{site.code}</b> {site.name !== site.code && <span className="soft">{site.name}</span>}
      </p>
      <p className="site-state">
        <Chip tone={state.tone} sign={state.sign}>
          {state.words}
        </Chip>
      </p>
      {caseCount !== null && caseCount > 0 && (
        <div className="cases">
          <progress
            value={(doneCount ?? 0) + (refusedCount ?? 0)}
            max={caseCount}
            aria-label={`Cases of ${site.code}`}
          />
          <span>
            {grouped(doneCount ?? 0)} of {grouped(caseCount)} cases
            {refusedCount !== null && refusedCount > 0 && <b className="refused">, {refusedCount} refused</b>}
          </span>
        </div>
      )}
      <p className="soft contact">
        {site.lastContactAt === null ? (
          'never in contact'
        ) : (
          <>
            seen <Age iso={site.lastContactAt} />
          </>
        )}
        {bytesOf(site) > 0 && ` · ${bytesWords(bytesOf(site))} released`}
      </p>
    </li>
  );
}

/** From each card to the hub; solid once something came. Cards have equal heights, so the lines meet them. */
function Lines({
  sites,
  colourOf,
  isMirrored = false,
}: Pick<SideProps, 'sites' | 'colourOf'> & { readonly isMirrored?: boolean }) {
  const height = 100 * Math.max(1, sites.length);
  const [from, to] = isMirrored ? [100, 0] : [0, 100];
  return (
    <svg className="lines" aria-hidden="true" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none">
      {sites.map((site, index) => (
        <path
          key={site.code}
          d={`M${from} ${100 * index + 50} C50 ${100 * index + 50} 50 ${height / 2} ${to} ${height / 2}`}
          fill="none"
          stroke={colourOf(site)}
          strokeWidth={2.5}
          vectorEffect="non-scaling-stroke"
          strokeDasharray={site.releases.length === 0 ? '2 7' : site.waitingFor === null ? undefined : '10 5'}
          strokeLinecap="round"
        />
      ))}
    </svg>
  );
}

function HubBox({ study, bytes }: { readonly study: Study; readonly bytes: number }) {
  const steps = study.run?.steps ?? [];
  const queued = steps.filter((step) => step.state === 'queued');
  const done = steps.filter((step) => step.state === 'done').length;
  const doing =
    queued[0] === undefined
      ? study.state === 'validated'
        ? 'has written the report'
        : 'waits'
      : stepDoing(queued[0].name);
  return (
    <div className="hub">
      <p>
        <b>Hub</b> {doing}
      </p>
      {steps.length > 0 && <progress value={done} max={steps.length} aria-label="Steps of the run" />}
      {steps.length > 0 && (
        <p className="soft">
          {done} of {steps.length} steps
        </p>
      )}
      <p className="soft">
        {bytes === 0 ? 'nothing received yet' : `${bytesWords(bytes)} received, no image among them`}
      </p>
    </div>
  );
}

function stateOf(site: Site, now: number): { tone: string; sign: string; words: string } {
  if (site.state === 'invited') return { tone: 'wait', sign: '○', words: 'invited, not joined yet' };
  if (site.waitingFor === null) return { tone: 'good', sign: '✓', words: releasedWords(site) };
  if (isSilent(site, now)) return { tone: 'bad', sign: '!', words: `silent; ${site.waitingFor} awaited` };
  const isIdle = site.phase === null || site.phase === 'idle';
  return {
    tone: isIdle ? 'wait' : 'busy',
    sign: isIdle ? '…' : '▸',
    words: isIdle ? `${site.waitingFor} awaited` : phaseWords(site.phase ?? ''),
  };
}

function releasedWords(site: Site): string {
  const kinds = site.releases.map((release) => release.kind);
  const isClosed = site.role === 'externalValidation' && kinds.length === 1 && kinds[0] === 'features';
  if (isClosed) return 'features released; outcomes closed until the lock';
  return kinds.length === 0 ? 'joined' : `${kinds.join(' and ')} released`;
}

function bytesOf(site: Site): number {
  return site.releases.reduce((sum, release) => sum + release.byteCount, 0);
}

const COLUMNS: readonly Column<Site>[] = [
  { title: 'site', value: (site) => site.code },
  { title: 'hospital', value: (site) => site.name },
  { title: 'role', value: (site) => roleWords(site.role) },
  { title: 'state', value: (site) => site.state },
  { title: 'waited for', value: (site) => site.waitingFor },
  { title: 'cases', value: (site) => site.caseCount, isNumber: true },
  { title: 'done', value: (site) => site.doneCount, isNumber: true },
  { title: 'refused', value: (site) => site.refusedCount, isNumber: true },
  { title: 'released, bytes', value: bytesOf, isNumber: true },
  {
    title: 'last contact',
    value: (site) => site.lastContactAt,
    show: (site) => (site.lastContactAt === null ? 'never' : <Age iso={site.lastContactAt} />),
  },
];
