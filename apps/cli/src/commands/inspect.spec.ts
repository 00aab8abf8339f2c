import { planConsortium, renderPatient, canaries } from '@concord/phantoms';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runCli } from '../run.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-inspect-'));

async function inspect(...argv: string[]) {
  let out = '';
  const streams = { out: (text: string) => void (out += text), err: () => undefined };
  return { exitCode: await runCli(['inspect', ...argv], { version: '0.0.0', streams }), out };
}

describe('concord inspect', () => {
  it('says what a series and its region are, and nothing about the patient', async () => {
    const plan = planConsortium({ seed: 3, siteCodes: ['site-a', 'site-b'], patientsPerSite: 5 });
    const { files } = renderPatient(plan, 0, 0);
    for (const { path, bytes } of files) writeFileSync(join(folder, basename(path)), bytes);
    const { exitCode, out } = await inspect(folder, '--json');
    expect(exitCode).toBe(0);
    const [image, region] = JSON.parse(out) as Record<string, unknown>[];
    expect(image).toMatchObject({ kind: 'image', modality: 'CT', fileCount: files.length - 1, unit: 'HU' });
    expect(region).toMatchObject({ kind: 'segmentation', regions: ['1 "tumour"'] });
    expect(canaries(plan).filter((secret) => secret.length > 3 && out.includes(secret))).toEqual([]);
  });

  it('lists what it refuses with the reason, and exits 4, or 3 when that is all', async () => {
    const broken = join(folder, 'broken.txt');
    writeFileSync(broken, 'not an image');
    const mask = new URL('../../../../docs/examples/ball-mask.nii.gz', import.meta.url).pathname;
    const both = await inspect(mask, broken);
    expect(both.exitCode).toBe(4);
    expect(both.out).toContain('regions   1, 2');
    expect(both.out).toContain('UNSUPPORTED_FILE  this is no NIfTI, NRRD or DICOM file');
    expect((await inspect(broken)).exitCode).toBe(3);
  });
});
