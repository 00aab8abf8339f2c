import { invariant } from '@concord/errors';

/** Bytes at the start of the memory that the crew's list of calls takes. */
export const CONTROL_BYTES = 65536;

/** A call as the crew reads it: places in the lists of modules and of a module's functions, then plain numbers. */
export interface CrewCall {
  readonly module: number;
  readonly name: number;
  readonly args: readonly number[];
}

// Layout: five Int32 (round, next call, number of calls, calls done, calls that trapped), then from CALLS_AT one record a call:
// module, name, number of arguments, arguments, each a double.
const [ROUND, NEXT, COUNT, DONE, TRAPPED] = [0, 1, 2, 3, 4];
const CALLS_AT = 64;
const MAX_ARGS = 20;
const RECORD = 3 + MAX_ARGS;
const MAX_CALLS = Math.floor((CONTROL_BYTES - CALLS_AT) / 8 / RECORD);

/**
 * Puts calls before the crew, which begins at once.
 *
 * @returns works with the crew until all are done; nothing else may be put before it until then
 */
export function postCalls(
  memory: SharedArrayBuffer,
  calls: readonly CrewCall[],
  own: (call: CrewCall) => void,
): () => void {
  const control = new Int32Array(memory, 0, 16);
  const batches: CrewCall[][] = [];
  for (let first = 0; first < calls.length; first += MAX_CALLS) batches.push(calls.slice(first, first + MAX_CALLS));
  if (batches.length > 0) postBatch(memory, control, batches[0]);
  return () => {
    batches.forEach((batch, n) => {
      if (n > 0) postBatch(memory, control, batch);
      joinBatch(control, batch, own);
    });
  };
}

function postBatch(memory: SharedArrayBuffer, control: Int32Array, batch: readonly CrewCall[]): void {
  const records = new Float64Array(memory, CALLS_AT, MAX_CALLS * RECORD);
  batch.forEach(({ module, name, args }, n) => records.set([module, name, args.length, ...args], n * RECORD));
  Atomics.store(control, DONE, 0);
  Atomics.store(control, COUNT, batch.length);
  Atomics.store(control, NEXT, 0); // from here on a thread still awake may begin
  Atomics.add(control, ROUND, 1);
  Atomics.notify(control, ROUND);
}

function joinBatch(control: Int32Array, batch: readonly CrewCall[], own: (call: CrewCall) => void): void {
  for (let n = Atomics.add(control, NEXT, 1); n < batch.length; n = Atomics.add(control, NEXT, 1)) {
    own(batch[n]);
    Atomics.add(control, DONE, 1);
  }
  for (let done = Atomics.load(control, DONE); done < batch.length; done = Atomics.load(control, DONE)) {
    Atomics.wait(control, DONE, done);
  }
  invariant(Atomics.load(control, TRAPPED) === 0, 'a kernel read or wrote outside the memory');
  // Nobody may take a number while the next list is being written.
  Atomics.store(control, NEXT, MAX_CALLS);
}

/** What each thread of the crew runs; text, so that it needs no file of its own wherever the code was built. */
export const CREW_SOURCE = `
const { workerData: { memory, modules } } = require('node:worker_threads');
const functions = modules.map((module) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return Object.values(exports).filter((value) => typeof value === 'function');
});
const control = new Int32Array(memory.buffer, 0, 16);
const records = new Float64Array(memory.buffer, ${CALLS_AT}, ${MAX_CALLS * RECORD});
for (let round = 0; ; ) {
  for (;;) {
    if (Atomics.load(control, ${NEXT}) >= Atomics.load(control, ${COUNT})) break;
    const n = Atomics.add(control, ${NEXT}, 1);
    if (n >= Atomics.load(control, ${COUNT})) break;
    const at = n * ${RECORD};
    try {
      functions[records[at]][records[at + 1]](...records.subarray(at + 3, at + 3 + records[at + 2]));
    } catch {
      Atomics.add(control, ${TRAPPED}, 1);
    }
    Atomics.add(control, ${DONE}, 1);
    Atomics.notify(control, ${DONE});
  }
  const seen = Atomics.load(control, ${ROUND});
  if (seen === round) Atomics.wait(control, ${ROUND}, round);
  round = Atomics.load(control, ${ROUND});
}
`;
