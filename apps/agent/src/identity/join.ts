import {
  isReplySigned,
  parseJoinToken,
  REPLY_SIGNATURE_HEADER,
  sealJoin,
  signBytes,
  type JoinReply,
  type JoinRequest,
} from '@concord/contracts';

import { AgentError, HubRefusal } from '../agent-errors.js';
import { hubAddress, readHubReply, unreachable } from '../hub/hub-client.js';
import { NoAnswerError, type HttpReply, type SendHttp } from '../hub/http-request.js';
import type { Ledger } from '../store/ledger.js';
import type { Traffic } from '../store/traffic.js';
import { readIdentity, siteKeys, writeIdentity, type SiteIdentity } from './site-identity.js';

/** The counter that the hub's signature covers in its answer to `join`, which has no counter of its own. */
const JOIN_COUNTER = 0;

export interface JoinSettings {
  readonly hubUrl: string;
  readonly token: string;
  readonly dataFolder: string;
  readonly agentVersion: string;
  readonly proxyUrl: string | null;
  readonly caFile: string | null;
}

/**
 * Joins a study: makes the site's key here, proves to the hub that it is held, and remembers the hub's keys, which came
 * with the token and not over the network.
 *
 * @throws {AgentError} ALREADY_JOINED, HUB_UNREACHABLE, HUB_REPLY_UNSIGNED, HUB_REPLY_INVALID
 * @throws {HubRefusal} TOKEN_USED, TOKEN_EXPIRED, TOKEN_UNKNOWN
 * @throws {ContractError} TOKEN_UNKNOWN if the text is not a token
 */
export async function join(
  settings: JoinSettings,
  send: SendHttp,
  traffic: Traffic,
  ledger: Ledger,
): Promise<SiteIdentity> {
  const { hubUrl, dataFolder } = settings;
  const known = readIdentity(dataFolder);
  if (known) {
    throw new AgentError(
      'ALREADY_JOINED',
      `this agent is already ${known.site} of study ${known.studyId}`,
      dataFolder,
      'Give the other study a data folder of its own with --data.',
    );
  }
  const token = parseJoinToken(settings.token);
  const keys = siteKeys(dataFolder);
  const request: JoinRequest = {
    format: 'concord.join/1',
    secret: token.secret,
    signKey: keys.publicKey,
    proof: Buffer.from(signBytes(keys, Buffer.from(token.secret))).toString('base64url'),
    agentVersion: settings.agentVersion,
  };
  const body = sealJoin(request, token.hubSealKey);
  const url = hubAddress(hubUrl, 'join');
  const reply = await counted(url, body, send, traffic);
  const signature = reply.headers[REPLY_SIGNATURE_HEADER];
  const isSigned =
    typeof signature === 'string' && isReplySigned(JOIN_COUNTER, reply.body, signature, token.hubSignKey);
  const json = readHubReply(reply, isSigned, url);
  if (json instanceof HubRefusal) throw json;
  const identity: SiteIdentity = {
    hubUrl,
    hubSignKey: token.hubSignKey,
    hubSealKey: token.hubSealKey,
    ...joinReplyOf(json),
    proxyUrl: settings.proxyUrl,
    caFile: settings.caFile,
  };
  writeIdentity(dataFolder, identity);
  ledger.append('joined', `study ${identity.studyId}`, {
    site: identity.site,
    hubUrl,
    hubSignKey: identity.hubSignKey,
    siteSignKey: keys.publicKey,
  });
  return identity;
}

async function counted(url: URL, body: Uint8Array, send: SendHttp, traffic: Traffic): Promise<HttpReply> {
  const counter = traffic.begin('join', body.length);
  try {
    const reply = await send(
      url,
      'POST',
      { 'content-type': 'application/octet-stream', accept: 'application/json' },
      body,
    );
    traffic.end(counter, 'answered');
    return reply;
  } catch (error) {
    const isSent = !(error instanceof NoAnswerError) || error.hasConnected;
    traffic.end(counter, isSent ? 'no answer' : 'not connected');
    throw unreachable(url, error instanceof NoAnswerError ? error.reason : 'unexpected', error);
  }
}

function joinReplyOf(json: unknown): JoinReply {
  const { studyId, studyTitle, site, siteName } = (json ?? {}) as Record<string, unknown>;
  const texts = [studyId, studyTitle, site, siteName];
  if (texts.every((text): text is string => typeof text === 'string' && text !== '')) {
    return { studyId: texts[0], studyTitle: texts[1], site: texts[2], siteName: texts[3] };
  }
  throw new AgentError(
    'HUB_REPLY_INVALID',
    'the hub does not say which site this is',
    'join',
    'Report this to the hub.',
  );
}
