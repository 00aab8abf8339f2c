import type { HubClient } from './hub-client.js';
import { StudyUnknownError, type HubRefusal } from './hub.errors.js';

export interface StudyLine {
  readonly id: string;
  readonly title: string;
  readonly state: 'draft' | 'frozen' | 'locked' | 'validated';
  readonly createdAt: string;
  readonly frozenAt: string | null;
  readonly protocolDigest: string | null;
}

export interface StudyRecord extends StudyLine {
  /** Rises with every change; a writer names the one he read. */
  readonly version: number;
  readonly lock: { readonly digest: string; readonly lockedAt: string } | null;
  readonly report: { readonly digest: string; readonly htmlDigest: string } | null;
  readonly assessments: readonly {
    readonly scheme: string;
    readonly provenPoints: number;
    readonly maxPoints: number;
    readonly recordDigest: string;
  }[];
}

export interface SiteRecord {
  readonly code: string;
  readonly name: string;
  readonly role: string | null;
  readonly state: string;
  readonly joinedAt: string | null;
  readonly lastContactAt: string | null;
  readonly phase: string | null;
  readonly caseCount: number | null;
  readonly doneCount: number | null;
  readonly refusedCount: number | null;
  /** What the study waits for from this site, in words. */
  readonly waitingFor: string | null;
  readonly releases: readonly {
    readonly kind: string;
    readonly sequence: number;
    readonly rowCount: number;
    readonly byteCount: number;
    readonly receivedAt: string;
    readonly tableDigest: string;
  }[];
}

export interface RunRecord {
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly steps: readonly StepRecord[];
}

export interface StepRecord {
  readonly name: string;
  readonly state: string;
  readonly queuedAt: string | null;
  readonly finishedAt: string | null;
  readonly inputDigest: string | null;
  readonly outputs: Readonly<Record<string, string>> | null;
  readonly error: HubRefusal | null;
}

/** A page of a list as the hub gives it. */
export interface Page<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const LINE = 'id title state createdAt frozenAt protocolDigest';
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

/** Reads a list page by page to its end. */
export async function allPages<T>(read: (after: string | null) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let after: string | null = null;
  for (;;) {
    const page = await read(after);
    items.push(...page.edges.map((edge) => edge.node));
    // A page without a new cursor would be read for ever.
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === after) return items;
    after = page.pageInfo.endCursor;
  }
}

/** Newest first. */
export async function listStudies(hub: HubClient): Promise<StudyLine[]> {
  return allPages(async (after) => {
    const { studies } = await hub.query<{ studies: Page<StudyLine> }>(
      `query ($after: String) { studies(first: 100, after: $after) { edges { node { ${LINE} } } ${PAGE_INFO} } }`,
      { after },
    );
    return studies;
  });
}

/** @throws {StudyUnknownError} */
export async function readStudy(hub: HubClient, id: string): Promise<StudyRecord> {
  return field<StudyRecord>(
    hub,
    id,
    `${LINE} version lock { digest lockedAt } report { digest htmlDigest }
     assessments { scheme provenPoints maxPoints recordDigest }`,
  );
}

/** The protocol as it stands, null where none is written. @throws {StudyUnknownError} */
export async function readProtocol(hub: HubClient, id: string): Promise<unknown> {
  return (await field<{ protocol: unknown }>(hub, id, 'protocol')).protocol;
}

/** Sites by code. @throws {StudyUnknownError} */
export async function listSites(hub: HubClient, id: string): Promise<SiteRecord[]> {
  return allPages(async (after) => {
    const { sites } = await field<{ sites: Page<SiteRecord> }>(
      hub,
      id,
      `sites(first: 100, after: $after) {
         edges { node {
           code name role state joinedAt lastContactAt phase caseCount doneCount refusedCount waitingFor
           releases { kind sequence rowCount byteCount receivedAt tableDigest }
         } }
         ${PAGE_INFO}
       }`,
      after,
    );
    return sites;
  });
}

/** Null before the run was started. @throws {StudyUnknownError} */
export async function readRun(hub: HubClient, id: string): Promise<RunRecord | null> {
  const steps = 'steps { name state queuedAt finishedAt inputDigest outputs error }';
  return (await field<{ run: RunRecord | null }>(hub, id, `run { startedAt finishedAt ${steps} }`)).run;
}

/** @param after cursor for a selection that holds a list */
export async function field<T>(hub: HubClient, id: string, selection: string, after?: string | null): Promise<T> {
  const [declared, variables] = after === undefined ? ['', { id }] : [', $after: String', { id, after }];
  const { study } = await hub.query<{ study: T | null }>(
    `query ($id: ID!${declared}) { study(id: $id) { ${selection} } }`,
    variables,
  );
  if (study === null) {
    throw new StudyUnknownError('there is no such study', `study ${id}`, 'Look its id up: concord study list.');
  }
  return study;
}
