import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The parts used here of the hub's own database driver, `pg`. */
export interface PgClient {
  connect(): Promise<void>;
  query<T>(text: string): Promise<{ rows: T[] }>;
  end(): Promise<void>;
}

/** The parts used here of the hub's own client of object stores, `minio`. */
export interface S3Client {
  bucketExists(bucket: string): Promise<boolean>;
}

/**
 * The hub's drivers, taken from its own dependencies: the doctor goes the way that the hub will go, and the command line
 * itself depends on neither.
 */
export function pgClient(installation: string, connectionString: string, patienceMs: number): PgClient {
  const { Client } = hubRequire(installation)('pg') as { Client: new (options: object) => PgClient };
  return new Client({ connectionString, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs });
}

export function s3Client(installation: string, options: object): S3Client {
  const { Client } = hubRequire(installation)('minio') as { Client: new (options: object) => S3Client };
  return new Client(options);
}

function hubRequire(installation: string): (name: string) => unknown {
  return createRequire(join(installation, 'apps', 'hub', 'package.json'));
}
