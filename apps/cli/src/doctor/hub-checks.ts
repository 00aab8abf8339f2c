import { join } from 'node:path';

import { failed, ok, reasonOf, skipped, warning, type Check, type Outcome } from './check.js';
import { folderOutcome, localDiskOutcome, roomOutcome, secretsOutcome } from './folders.js';
import { pgClient, s3Client } from './hub-drivers.js';
import { portOutcome, reach } from './ports.js';
import type { HubSettings, S3Settings } from './settings.js';

const GIB = 1024 ** 3;
const PATIENCE_MS = 5000;
const NOT_HERE = skipped('no hub is set up here; --for hub checks as if there were');
/** The queue of jobs needs this version of PostgreSQL. */
const POSTGRESQL_NEEDED = 13;

/** What a hub needs where it runs. @param hub null: every check is skipped */
export function hubChecks(hub: HubSettings | null, installation: string): Check[] {
  const checks: [string, (hub: HubSettings) => Outcome | Promise<Outcome>][] = [
    ['hub-data', ({ dataFolder }) => folderOutcome(dataFolder)],
    ['hub-room', ({ dataFolder }) => roomOutcome(dataFolder, 2 * GIB)],
    ['hub-disk', (settings) => diskOutcome(settings)],
    ['hub-secrets', ({ dataFolder }) => secretsOutcome(secretsOf(dataFolder))],
    ['hub-port', ({ host, port }) => portOutcome(host, port, isHub)],
    ['database', ({ databaseUrl }) => databaseOutcome(databaseUrl, installation)],
    ['object-store', ({ s3 }) => objectStoreOutcome(s3, installation)],
  ];
  return checks.map(([id, run]) => ({ id, group: 'hub', run: () => (hub === null ? NOT_HERE : run(hub)) }));
}

function secretsOf(dataFolder: string): string[] {
  return ['hub-keys.json', 'coordinator.token', 'reviewer.token'].map((name) => join(dataFolder, name));
}

function diskOutcome({ dataFolder, databaseUrl }: HubSettings): Outcome {
  return databaseUrl === null ? localDiskOutcome(dataFolder) : skipped('the database is elsewhere');
}

/** Whether what answers there calls itself healthy in the hub's words. */
export async function isHub(url: URL): Promise<boolean> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(PATIENCE_MS) });
    return ((await response.json()) as { status?: unknown }).status === 'ok';
  } catch {
    return false; // not a hub: the caller says so
  }
}

export async function databaseOutcome(databaseUrl: string | null, installation: string): Promise<Outcome> {
  if (databaseUrl === null) {
    return skipped(
      'CONCORD_DATABASE_URL is not set: the embedded database, which survives a crash but not a power cut',
    );
  }
  const client = pgClient(installation, databaseUrl, PATIENCE_MS);
  try {
    await client.connect();
    const { rows } = await client.query<DatabaseFacts>(FACTS);
    const [facts] = rows;
    return facts === undefined ? failed('PostgreSQL does not answer', 'Look at its log.') : factsOutcome(facts);
  } catch (error) {
    return failed(`PostgreSQL does not let Concord in (${reasonOf(error)})`, databaseFix(reasonOf(error)));
  } finally {
    await client.end().catch(() => undefined); // it may never have been open
  }
}

export interface DatabaseFacts {
  readonly version: number;
  readonly mayCreate: boolean;
  readonly connections: number;
}

const FACTS = `
  SELECT current_setting('server_version_num')::int / 10000 AS version,
         has_schema_privilege(current_schema(), 'CREATE') AND has_database_privilege(current_database(), 'CREATE')
           AS "mayCreate",
         current_setting('max_connections')::int AS connections`;

export function factsOutcome({ version, mayCreate, connections }: DatabaseFacts): Outcome {
  const what = `PostgreSQL ${version}, ${connections} connections`;
  if (version < POSTGRESQL_NEEDED) return failed(`${what}: too old`, `Use PostgreSQL ${POSTGRESQL_NEEDED} or newer.`);
  if (!mayCreate) {
    return failed(`${what}: its user may not make tables and schemas`, 'Make that user the owner of the database.');
  }
  return connections < 40 ? warning(what, 'Hub and each worker take 15: raise max_connections.') : ok(what);
}

/** By PostgreSQL's own codes and the system's. */
export function databaseFix(reason: string): string {
  switch (reason) {
    case '28P01':
    case '28000':
      return 'User or password of CONCORD_DATABASE_URL is wrong, or pg_hba.conf does not admit this machine.';
    case '3D000':
      return 'Make the database that CONCORD_DATABASE_URL names: createdb NAME.';
    case 'ECONNREFUSED':
      return 'Start PostgreSQL, or correct host and port in CONCORD_DATABASE_URL.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Correct the host in CONCORD_DATABASE_URL: no machine has that name.';
    default:
      return 'Try the same address with psql from this machine; look at firewall and PostgreSQL’s log.';
  }
}

export async function objectStoreOutcome(s3: S3Settings | null, installation: string): Promise<Outcome> {
  if (s3 === null) return skipped('CONCORD_S3_ENDPOINT is not set: objects lie in the hub’s folder');
  if (!URL.canParse(s3.endpoint))
    return failed('CONCORD_S3_ENDPOINT is no address', 'Give one like https://s3.example.');
  const { hostname, port, protocol } = new URL(s3.endpoint);
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  try {
    await reach(hostname, number, PATIENCE_MS);
  } catch (error) {
    return failed(`the object store does not answer (${reasonOf(error)})`, 'Start it, or correct CONCORD_S3_ENDPOINT.');
  }
  const { accessKey, secretKey, region, bucket } = s3;
  const client = s3Client(installation, {
    endPoint: hostname,
    port: number,
    useSSL: protocol === 'https:',
    pathStyle: true,
    retryOptions: { disableRetry: true },
    accessKey,
    secretKey,
    region,
  });
  try {
    const isThere = await client.bucketExists(bucket);
    return ok(isThere ? `bucket ${bucket} is there` : `the store lets Concord in; bucket ${bucket} will be made`);
  } catch (error) {
    return failed(
      `the object store does not let Concord in (${reasonOf(error)})`,
      'Correct CONCORD_S3_ACCESS_KEY, _SECRET_KEY and _REGION; a clock that is wrong is refused as well.',
    );
  }
}
