import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { sha256, type Digest } from '@concord/contracts';
import { Client, S3Error } from 'minio';

import type { S3Settings } from '../config.js';
import { HubError } from '../errors/hub-error.js';
import { ObjectMissingError, ObjectStore, digestGate, verified } from './object.store.js';

const PROBE = Buffer.from('concord: may this store be trusted with conditional writes?');

/** Objects in a bucket of any S3 server that honours `If-None-Match: *`. */
export class MinioObjectStore extends ObjectStore {
  private constructor(
    private readonly client: Client,
    private readonly settings: S3Settings,
  ) {
    super();
  }

  /**
   * Makes the bucket if it is absent, and tries the server.
   *
   * @throws {HubError} OBJECT_STORE_UNFIT if it overwrites what is there, or refuses these keys
   */
  static async open(settings: S3Settings): Promise<MinioObjectStore> {
    const { endpoint, accessKey, secretKey, bucket, region } = settings;
    const isHttps = endpoint.protocol === 'https:';
    const client = new Client({
      endPoint: endpoint.hostname,
      port: endpoint.port === '' ? (isHttps ? 443 : 80) : Number(endpoint.port),
      useSSL: isHttps,
      accessKey,
      secretKey,
      region,
      pathStyle: true,
      retryOptions: { disableRetry: true }, // its retry would send a consumed stream again
    });
    const store = new MinioObjectStore(client, settings);
    try {
      if (!(await client.bucketExists(bucket))) await client.makeBucket(bucket, region);
    } catch (error) {
      if (!isS3(error, 'BucketAlreadyOwnedByYou')) throw unfit('it does not let Concord in', endpoint, error);
    }
    await store.probe();
    return store;
  }

  async putStream(expected: Digest, byteCount: number, source: Readable): Promise<void> {
    await this.write(expected, byteCount, source);
  }

  async get(digest: Digest): Promise<Uint8Array> {
    try {
      return verified(digest, await buffer(await this.client.getObject(this.settings.bucket, digest)));
    } catch (error) {
      if (isS3(error, 'NoSuchKey')) throw new ObjectMissingError(digest, { cause: error });
      throw error;
    }
  }

  async has(digest: Digest): Promise<boolean> {
    try {
      await this.client.statObject(this.settings.bucket, digest);
      return true;
    } catch (error) {
      if (isS3(error, 'NotFound') || isS3(error, 'NoSuchKey')) return false;
      throw error;
    }
  }

  async check(): Promise<void> {
    if (!(await this.client.bucketExists(this.settings.bucket))) {
      throw unfit(`bucket ${this.settings.bucket} is gone`, this.settings.endpoint);
    }
  }

  /** A second conditional write must be refused: some servers ignore the condition and overwrite. */
  private async probe(): Promise<void> {
    const put = () => this.write(sha256(PROBE), PROBE.length, new PassThrough().end(PROBE));
    await put();
    if ((await put()) !== 'already there') throw unfit('it overwrites what is there', this.settings.endpoint);
  }

  // Not putObject: above 64 MB it goes multipart and silently drops the condition.
  private async write(digest: Digest, byteCount: number, source: Readable): Promise<'written' | 'already there'> {
    const { bucket, endpoint, region } = this.settings;
    const gate = digestGate(digest, byteCount);
    const body = new PassThrough();
    const request = this.client.makeRequestStreamAsync(
      {
        method: 'PUT',
        bucketName: bucket,
        objectName: digest,
        headers: { 'content-length': String(byteCount), 'if-none-match': '*' },
      },
      body,
      endpoint.protocol === 'https:' ? '' : digest, // over http the server checks the body against it
      [200],
      region,
    );
    const [passed, answered] = await Promise.allSettled([pipeline(source, gate, body), request]);
    if (answered.status === 'fulfilled') answered.value.resume();
    if (answered.status === 'rejected' && isS3(answered.reason, 'PreconditionFailed')) return 'already there';
    if (passed.status === 'rejected') throw passed.reason;
    if (answered.status === 'rejected') throw answered.reason;
    return 'written';
  }
}

function isS3(error: unknown, code: string): boolean {
  return error instanceof S3Error && error.code === code;
}

function unfit(what: string, endpoint: URL, cause?: unknown): HubError {
  return new HubError(
    'OBJECT_STORE_UNFIT',
    `the object store cannot be used: ${what}`,
    endpoint.origin,
    'Check CONCORD_S3_… and use an S3 server that honours If-None-Match.',
    { cause },
  );
}
