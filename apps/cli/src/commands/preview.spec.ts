import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';
import { runCli } from '../run.js';

const examples = new URL('../../../../docs/examples/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'concord-preview-'));
const [IMAGE, MASK] = [join(examples, 'ball.nii.gz'), join(examples, 'ball-mask.nii.gz')];

async function preview(...argv: string[]) {
  let err = '';
  const streams = { out: () => undefined, err: (text: string) => void (err += text) };
  const exitCode = await runCli(['preview', ...argv], { version: '0.0.0', streams });
  return { exitCode, err };
}

/** Reads the PNGs that we write: eight bits, three channels, no filter. */
function picture(path: string) {
  const bytes = readFileSync(path);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const rows = inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)));
  const pixel = (x: number, y: number) => rows.readUIntBE(y * (3 * width + 1) + 1 + 3 * x, 3);
  return { width, height, pixel };
}

/** Columns of the first tile in which the outline is drawn. */
function outlined(path: string): [first: number, last: number] {
  const { pixel } = picture(path);
  const columns = Array.from({ length: 400 }, (_, x) => x).filter((x) =>
    Array.from({ length: 400 }, (_, y) => y).some((y) => pixel(12 + x, 42 + y) === 0xf0e442),
  );
  return [columns[0], columns.at(-1)!];
}

describe('concord preview', () => {
  it('draws the outline where the region is: label 1 is the right half of the ball, on the left of the picture', async () => {
    const [half, union] = ['half.png', 'union.png'].map((name) => join(folder, name));
    expect((await preview(IMAGE, '--mask', MASK, '--label', '1', '--out', half)).exitCode).toBe(0);
    expect((await preview(IMAGE, '--mask', MASK, '--label', 'union', '--out', union)).exitCode).toBe(0);
    const [first, last] = outlined(union);
    expect(Math.abs(first + last - 399)).toBeLessThan(20); // the ball is in the middle
    const [halfFirst, halfLast] = outlined(half);
    expect([halfFirst === first || halfLast === last, halfLast - halfFirst < 0.6 * (last - first)]).toEqual([
      true,
      true,
    ]);
  });

  it('shows an image whose first axis is stored the other way round just as before', async () => {
    const flipped = (path: string, name: string, size: number): string => {
      const bytes = gunzipSync(readFileSync(path));
      const voxels = Buffer.from(bytes.subarray(352));
      for (let row = 0; row < voxels.length / size / 24; row++) {
        for (let i = 0; i < 24; i++) {
          voxels.copy(bytes, 352 + size * (24 * row + i), size * (24 * row + 23 - i), size * (24 * row + 24 - i));
        }
      }
      const step = bytes.readFloatLE(280);
      bytes.writeFloatLE(bytes.readFloatLE(292) + 23 * step, 292);
      bytes.writeFloatLE(-step, 280);
      const out = join(folder, name);
      writeFileSync(out, bytes);
      return out;
    };
    const bits = gunzipSync(readFileSync(IMAGE)).readInt16LE(72);
    const [image, mask] = [flipped(IMAGE, 'image.nii', bits / 8), flipped(MASK, 'mask.nii', 1)];
    const [as, was] = ['flipped.png', 'plain.png'].map((name) => join(folder, name));
    expect((await preview(image, '--mask', mask, '--label', '1', '--out', as)).exitCode).toBe(0);
    await preview(IMAGE, '--mask', MASK, '--label', '1', '--out', was);
    const [a, b] = [picture(as), picture(was)];
    expect([a.width, a.height]).toEqual([b.width, b.height]);
    // The axial and the coronal tile of the first row; the captions below count slices as they are stored.
    let furthest = 0;
    for (let y = 42; y < 442; y++) {
      for (let x = 0; x < 824; x++) {
        furthest = Math.max(furthest, Math.abs((a.pixel(x, y) & 0xff) - (b.pixel(x, y) & 0xff)));
      }
    }
    expect(furthest).toBeLessThanOrEqual(1); // weights between voxels are rounded from the other side
  });

  it('refuses a name that is no picture, an existing one, and a missing region', async () => {
    const out = join(folder, 'kept.png');
    writeFileSync(out, 'mine');
    expect((await preview(IMAGE, '--mask', MASK, '--label', '1', '--out', out)).err).toContain('OUTPUT_REFUSED');
    expect((await preview(IMAGE, '--mask', MASK, '--label', '1', '--out', 'a.jpg')).exitCode).toBe(3);
    expect((await preview(IMAGE, '--out', join(folder, 'none.png'))).exitCode).toBe(2);
    expect(existsSync(join(folder, 'none.png'))).toBe(false);
  });
});
