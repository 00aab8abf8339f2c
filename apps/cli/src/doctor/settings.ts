import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { settingOf, type Environment } from '../config.js';

/** What the doctor looks at: the settings of hub and agent as they would read them, and the hub a site speaks to. */
export interface DoctorSettings {
  /** Null where no hub is set up here. */
  readonly hub: HubSettings | null;
  readonly agent: AgentSettings | null;
  /** The hub to reach, and the way there. */
  readonly remote: RemoteSettings | null;
}

export interface HubSettings {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: string;
  readonly databaseUrl: string | null;
  readonly s3: S3Settings | null;
}

export interface S3Settings {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly region: string;
}

export interface AgentSettings {
  readonly dataFolder: string;
  readonly source: string | null;
  readonly clinicalFile: string | null;
  readonly pseudonymKeyFile: string;
  readonly pagePort: string;
}

export interface RemoteSettings {
  readonly url: string;
  /** Where the address is from, for people. */
  readonly from: string;
  readonly proxyUrl: string | null;
  readonly noProxy: string | null;
  readonly caFile: string | null;
}

export interface DoctorFlags {
  readonly hub?: string;
  readonly data?: string;
  readonly for?: 'hub' | 'agent' | 'all';
  readonly proxy?: string;
  readonly ca?: string;
}

const HUB_VARIABLES = ['CONCORD_HUB_DATA', 'CONCORD_HUB_PORT', 'CONCORD_DATABASE_URL', 'CONCORD_S3_ENDPOINT'];
const AGENT_VARIABLES = ['CONCORD_AGENT_DATA', 'CONCORD_AGENT_SOURCE', 'CONCORD_AGENT_CLINICAL'];

/** @param folder the working folder, in which both have their default data folders */
export function doctorSettings(flags: DoctorFlags, environment: Environment, folder: string): DoctorSettings {
  const get = (name: string) => settingOf(environment, name);
  const hubData = resolve(folder, get('CONCORD_HUB_DATA') ?? 'concord-hub');
  const agentData = resolve(folder, flags.data ?? get('CONCORD_AGENT_DATA') ?? 'concord-agent');
  const isHub = HUB_VARIABLES.some((name) => get(name) !== null) || existsSync(hubData);
  const isAgent =
    flags.data !== undefined || AGENT_VARIABLES.some((name) => get(name) !== null) || existsSync(agentData);
  const wanted = (who: 'hub' | 'agent', isSetUp: boolean) =>
    flags.for === undefined ? isSetUp : flags.for === 'all' || flags.for === who;
  return {
    hub: wanted('hub', isHub) ? hubSettings(get, hubData) : null,
    agent: wanted('agent', isAgent) ? agentSettings(get, agentData, folder) : null,
    remote: remoteSettings(flags, get, agentData),
  };
}

type Get = (name: string) => string | null;

function hubSettings(get: Get, dataFolder: string): HubSettings {
  const endpoint = get('CONCORD_S3_ENDPOINT');
  return {
    dataFolder,
    host: get('CONCORD_HUB_HOST') ?? '127.0.0.1',
    port: get('CONCORD_HUB_PORT') ?? '8640',
    databaseUrl: get('CONCORD_DATABASE_URL'),
    s3:
      endpoint === null
        ? null
        : {
            endpoint,
            accessKey: get('CONCORD_S3_ACCESS_KEY') ?? '',
            secretKey: get('CONCORD_S3_SECRET_KEY') ?? '',
            bucket: get('CONCORD_S3_BUCKET') ?? 'concord',
            region: get('CONCORD_S3_REGION') ?? 'us-east-1',
          },
  };
}

function agentSettings(get: Get, dataFolder: string, folder: string): AgentSettings {
  const clinical = get('CONCORD_AGENT_CLINICAL');
  return {
    dataFolder,
    source: get('CONCORD_AGENT_SOURCE'),
    clinicalFile: clinical === null ? null : resolve(folder, clinical),
    pseudonymKeyFile: resolve(folder, get('CONCORD_AGENT_PSEUDONYM_KEY_FILE') ?? join(dataFolder, 'pseudonym.key')),
    pagePort: get('CONCORD_AGENT_PAGE_PORT') ?? '8641',
  };
}

function remoteSettings(flags: DoctorFlags, get: Get, agentData: string): RemoteSettings | null {
  const joined = readJoined(agentData);
  const [url, from] =
    flags.hub !== undefined
      ? [flags.hub, '--hub']
      : joined !== null
        ? [joined.hubUrl, 'the study this agent joined']
        : [get('CONCORD_HUB_URL'), 'CONCORD_HUB_URL'];
  if (url === null) return null;
  return {
    url,
    from,
    proxyUrl: flags.proxy ?? joined?.proxyUrl ?? get('HTTPS_PROXY') ?? get('https_proxy'),
    noProxy: get('NO_PROXY') ?? get('no_proxy'),
    caFile: flags.ca ?? joined?.caFile ?? get('CONCORD_AGENT_CA'),
  };
}

interface Joined {
  readonly hubUrl: string;
  readonly proxyUrl?: string | null;
  readonly caFile?: string | null;
}

/** What `concord agent join` remembered; null where no agent joined, or another user may not read it. */
export function readJoined(agentData: string): Joined | null {
  try {
    const joined = JSON.parse(readFileSync(join(agentData, 'site.json'), 'utf8')) as Partial<Joined> | null;
    return typeof joined?.hubUrl === 'string' ? (joined as Joined) : null;
  } catch {
    return null; // the check `agent-joined` says why
  }
}
