import { readNifti } from '@concord/imaging';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run.js';

const examples = new URL('../../../../docs/examples/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'concord-maps-'));
const ball = [join(examples, 'ball.nii.gz'), '--mask', join(examples, 'ball-mask.nii.gz'), '--label', '1'];

async function maps(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const exitCode = await runCli(['maps', ...argv], { version: '0.0.0', streams });
  return { exitCode, out, err };
}

const read = (path: string) => readNifti(readFileSync(path));

describe('concord maps', () => {
  it('writes the map of one feature on the grid of the image', async () => {
    const path = join(folder, 'mean.nii.gz');
    expect((await maps(...ball, '--feature', 'firstorder_Mean', '--out', path)).exitCode).toBe(0);
    const [map, image, labels] = [path, ball[0], ball[2]].map(read);
    expect([map.shape, [...map.affine]]).toEqual([image.shape, [...image.affine]]);
    const [nx, ny] = image.shape;
    for (let n = 0; n < map.data.length; n++) {
      if (labels.data[n] !== 1) expect(map.data[n]).toBe(0);
    }
    let sum = 0;
    let count = 0;
    const middle = 8 + nx * (11 + ny * 7);
    for (const dz of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          const at = middle + dx + nx * (dy + ny * dz);
          sum += labels.data[at] === 1 ? image.data[at] : 0;
          count += labels.data[at] === 1 ? 1 : 0;
        }
      }
    }
    expect(count).toBe(27);
    expect(map.data[middle]).toBeCloseTo(sum / count, 10);
  }, 60_000);

  it('writes a folder of several, takes settings from a parameter file, and says so as JSON', async () => {
    const settings = join(folder, 'parameters.yaml');
    writeFileSync(settings, 'setting:\n  binWidth: 40\nvoxelSetting:\n  kernelRadius: 2\n  initValue: -5\n');
    const out = join(folder, 'several');
    const argv = ['--settings', settings, '--feature', 'ngtdm,glcm_Id', '--out', out, '--json'];
    const { exitCode, out: text } = await maps(...ball, ...argv);
    expect(exitCode).toBe(0);
    const document = JSON.parse(text) as { voxelSettings: object; maps: { name: string }[] };
    expect(document.voxelSettings).toEqual({ kernelRadius: 2, maskedKernel: true, initValue: -5 });
    expect(document.maps.length).toBe(6);
    expect(readdirSync(out).sort()).toEqual(document.maps.map(({ name }) => `${name}.nii.gz`).sort());
    expect(read(join(out, 'original_glcm_Id.nii.gz')).data[0]).toBe(-5);
  }, 60_000);

  it('refuses what it cannot write or does not know', async () => {
    const path = join(folder, 'refused.nii.gz');
    expect((await maps(...ball, '--feature', 'glcm', '--out', path)).exitCode).toBe(2);
    const unknown = await maps(...ball, '--feature', 'glcm_JointEntropi', '--out', path);
    expect(unknown.err).toContain('Did you mean JointEntropy?');
    expect((await maps(...ball.slice(0, 3), '--label', 'all', '--feature', 'glcm_Id', '--out', path)).exitCode).toBe(2);
    expect((await maps(...ball, '--kernel-radius', 'x', '--feature', 'glcm_Id', '--out', path)).exitCode).toBe(3);
    expect(existsSync(path)).toBe(false);
    const mean = join(folder, 'mean.nii.gz');
    expect((await maps(...ball, '--feature', 'glcm_Id', '--out', mean)).err).toContain('OUTPUT_REFUSED');
  }, 60_000);
});
