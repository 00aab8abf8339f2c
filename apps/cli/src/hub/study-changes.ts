import type { StudyProtocol } from '@concord/contracts';

import type { HubClient } from './hub-client.js';
import { readStudy } from './study-records.js';

export interface ChangedStudy {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly version: number;
  readonly protocolDigest: string | null;
}

export interface JoinOffer {
  /** Shown this once; the hub keeps a digest only. */
  readonly token: string;
  readonly expiresAt: string;
}

const CHANGED = '{ id title state version protocolDigest }';

/** @throws {HubError} STUDY_EXISTS, INPUT_INVALID */
export async function createStudy(hub: HubClient, id: string, title: string): Promise<ChangedStudy> {
  const { createStudy: study } = await hub.query<{ createStudy: ChangedStudy }>(
    `mutation ($input: CreateStudyInput!) { createStudy(input: $input) ${CHANGED} }`,
    { input: { id, title } },
  );
  return study;
}

/** Writes over the version that stands. @throws {HubError} STUDY_STATE, STUDY_CHANGED, PROTOCOL_INVALID */
export async function writeProtocol(hub: HubClient, id: string, protocol: StudyProtocol): Promise<ChangedStudy> {
  const { version } = await readStudy(hub, id);
  const { writeProtocol: study } = await hub.query<{ writeProtocol: ChangedStudy }>(
    `mutation ($id: ID!, $protocol: JSON!, $version: Int!) {
      writeProtocol(studyId: $id, protocol: $protocol, expectedVersion: $version) ${CHANGED}
    }`,
    { id, protocol, version },
  );
  return study;
}

/** @throws {HubError} STUDY_STATE if the study is frozen and the site not one of its own */
export async function inviteSite(hub: HubClient, id: string, code: string, name: string): Promise<JoinOffer> {
  const { inviteSite: offer } = await hub.query<{ inviteSite: JoinOffer }>(
    `mutation ($id: ID!, $code: ID!, $name: String!) {
      inviteSite(studyId: $id, code: $code, name: $name) { token expiresAt }
    }`,
    { id, code, name },
  );
  return offer;
}

/** @throws {HubError} TITLE_NOT_CONFIRMED, STUDY_STATE, PROTOCOL_INVALID */
export async function freezeStudy(hub: HubClient, id: string, confirmTitle: string): Promise<ChangedStudy> {
  const { freezeStudy: study } = await hub.query<{ freezeStudy: ChangedStudy }>(
    `mutation ($id: ID!, $confirmTitle: String!) { freezeStudy(studyId: $id, confirmTitle: $confirmTitle) ${CHANGED} }`,
    { id, confirmTitle },
  );
  return study;
}

/** @throws {HubError} RUN_STATE, STUDY_UNKNOWN */
export async function startRun(hub: HubClient, id: string): Promise<ChangedStudy> {
  const { startRun: study } = await hub.query<{ startRun: ChangedStudy }>(
    `mutation ($id: ID!) { startRun(studyId: $id) ${CHANGED} }`,
    { id },
  );
  return study;
}
