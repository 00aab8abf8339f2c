// Jest runs tests in a realm of its own; native modules compare typed-array constructors by identity with the host's.
import { TestEnvironment } from 'jest-environment-node';

const SHARED_CONSTRUCTORS = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float32Array',
  'Float64Array',
];

export default class HostRealmEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED_CONSTRUCTORS) this.global[name] = globalThis[name];
  }
}
