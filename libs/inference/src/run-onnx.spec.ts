import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, fitElasticNetLogistic, logisticToOnnx, onnxFeatures, predictLogistic } from '@concord/models';
import { runInChild } from './child-process.js';
import { InferenceFailedError, InferenceMemoryError, InferenceRefusedError, InferenceTimeoutError } from './errors.js';
import { runOnnx } from './run-onnx.js';

// ONNX by hand, so that the models under attack are not made by the code under test.
const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
const int = (field: number, value: number | bigint) =>
  Uint8Array.from([...varint(BigInt(field * 8)), ...varint(BigInt(value))]);
const bytes = (field: number, content: string | Uint8Array[]) => {
  const body = typeof content === 'string' ? Buffer.from(content) : Buffer.concat(content);
  return Uint8Array.from([...varint(BigInt(field * 8 + 2)), ...varint(BigInt(body.length)), ...body]);
};
const int64 = (value: bigint) => bytes(9, [new Uint8Array(BigInt64Array.of(value).buffer)]);
const port = (field: number, name: string, element: number, ...dims: number[]) =>
  bytes(field, [
    bytes(1, name),
    bytes(2, [
      bytes(1, [
        int(1, element),
        bytes(
          2,
          dims.map((dim) => bytes(1, [int(1, dim)])),
        ),
      ]),
    ]),
  ]);
const node = (operator: string, inputs: string[], outputs: string[], ...attributes: Uint8Array[]) =>
  bytes(1, [
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, operator),
    ...attributes,
  ]);
const constant = (name: string, element: number, dims: number[], ...data: Uint8Array[]) =>
  bytes(5, [...dims.map((dim) => int(1, dim)), int(2, element), bytes(8, name), ...data]);
const onnx = (...graph: Uint8Array[]) =>
  Buffer.concat([int(1, 8), bytes(7, [bytes(2, 'g'), ...graph]), bytes(8, [int(2, 13)])]);

const FLOAT = 1;
const UINT8 = 2;
const INT64 = 7;
const BOOL = 9;
const bomb = onnx(
  node('ConstantOfShape', ['shape'], ['y']),
  constant('shape', INT64, [1], int64(2n ** 30n)),
  port(11, 'x', FLOAT, 2),
  port(12, 'y', FLOAT, 2 ** 30),
);
const endless = onnx(
  node(
    'Loop',
    ['trips', 'go', 'x'],
    ['y'],
    bytes(5, [
      bytes(1, 'body'),
      int(20, 5),
      bytes(6, [
        node('Identity', ['c'], ['d']),
        node('Identity', ['v'], ['w']),
        bytes(2, 'body'),
        port(11, 'i', INT64),
        port(11, 'c', BOOL),
        port(11, 'v', FLOAT, 2),
        port(12, 'd', BOOL),
        port(12, 'w', FLOAT, 2),
      ]),
    ]),
  ),
  constant('trips', INT64, [], int64(2n ** 62n)),
  constant('go', BOOL, [], bytes(9, [Uint8Array.of(1)])),
  port(11, 'x', FLOAT, 2),
  port(12, 'y', FLOAT, 2),
);
const reader = (location: string) =>
  onnx(
    node('Reshape', ['secret', 'shape'], ['y']),
    constant('secret', UINT8, [8], int(14, 1), bytes(13, [bytes(1, 'location'), bytes(2, location)])),
    constant('shape', INT64, [1], int64(8n)),
    port(11, 'x', FLOAT, 2),
    port(12, 'y', UINT8, 8),
  );
const harmless = onnx(node('Relu', ['x'], ['y']), port(11, 'x', FLOAT, 2), port(12, 'y', FLOAT, 2));

let workFolder: string;
beforeEach(() => {
  workFolder = mkdtempSync(join(tmpdir(), 'concord-onnx-'));
});
afterEach(() => rmSync(workFolder, { recursive: true }));

const request = (model: Uint8Array) => ({
  model,
  expectedDigest: digestOf(model),
  input: { name: 'x', data: Float32Array.of(-1, 2), dims: [2] },
  deadlineMs: 10_000,
  memoryLimitKiB: 2_000_000,
  workFolder,
});
const unguarded = (model: Uint8Array, deadlineMs = 10_000) =>
  runInChild({
    ...request(model),
    deadlineMs,
    input: { name: 'x', type: 'float32', data: Float32Array.of(0, 0), dims: [2] },
  });

describe('runOnnx', () => {
  const rows = 40;
  const wave = (i: number, j: number) => 1e3 * Math.cos(7 * i * (j + 1) + j) + 500 * j;
  const features = Array.from({ length: 30 }, (_, j) => ({
    name: `f${j}`,
    values: Float64Array.from({ length: rows }, (_value, i) => wave(i, j)),
  }));
  const outcome = Uint8Array.from({ length: rows }, (_, i) => Number(wave(i, 0) + 0.6 * wave(i, 5) - 1500 > 0));
  const folds = Int32Array.from({ length: rows }, (_, i) => i % 4);
  const { model } = fitElasticNetLogistic({ features, outcome, alpha: 0.2, folds });
  const file = logisticToOnnx(model);
  const used = onnxFeatures(model).map((name) => features.find((feature) => feature.name === name)!.values);
  const data = Float64Array.from(
    { length: rows * used.length },
    (_, k) => used[k % used.length][Math.floor(k / used.length)],
  );

  it('gives the risks of the fitted model, in double', async () => {
    expect(used.length).toBeGreaterThan(3);
    const input = { name: 'features', data, dims: [rows, used.length] };
    const risks = await runOnnx({ ...request(file), input });
    const expected = predictLogistic(model, features);
    expect(risks).toHaveLength(rows);
    // Sums of at most 30 products in another order: a few units in the last place.
    risks.forEach((risk, i) => expect(Math.abs(risk - expected[i])).toBeLessThan(1e-12));
  });

  it('runs a model in float32', async () => {
    expect([...(await runOnnx(request(harmless)))]).toEqual([0, 2]);
  });

  it('refuses another digest, a folder that is not empty and wrong inputs before starting a process', async () => {
    await expect(runOnnx({ ...request(harmless), expectedDigest: digestOf(file) })).rejects.toThrow(/not the locked/);
    const input = { name: 'x', data: Float32Array.of(1, 2), dims: [2] };
    const wrong = [
      { ...input, name: 'z' },
      { ...input, dims: [1] },
      { ...input, data: Float64Array.of(1, 2) },
      { ...input, data: Float32Array.of(1, NaN) },
    ];
    for (const bad of wrong)
      await expect(runOnnx({ ...request(harmless), input: bad })).rejects.toThrow(InferenceRefusedError);
    writeFileSync(join(workFolder, '.env'), 'SECRET=1');
    await expect(runOnnx(request(harmless))).rejects.toThrow(/not empty/);
  });

  it.each([
    ['external data', reader('.env'), /another file/],
    ['an endless loop', endless, /Loop/],
    ['an allocation bomb', bomb, /ConstantOfShape/],
    ['a cut file', harmless.subarray(0, harmless.length - 20), /protobuf|does not run/],
  ])('refuses %s by reading it', async (_, hostile, reason) => {
    await expect(runOnnx(request(hostile))).rejects.toThrow(reason);
  });

  it('says that the runtime refused a file which is well formed and makes no sense', async () => {
    const nonsense = onnx(node('And', ['x', 'x'], ['y']), port(11, 'x', FLOAT, 2), port(12, 'y', FLOAT, 2));
    await expect(runOnnx(request(nonsense))).rejects.toThrow(InferenceFailedError);
  });
});

// The second wall: what the process itself withstands, should the reader ever let such a file pass.
describe('the inference process', () => {
  const posix = process.platform === 'win32' ? it.skip : it;

  it('is killed at its deadline when a model never ends', async () => {
    const start = performance.now();
    await expect(unguarded(endless, 1500)).rejects.toThrow(InferenceTimeoutError);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  posix('reports out of memory instead of taking the machine with it', async () => {
    await expect(unguarded(bomb)).rejects.toThrow(InferenceMemoryError);
  });

  it('reads a file of its working directory, which is why that must be empty', async () => {
    writeFileSync(join(workFolder, 'secret'), 'SECRET=8');
    const leaked = Uint8Array.from((await unguarded(reader('secret'))).values, Number);
    expect(Buffer.from(leaked).toString()).toBe('SECRET=8');
  });

  it('cannot read a file of its parent’s working directory by name, nor above its folder', async () => {
    const inside = mkdirSync(join(workFolder, 'empty'), { recursive: true })!;
    writeFileSync(join(workFolder, 'secret'), 'SECRET=8');
    expect(existsSync('package.json')).toBe(true);
    for (const location of ['package.json', '../secret', join(workFolder, 'secret')]) {
      const run = { ...request(reader(location)), workFolder: inside };
      const input = { name: 'x', type: 'float32' as const, data: Float32Array.of(0, 0), dims: [2] };
      await expect(runInChild({ ...run, input })).rejects.toThrow(InferenceFailedError);
    }
  });
});
