import type { StudyProtocol } from '@concord/contracts';

import type { HubClient } from '../hub/hub-client.js';
import { createStudy, freezeStudy, inviteSite, startRun, writeProtocol } from '../hub/study-changes.js';

/** Creates the study, writes its protocol, invites the sites and freezes it; returns each site's one-time token. */
export async function openStudy(hub: HubClient, protocol: StudyProtocol): Promise<Map<string, string>> {
  const { studyId, title } = protocol;
  await createStudy(hub, studyId, title);
  const tokens = new Map<string, string>();
  for (const { code, name } of protocol.sites) {
    const { token } = await inviteSite(hub, studyId, code, name);
    tokens.set(code, token);
  }
  await writeProtocol(hub, studyId, protocol);
  await freezeStudy(hub, studyId, title);
  await startRun(hub, studyId);
  return tokens;
}

export interface StudyProgress {
  readonly state: string;
  readonly sites: readonly SiteProgress[];
  readonly steps: readonly { readonly name: string; readonly state: string; readonly error: StepFailure | null }[];
}

export interface SiteProgress {
  readonly code: string;
  readonly phase: string | null;
  readonly caseCount: number | null;
  readonly doneCount: number | null;
  readonly refusedCount: number | null;
  readonly releases: readonly { readonly kind: string; readonly byteCount: number }[];
}

export interface StepFailure {
  readonly code: string;
  readonly what: string;
  readonly where: string;
  readonly fix: string;
}

export async function studyProgress(hub: HubClient, studyId: string): Promise<StudyProgress> {
  const { study } = await hub.query<{ study: RawStudy }>(
    `query ($id: ID!) {
      study(id: $id) {
        state
        sites(first: 100) { edges { node { code phase caseCount doneCount refusedCount releases { kind byteCount } } } }
        run { steps { name state error } }
      }
    }`,
    { id: studyId },
  );
  return {
    state: study.state,
    sites: study.sites.edges.map((edge) => edge.node),
    steps: study.run?.steps ?? [],
  };
}

interface RawStudy {
  readonly state: string;
  readonly sites: { readonly edges: readonly { readonly node: SiteProgress }[] };
  readonly run: { readonly steps: StudyProgress['steps'] } | null;
}
