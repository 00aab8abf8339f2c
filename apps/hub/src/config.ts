import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { HubError } from './errors/hub-error.js';

export interface S3Settings {
  readonly endpoint: URL;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly region: string;
}

/** All that the hub takes from its environment; `.env.example` lists the variables. */
export interface HubConfig {
  readonly dataFolder: string;
  readonly host: string;
  /** 0: any free port; the one taken is printed. */
  readonly port: number;
  /** PostgreSQL; null: PGlite in the data folder. */
  readonly databaseUrl: string | null;
  /** Null: a folder in the data folder. */
  readonly s3: S3Settings | null;
  readonly worker: 'inside' | 'separate';
  /** The built web page, or null where there is none. */
  readonly webFolder: string | null;
  readonly isProduction: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_WEB_FOLDER = resolve(import.meta.dirname, '../../web/dist');

/** @throws {HubError} CONFIG_INVALID naming every variable that is wrong, all at once */
export function readConfig(environment: Environment = process.env): HubConfig {
  const problems: string[] = [];
  const text = (name: string): string | null => environment[name]?.trim() || null;
  const databaseUrl = text('CONCORD_DATABASE_URL');
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    problems.push('CONCORD_DATABASE_URL must begin with postgresql://');
  }
  const config: HubConfig = {
    dataFolder: resolve(text('CONCORD_HUB_DATA') ?? 'concord-hub'),
    host: text('CONCORD_HUB_HOST') ?? '127.0.0.1',
    port: readPort(text('CONCORD_HUB_PORT'), problems),
    databaseUrl,
    s3: readS3(text, problems),
    worker: readWorker(text('CONCORD_HUB_WORKER'), databaseUrl, problems),
    webFolder: readWebFolder(text('CONCORD_WEB_DIST'), problems),
    isProduction: text('NODE_ENV') === 'production',
  };
  if (problems.length > 0) {
    throw new HubError('CONFIG_INVALID', problems.join('; '), 'environment', 'See .env.example for every variable.');
  }
  return config;
}

function readPort(value: string | null, problems: string[]): number {
  if (value === null) return 8640;
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) problems.push('CONCORD_HUB_PORT must be a whole number from 0 to 65535');
  return port;
}

function readWorker(value: string | null, databaseUrl: string | null, problems: string[]): HubConfig['worker'] {
  if (value === null || value === 'inside') return 'inside';
  if (value !== 'separate') problems.push('CONCORD_HUB_WORKER must be inside or separate');
  else if (databaseUrl === null) {
    problems.push('CONCORD_HUB_WORKER=separate needs PostgreSQL: set CONCORD_DATABASE_URL as well');
  }
  return 'separate';
}

function readS3(text: (name: string) => string | null, problems: string[]): S3Settings | null {
  const names = ['ENDPOINT', 'ACCESS_KEY', 'SECRET_KEY', 'BUCKET', 'REGION'] as const;
  const [endpoint, accessKey, secretKey, bucket, region] = names.map((name) => text(`CONCORD_S3_${name}`));
  if (endpoint === null) {
    const given = names.filter((name) => text(`CONCORD_S3_${name}`) !== null);
    if (given.length > 0) problems.push(`CONCORD_S3_ENDPOINT is missing, but CONCORD_S3_${given[0]} is set`);
    return null;
  }
  if (accessKey === null) problems.push('CONCORD_S3_ACCESS_KEY is missing');
  if (secretKey === null) problems.push('CONCORD_S3_SECRET_KEY is missing');
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    problems.push('CONCORD_S3_ENDPOINT must be an http or https address');
    return null;
  }
  return {
    endpoint: url,
    accessKey: accessKey ?? '',
    secretKey: secretKey ?? '',
    bucket: bucket ?? 'concord',
    region: region ?? 'us-east-1',
  };
}

function readWebFolder(value: string | null, problems: string[]): string | null {
  const folder = value === null ? DEFAULT_WEB_FOLDER : resolve(value);
  if (existsSync(join(folder, 'index.html'))) return folder;
  if (value !== null) problems.push('CONCORD_WEB_DIST holds no index.html');
  return null;
}
