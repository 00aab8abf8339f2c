import { resolve } from 'node:path';

import { readConfig } from './config.js';

describe('readConfig', () => {
  it('has defaults for everything: PGlite, a folder, the worker inside', () => {
    expect(readConfig({})).toMatchObject({
      dataFolder: resolve('concord-hub'),
      host: '127.0.0.1',
      port: 8640,
      databaseUrl: null,
      s3: null,
      worker: 'inside',
      isProduction: false,
    });
  });

  it('reads PostgreSQL, S3 and a separate worker', () => {
    const config = readConfig({
      CONCORD_HUB_PORT: '0',
      CONCORD_DATABASE_URL: 'postgresql://hub@db/concord',
      CONCORD_S3_ENDPOINT: 'https://s3.example.org',
      CONCORD_S3_ACCESS_KEY: 'key',
      CONCORD_S3_SECRET_KEY: 'secret',
      CONCORD_HUB_WORKER: 'separate',
      NODE_ENV: 'production',
    });
    expect(config).toMatchObject({ port: 0, worker: 'separate', isProduction: true });
    expect(config.s3).toMatchObject({ bucket: 'concord', region: 'us-east-1' });
  });

  it('names every problem at once', () => {
    const environment = {
      CONCORD_HUB_PORT: '70000',
      CONCORD_DATABASE_URL: 'mysql://x',
      CONCORD_S3_ENDPOINT: 'ftp://x',
      CONCORD_HUB_WORKER: 'elsewhere',
      CONCORD_WEB_DIST: '/does/not/exist',
    };
    for (const name of [...Object.keys(environment), 'CONCORD_S3_ACCESS_KEY', 'CONCORD_S3_SECRET_KEY']) {
      expect(() => readConfig(environment)).toThrow(name);
    }
  });

  it('refuses a separate worker on the embedded database, and S3 keys without a server', () => {
    expect(() => readConfig({ CONCORD_HUB_WORKER: 'separate' })).toThrow('needs PostgreSQL');
    expect(() => readConfig({ CONCORD_S3_BUCKET: 'b' })).toThrow('CONCORD_S3_ENDPOINT is missing');
  });
});
