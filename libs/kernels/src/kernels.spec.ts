import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createKernels, KernelMemoryError } from './index.js';
import { WASM_SOURCES } from './wasm/index.js';

describe('compiled modules', () => {
  it.each(Object.entries(WASM_SOURCES))('%s was compiled from the source beside it', (name, digest) => {
    const sources = new URL('../as/', import.meta.url);
    const parts = readdirSync(sources)
      .sort()
      .filter((file) => file.startsWith('_'));
    const hash = createHash('sha256');
    for (const file of [`${name}.ts`, ...parts]) hash.update(readFileSync(new URL(file, sources)));
    expect(digest).toBe(hash.digest('hex'));
  });
});

describe.each(['wasm', 'typescript'] as const)('%s kernels', (kind) => {
  it('hand out zeroed arrays, again after a scope', () => {
    const { arena } = createKernels({ kind });
    for (let round = 0; round < 2; round++) {
      arena.scope(() => {
        const [bytes, numbers] = [arena.u8(5), arena.f64(100_000)];
        expect([...bytes, ...numbers].every((value) => value === 0)).toBe(true);
        bytes.fill(7);
        numbers.fill(7);
      });
    }
  });

  it('copy an array into reach once', () => {
    const { arena } = createKernels({ kind });
    const there = arena.copy(Float64Array.of(1, 2, 3));
    arena.f64(1_000_000); // grows the memory
    expect([...arena.copy(there)]).toEqual([1, 2, 3]);
    expect(arena.copy(there.subarray(1)).byteOffset).toBe(there.subarray(1).byteOffset);
  });

  it('refuse what is no length', () => {
    const { arena } = createKernels({ kind: 'wasm' });
    expect(() => arena.f64(2 ** 30)).toThrow(KernelMemoryError);
    expect(() => arena.f64(-1)).toThrow(KernelMemoryError);
  });
});

describe('run', () => {
  const counted = (threads: number): number[][] => {
    const kernels = createKernels({ kind: 'wasm', threads });
    const side = 60;
    const ranks = kernels.arena.u16(side ** 3);
    const offsets = kernels.arena.copy(Int32Array.of(1, 2, 3));
    for (let n = 0; n < ranks.length; n++) ranks[n] = 1 + ((n * 7919) % 16);
    const results: number[][] = [];
    for (let repeat = 0; repeat < 6; repeat++) {
      kernels.arena.scope(() => {
        const counts = Array.from({ length: 700 }, () => kernels.arena.u32(17 * 17));
        kernels.run(
          counts.map((array, n) => {
            const span = kernels.arena.copy(Int32Array.of(0, n * 7));
            return kernels.call('texture', 'pairs', ranks, span, 1, offsets.subarray(n % 3), 1, 16, array);
          }),
        );
        results.push(counts.flatMap((array) => [...array]));
      });
    }
    kernels.close();
    return results;
  };

  it('gives the same on one and on three threads, in more calls than one list holds', () => {
    const alone = counted(1);
    expect(counted(3)).toEqual(alone);
    expect(alone[0].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });

  it('lets this thread run other calls between start and finish', () => {
    const kernels = createKernels({ kind: 'wasm', threads: 2 });
    const { arena } = kernels;
    const ranks = arena.u16(1000).fill(1);
    const [spans, offsets] = [arena.copy(Int32Array.of(1, 900)), arena.copy(Int32Array.of(1))];
    const counts = Array.from({ length: 400 }, () => arena.u32(4));
    const calls = counts.map((to) => kernels.call('texture', 'pairs', ranks, spans, 1, offsets, 1, 1, to));
    const finish = kernels.start(calls.slice(0, 380));
    kernels.run(calls.slice(380));
    expect(counts.slice(380).every((one) => one[3] === 900)).toBe(true);
    finish();
    expect(counts.every((one) => one[3] === 900)).toBe(true);
    kernels.run(calls);
    expect(counts.every((one) => one[3] === 1800)).toBe(true);
    kernels.close();
  });

  it('refuses an array that kernels cannot reach', () => {
    const kernels = createKernels({ kind: 'wasm' });
    const [ranks, numbers] = [new Uint16Array(8), new Int32Array(2)];
    const call = () => kernels.now('texture', 'pairs', ranks, numbers, 1, numbers, 1, 1, new Uint32Array(4));
    expect(call).toThrow(KernelMemoryError);
  });
});
