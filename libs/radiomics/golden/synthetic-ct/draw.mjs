// node draw.mjs FOLDER: writes the voxels of a synthetic patient as raw little-endian numbers, for make.py.
// Run from the repository's root after the build: libs/phantoms draws the patient.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawingOf, planConsortium } from '@concord/phantoms';

const [folder] = process.argv.slice(2);
const plan = planConsortium({ seed: 41, siteCodes: ['a', 'b', 'c'], patientsPerSite: 5 });
const { stored, mask, shape, affine } = drawingOf(plan, 0, 1);
const [low, high] = [
  [20, 20, 0],
  [76, 76, shape[2]],
];
const size = high.map((end, axis) => end - low[axis]);
const image = new Int16Array(size[0] * size[1] * size[2]);
const region = new Uint8Array(image.length);
for (let n = 0; n < image.length; n++) {
  const at = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / (size[0] * size[1]))];
  const from = at[0] + low[0] + shape[0] * (at[1] + low[1] + shape[1] * (at[2] + low[2]));
  image[n] = stored[from] - 1024;
  region[n] = mask[from];
}
writeFileSync(join(folder, 'image.raw'), Buffer.from(image.buffer));
writeFileSync(join(folder, 'mask.raw'), region);
writeFileSync(join(folder, 'grid.json'), JSON.stringify({ size, spacing: [affine[0], affine[5], affine[10]] }));
