/** A study as the page reads it: durable records, as of one moment. Times are ISO 8601 in UTC. */
export interface Study {
  readonly id: string;
  readonly title: string;
  readonly state: StudyState;
  readonly createdAt: string;
  readonly frozenAt: string | null;
  readonly protocolDigest: string | null;
  readonly lock: { readonly digest: string; readonly lockedAt: string } | null;
  readonly report: { readonly digest: string; readonly htmlDigest: string } | null;
  readonly assessments: readonly {
    readonly scheme: string;
    readonly provenPoints: number;
    readonly maxPoints: number;
  }[];
  readonly sites: readonly Site[];
  readonly run: Run | null;
}

export type StudyState = 'draft' | 'frozen' | 'locked' | 'validated';

export interface Site {
  readonly code: string;
  readonly name: string;
  readonly role: 'development' | 'externalValidation' | null;
  readonly state: 'invited' | 'joined';
  readonly joinedAt: string | null;
  readonly lastContactAt: string | null;
  readonly phase: string | null;
  readonly caseCount: number | null;
  readonly doneCount: number | null;
  readonly refusedCount: number | null;
  readonly waitingFor: string | null;
  readonly releases: readonly Release[];
}

export interface Release {
  readonly kind: string;
  readonly sequence: number;
  readonly tableDigest: string;
  readonly byteCount: number;
  readonly rowCount: number;
  readonly receivedAt: string;
}

export interface Run {
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly name: string;
  readonly state: 'waiting' | 'queued' | 'done' | 'failed';
  readonly queuedAt: string | null;
  readonly finishedAt: string | null;
  readonly inputDigest: string | null;
  readonly outputs: Readonly<Record<string, string>> | null;
  readonly error: { readonly what: string; readonly where: string; readonly fix: string } | null;
}

export interface AuditEntry {
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: unknown;
  readonly hash: string;
  readonly previousHash: string;
}

/** One page of a list as GraphQL gives it. */
export interface Connection<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const HEAD = 'id title state createdAt frozenAt protocolDigest';
const SITE = `code name role state joinedAt lastContactAt phase caseCount doneCount refusedCount waitingFor
  releases { kind sequence tableDigest byteCount rowCount receivedAt }`;
const STEP = 'name state queuedAt finishedAt inputDigest outputs error';

export const STUDY_QUERY = `query Study($id: ID!) {
  study(id: $id) {
    ${HEAD}
    lock { digest lockedAt } report { digest htmlDigest } assessments { scheme provenPoints maxPoints }
    sites(first: 100) { edges { node { ${SITE} } } }
    run { startedAt finishedAt steps { ${STEP} } }
  }
}`;

/** The list shows the same sentence as the study's page, so it reads the same facts, for fewer studies at once. */
export const STUDIES_QUERY = `query Studies($after: String) {
  studies(first: 12, after: $after) {
    edges { node {
      ${HEAD}
      lock { digest lockedAt } report { digest htmlDigest } assessments { scheme provenPoints maxPoints }
      sites(first: 20) { edges { node { ${SITE} } } }
      run { startedAt finishedAt steps { name state error } }
    } }
    pageInfo { endCursor hasNextPage }
  }
}`;

export const ME_QUERY = '{ me { name role } }';
export const PROTOCOL_QUERY = 'query Protocol($id: ID!) { study(id: $id) { protocol protocolDigest } }';
export const AUDIT_QUERY = `query Audit($id: ID!, $after: String) {
  study(id: $id) { audit(first: 50, after: $after) {
    edges { node { sequence at actor action subject details hash previousHash } }
    pageInfo { endCursor hasNextPage }
  } }
}`;
export const START_RUN = 'mutation StartRun($id: ID!) { startRun(studyId: $id) { id } }';
export const INVITE_SITE = `mutation Invite($studyId: ID!, $code: ID!, $name: String!) {
  inviteSite(studyId: $studyId, code: $code, name: $name) { token expiresAt }
}`;
export const CHANGES = 'subscription Changes($id: ID!) { studyChanged(studyId: $id) { what } }';

export type StudyReply = Omit<Study, 'sites'> & { readonly sites: Pick<Connection<Site>, 'edges'> };

export function studyOf(reply: StudyReply): Study {
  return { ...reply, sites: nodesOf(reply.sites) };
}

export function nodesOf<T>({ edges }: Pick<Connection<T>, 'edges'>): T[] {
  return edges.map((edge) => edge.node);
}
