// Times reading a series of 200 slices of 512 x 512, raw and in each compression, beside pydicom in the same run.
// After the build: node bench/imaging.mjs [--python PYTHON] [--slices 200]. bench/README.md says what was seen.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readDicomSeries, startFrameDecoder } from '@concord/imaging';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const python = option('--python', 'python3');
const sliceCount = Number(option('--slices', 200));
const SIZE = 512;
const SYNTAXES = {
  'explicit little endian': '1.2.840.10008.1.2.1',
  'JPEG lossless': '1.2.840.10008.1.2.4.70',
  'JPEG-LS': '1.2.840.10008.1.2.4.80',
  'JPEG 2000': '1.2.840.10008.1.2.4.90',
  HTJ2K: '1.2.840.10008.1.2.4.201',
};

const read = option('--read', null);
if (read) readOnce(read);
else await main();

/** In a process of its own: from the files on disk to the volume, and the most memory it took. */
function readOnce(folder) {
  const start = performance.now();
  const files = readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  const loaded = performance.now();
  const decoder = startFrameDecoder({ threads: availableParallelism() });
  const { data } = readDicomSeries(files, { decoder });
  const end = performance.now();
  decoder.close();
  let sum = 0;
  for (let voxel = 0; voxel < data.length; voxel++) sum += data[voxel];
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ ms: end - start, diskMs: loaded - start, sum, peakMb }));
}

async function main() {
  console.log(
    `node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0].toFixed(1)}`,
  );
  const root = mkdtempSync(join(tmpdir(), 'concord-bench-'));
  try {
    const slices = Array.from({ length: sliceCount }, (_, k) => slice(k));
    const truth =
      slices.reduce((sum, words) => sum + words.reduce((a, b) => a + b, 0), 0) - 1024 * SIZE * SIZE * sliceCount;
    for (const [name, uid] of Object.entries(SYNTAXES)) {
      const folder = join(root, name.replaceAll(' ', '-'));
      mkdirSync(folder);
      if (!(await write(folder, slices, uid, join(root, 'explicit-little-endian')))) {
        console.log(`${name}: skipped, its encoder (dcmcjpeg) is not installed`);
        continue;
      }
      report(name, truth, ours(folder), pydicom(folder));
    }
  } finally {
    rmSync(root, { recursive: true });
  }
}

function report(name, truth, mine, peer) {
  if (mine.sum !== truth) throw new Error(`${name}: our voxels are wrong`);
  const own = `${name}: ${mine.ms.toFixed(0)} ms (${mine.diskMs.toFixed(0)} of them disk), ${mine.peakMb.toFixed(0)} MB`;
  if (!peer) return console.log(own);
  if (peer.sum !== truth) throw new Error(`${name}: the peer's voxels are wrong`);
  const ratio = (peer.ms / mine.ms).toFixed(1);
  console.log(
    `${own}; pydicom ${peer.version} ${peer.ms.toFixed(0)} ms, ${peer.peakMb.toFixed(0)} MB: ${ratio} times as long`,
  );
}

/** Best of three processes. */
function best(command, args) {
  const runs = [1, 2, 3].map(() => spawnSync(command, args, { encoding: 'utf8' }));
  const failed = runs.find(({ status }) => status !== 0);
  if (failed) return { error: `${failed.stderr ?? failed.error}`.trim().split('\n').at(-1) };
  return runs.map(({ stdout }) => JSON.parse(stdout)).reduce((a, b) => (a.ms <= b.ms ? a : b));
}

function ours(folder) {
  const result = best(process.execPath, [fileURLToPath(import.meta.url), '--read', folder]);
  if (result.error) throw new Error(result.error);
  return result;
}

function pydicom(folder) {
  const result = best(python, [fileURLToPath(new URL('imaging_pydicom.py', import.meta.url)), folder]);
  if (!result.error) return result;
  console.log(`pydicom skipped: ${result.error}`);
  return null;
}

/** An ellipse of tissue with noise, 12 bits: what codecs are made for. */
function slice(k) {
  const words = new Uint16Array(SIZE * SIZE);
  let state = k + 1;
  for (let pixel = 0; pixel < words.length; pixel++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [x, y] = [(pixel % SIZE) / SIZE - 0.5, Math.floor(pixel / SIZE) / SIZE - 0.5];
    const isInside = x * x * 5 + y * y * 7 < 1 - ((k - sliceCount / 2) / sliceCount) ** 2;
    const tissue = 1064 + 40 * Math.sin(14 * x + k / 9) * Math.cos(11 * y);
    words[pixel] = isInside ? tissue + ((state >>> 24) & 31) : 24 + ((state >>> 24) & 7);
  }
  return words;
}

/** @returns false if the encoder is missing */
async function write(folder, slices, uid, raw) {
  if (uid === SYNTAXES['JPEG lossless']) {
    const files = readdirSync(raw);
    if (spawnSync('dcmcjpeg', ['--version']).error) return false;
    return files.every((name) => spawnSync('dcmcjpeg', ['+e1', join(raw, name), join(folder, name)]).status === 0);
  }
  const encode = await encoderOf(uid);
  slices.forEach((words, k) => {
    const shuffled = (k * 7) % slices.length; // files in another order than places
    writeFileSync(join(folder, `${String(shuffled).padStart(3, '0')}.dcm`), file(k, uid, encode(words)));
  });
  return true;
}

async function encoderOf(uid) {
  const require = createRequire(new URL('../libs/imaging/package.json', import.meta.url));
  const packages = {
    [SYNTAXES['JPEG-LS']]: ['codec-charls/wasmjs', 'JpegLSEncoder'],
    [SYNTAXES['JPEG 2000']]: ['codec-openjpeg/wasmjs', 'J2KEncoder'],
    [SYNTAXES.HTJ2K]: ['codec-openjph/wasmjs', 'HTJ2KEncoder'],
  };
  if (!packages[uid]) return (words) => words;
  const [path, name] = packages[uid];
  const codec = await require(`@cornerstonejs/${path}`)({ print: () => undefined, printErr: () => undefined });
  const frame = {
    width: SIZE,
    height: SIZE,
    bitsPerSample: 12,
    componentCount: 1,
    isSigned: false,
    isUsingColorTransform: false,
  };
  return (words) => {
    const encoder = new codec[name]();
    new Uint8Array(
      encoder.getDecodedBuffer(frame).buffer,
      encoder.getDecodedBuffer(frame).byteOffset,
      words.byteLength,
    ).set(new Uint8Array(words.buffer));
    encoder.encode();
    const bytes = Buffer.from(encoder.getEncodedBuffer());
    encoder.delete();
    return bytes;
  };
}

/** A CT image as a Part 10 file. */
function file(k, uid, pixels) {
  const pad = (text, filler) => (text.length % 2 ? text + filler : text);
  const element = (group, number, vr, value) => {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(pad(value, vr === 'UI' ? '\0' : ' '));
    const head = Buffer.alloc(8);
    head.writeUInt16LE(group, 0);
    head.writeUInt16LE(number, 2);
    head.write(vr, 4);
    head.writeUInt16LE(bytes.length, 6);
    return Buffer.concat([head, bytes]);
  };
  const short = (value) => Buffer.from([value & 255, value >> 8]);
  const item = (tag, bytes) => Buffer.concat([Buffer.from([0xfe, 0xff, tag, 0xe0]), long(bytes.length), bytes]);
  const long = (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const isRaw = uid === SYNTAXES['explicit little endian'];
  const whole = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const even = whole.length % 2 ? Buffer.concat([whole, Buffer.alloc(1)]) : whole;
  const empty = Buffer.alloc(0);
  const body = isRaw ? even : Buffer.concat([item(0x00, empty), item(0x00, even), item(0xdd, empty)]);
  const pixelHead = Buffer.concat([
    Buffer.from([0xe0, 0x7f, 0x10, 0x00]),
    Buffer.from(isRaw ? 'OW\0\0' : 'OB\0\0'),
    isRaw ? long(even.length) : long(0xffffffff),
  ]);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(2, 0x02, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    element(2, 0x03, 'UI', `2.25.9.${k + 1}`),
    element(2, 0x10, 'UI', uid),
    element(8, 0x16, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    element(8, 0x18, 'UI', `2.25.9.${k + 1}`),
    element(8, 0x60, 'CS', 'CT'),
    element(0x18, 0x50, 'DS', '1.5'),
    element(0x20, 0x0d, 'UI', '2.25.7'),
    element(0x20, 0x0e, 'UI', '2.25.8'),
    element(0x20, 0x32, 'DS', `-180\\-180\\${k * 1.5}`),
    element(0x20, 0x37, 'DS', '1\\0\\0\\0\\1\\0'),
    element(0x20, 0x52, 'UI', '2.25.6'),
    element(0x28, 0x02, 'US', short(1)),
    element(0x28, 0x04, 'CS', 'MONOCHROME2'),
    element(0x28, 0x10, 'US', short(SIZE)),
    element(0x28, 0x11, 'US', short(SIZE)),
    element(0x28, 0x30, 'DS', '0.7\\0.7'),
    element(0x28, 0x100, 'US', short(16)),
    element(0x28, 0x101, 'US', short(12)),
    element(0x28, 0x102, 'US', short(11)),
    element(0x28, 0x103, 'US', short(0)),
    element(0x28, 0x1052, 'DS', '-1024'),
    element(0x28, 0x1053, 'DS', '1'),
    pixelHead,
    body,
  ]);
}
