import type { StudyProtocol } from '@concord/contracts';

import type { HubClient } from './hub-client.js';
import { HubProblem } from './hub-problem.js';
import { ME_QUERY, PROTOCOL_QUERY, STUDY_QUERY, studyOf, type Study, type StudyReply } from './study-query.js';

/** Whose token this is; asked once. */
export async function readMe(client: HubClient): Promise<{ readonly name: string; readonly role: string }> {
  return client.remember('me', async () => {
    const { me } = await client.query<{ me: { name: string; role: string } }>(ME_QUERY, {});
    return me;
  });
}

/** The protocol as it is written now; once frozen it cannot change, and is read once. */
export async function readProtocol(
  client: HubClient,
  { id, protocolDigest }: Pick<Study, 'id' | 'protocolDigest'>,
): Promise<StudyProtocol | null> {
  const read = async () => {
    const { study } = await client.query<{ study: { protocol: StudyProtocol | null } }>(PROTOCOL_QUERY, { id });
    return study.protocol;
  };
  return protocolDigest === null ? read() : client.remember(`protocol ${protocolDigest}`, read);
}

/**
 * A study with its sites in the order of the protocol, which the report keeps too: colours follow it.
 *
 * @throws {HubProblem} STUDY_UNKNOWN, or what the hub answered
 */
export async function readStudy(client: HubClient, id: string): Promise<Study> {
  const { study: reply } = await client.query<{ study: StudyReply | null }>(STUDY_QUERY, { id });
  if (reply === null) {
    throw new HubProblem('STUDY_UNKNOWN', 'there is no such study', id, 'Check the address, or choose from the list.');
  }
  const study = studyOf(reply);
  if (study.protocolDigest === null) return study;
  const order = (await readProtocol(client, study))?.sites.map((site) => site.code) ?? [];
  const placeOf = (code: string) => (order.includes(code) ? order.indexOf(code) : order.length);
  return { ...study, sites: study.sites.toSorted((a, b) => placeOf(a.code) - placeOf(b.code)) };
}
