import type { StoredFrame, StoredValues } from './pixel-data.js';
import { VoxelSink } from './voxel-sink.js';

const frame = (words: StoredValues, bits: number, isSigned: boolean): StoredFrame => ({
  words,
  left: 32 - bits,
  right: 32 - bits,
  isSigned,
});
const unsigned16 = (...values: number[]): StoredFrame => frame(Uint16Array.from(values), 16, false);
const signed32 = (...values: number[]): StoredFrame => frame(Int32Array.from(values), 32, true);
const plain = { slope: 1, intercept: 0 };

it('keeps whole values as Int16 while they fit, whatever their bits allow', () => {
  const sink = new VoxelSink(2, 2, true);
  sink.put(1, unsigned16(65535, 32769), { slope: 1, intercept: -32768 });
  sink.put(0, unsigned16(3, 32767), plain);
  expect(sink.data).toEqual(Int16Array.of(3, 32767, 32767, 1));
});

it('widens to Float32 and Float64 when a value needs it, in any order, without loss', () => {
  const slices = [unsigned16(1, 65535), signed32(7, -(2 ** 24)), signed32(2 ** 31 - 1, 5)];
  const expected = [1, 65535, 7, -(2 ** 24), 2 ** 31 - 1, 5];
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    const sink = new VoxelSink(2, 3, true);
    for (const index of order) sink.put(index, slices[index], plain);
    expect(sink.data).toEqual(Float64Array.from(expected));
  }
  const float = new VoxelSink(2, 2, true);
  float.put(0, slices[0], plain);
  float.put(1, slices[1], plain);
  expect(float.data).toEqual(Float32Array.of(1, 65535, 7, -(2 ** 24)));
});

it('widens for what a slope makes of whole values, and takes fractions as doubles', () => {
  const steep = new VoxelSink(2, 1, true);
  steep.put(0, unsigned16(1, 4000), { slope: -10, intercept: 3 });
  expect(steep.data).toEqual(Float32Array.of(-7, -39997));
  const fraction = new VoxelSink(2, 1, false);
  fraction.put(0, unsigned16(1, 4000), { slope: 0.1, intercept: 0.5 });
  expect(fraction.data).toEqual(Float64Array.of(1 * 0.1 + 0.5, 4000 * 0.1 + 0.5));
});
