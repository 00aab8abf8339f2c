import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@concord/models';
import { InferenceFailedError, InferenceRefusedError } from './errors.js';
import { embedPatch, segmentPatch } from './image-patch.js';

const workFolder = mkdtempSync(join(tmpdir(), 'concord-patch-'));
afterAll(() => rmSync(workFolder, { recursive: true }));

const int = (field: number, value: number) => Uint8Array.from([field * 8, value]);
const part = (field: number, content: string | Uint8Array | Uint8Array[]): Uint8Array => {
  const body =
    typeof content === 'string' ? Buffer.from(content) : Array.isArray(content) ? Buffer.concat(content) : content;
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Uint8Array.from([field * 8 + 2, ...length, ...body]);
};
const port = (field: number, name: string, ...dims: number[]) =>
  part(field, [
    part(1, name),
    part(2, [
      part(1, [
        int(1, 1),
        part(
          2,
          dims.map((dim) => part(1, [int(1, dim)])),
        ),
      ]),
    ]),
  ]);
const node = (operator: string, inputs: string[], output: string, ...attributes: Uint8Array[]) =>
  part(1, [...inputs.map((name) => part(1, name)), part(2, output), part(4, operator), ...attributes]);
const floats = (name: string, dims: number[], ...values: number[]) =>
  part(5, [
    ...dims.map((dim) => int(1, dim)),
    int(2, 1),
    part(8, name),
    part(9, new Uint8Array(Float32Array.from(values).buffer)),
  ]);
const onnx = (...graph: Uint8Array[]) =>
  Buffer.concat([int(1, 8), part(7, [part(2, 'g'), port(11, 'image', 1, 1, 2, 3), ...graph]), part(8, [int(2, 13)])]);

const patch = { data: Float32Array.of(-3, 0, 1, 2, -1, 4), dims: [1, 2, 3] };
const run = (model: Uint8Array, given = patch) => ({
  model,
  expectedDigest: digestOf(model),
  patch: given,
  deadlineMs: 20_000,
  workFolder,
});

// A convolution of one voxel with two channels: v and 1 - v; their mean over the image; the sigmoid of v.
const channels = [floats('w', [2, 1, 1, 1], 1, -1), floats('b', [2], 0, 1), node('Conv', ['image', 'w', 'b'], 'c')];
const embedding = onnx(...channels, node('GlobalAveragePool', ['c'], 'out'), port(12, 'out', 1, 2, 1, 1));
const twoLabels = onnx(...channels, node('Identity', ['c'], 'out'), port(12, 'out', 1, 2, 2, 3));
const oneLabel = onnx(node('Sigmoid', ['image'], 'out'), port(12, 'out', 1, 1, 2, 3));

describe('embedPatch', () => {
  it('gives the last layer as features, the digest of the weights beside each', async () => {
    const { features } = await embedPatch(run(embedding));
    expect(features.map(({ name, value }) => [name, value])).toEqual([
      ['deep_0001', 0.5],
      ['deep_0002', 0.5],
    ]);
    expect(features.every(({ weightsDigest }) => weightsDigest === digestOf(embedding))).toBe(true);
  });

  it('refuses other weights than the named ones, and a patch of another size', async () => {
    const other = { ...run(embedding), expectedDigest: digestOf(oneLabel) };
    await expect(embedPatch(other)).rejects.toThrow(/not the locked/);
    const small = { data: Float32Array.of(1, 2), dims: [1, 1, 2] };
    await expect(embedPatch(run(embedding, small))).rejects.toThrow(InferenceRefusedError);
  });
});

describe('segmentPatch', () => {
  it('takes the channel of the largest value for the label, the first of equals', async () => {
    // v > 1 - v where v > 0.5; the label is the channel of 1 - v elsewhere.
    const { labels, dims, weightsDigest } = await segmentPatch(run(twoLabels));
    expect([...labels]).toEqual([1, 1, 0, 0, 1, 0]);
    expect(dims).toEqual([2, 3]);
    expect(weightsDigest).toBe(digestOf(twoLabels));
    const even = { data: new Float32Array(6).fill(0.5), dims: [1, 2, 3] };
    expect([...(await segmentPatch(run(twoLabels, even))).labels]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('cuts one channel at one half', async () => {
    expect([...(await segmentPatch(run(oneLabel))).labels]).toEqual([0, 1, 1, 1, 0, 1]);
  });

  it('refuses an output that is no mask of the patch', async () => {
    await expect(segmentPatch(run(embedding))).rejects.toThrow(InferenceFailedError);
  });
});
