import { drawingOf, planConsortium, renderPatient } from '@concord/phantoms';
import { column, numberValues, tableFromCsv, textValues, type FeatureTable } from '@concord/tables';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runCli } from '../run.js';

const examples = new URL('../../../../docs/examples/', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'concord-extract-'));
const ball = [join(examples, 'ball.nii.gz'), '--mask', join(examples, 'ball-mask.nii.gz')];

async function extract(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const exitCode = await runCli(['extract', ...argv], { version: '0.0.0', streams });
  return { exitCode, out, err };
}

const value = (table: FeatureTable, name: string, row = 0) => numberValues(table, name)[row];

describe('concord extract', () => {
  it('prints one row for each label as CSV on stdout', async () => {
    const { exitCode, out } = await extract(...ball, '--label', 'all');
    const table = tableFromCsv(out);
    expect([exitCode, table.rowCount]).toEqual([0, 2]);
    // By the formula of docs/examples/make.mjs the left half is 50 HU brighter.
    expect(value(table, 'stat_mean', 0) - value(table, 'stat_mean', 1)).toBeGreaterThan(30);
  });

  it('prints one row for each connected part, the largest first, of a label or of all that is labelled', async () => {
    const rows = async (label: string, mask = ball[2]) => {
      const table = tableFromCsv((await extract(ball[0], '--mask', mask, '--label', label)).out);
      return textValues(table, 'roi').map((roi, row) => [roi, value(table, 'morph_vol_approx', row)] as const);
    };
    const [[, whole], [[, half]]] = [(await rows('union'))[0], await rows('2')];
    expect(await rows('lesions')).toEqual([['lesion-1', whole]]); // the two halves of the ball touch
    expect(await rows('lesions:2')).toEqual([['lesion-1', half]]);
    const mask = gunzipSync(readFileSync(ball[2]));
    const inCorner = [0, 1, 2].flatMap((k) => [0, 1, 2].flatMap((j) => [0, 1, 2].map((i) => i + 24 * (j + 24 * k))));
    for (const voxel of inCorner) mask[352 + voxel] = 2;
    const apart = join(folder, 'apart.nii');
    writeFileSync(apart, mask);
    const lesions = await rows('lesions', apart);
    expect(lesions.map(([roi]) => roi)).toEqual(['lesion-1', 'lesion-2']);
    expect(lesions[0][1]).toBe(whole);
    expect(lesions[1][1]).toBeLessThan(half / 10);
    const large = await extract(ball[0], '--mask', apart, '--label', 'lesions', '--min-lesion-mm3', '1000');
    expect(textValues(tableFromCsv(large.out), 'roi')).toEqual(['lesion-1']);
    expect((await extract(...ball, '--label', 'lesions', '--min-lesion-mm3', 'x')).exitCode).toBe(2);
    expect((await extract(...ball, '--label', 'lesions:9')).err).toContain('error MASK_LABEL_ABSENT: label 9');
    expect((await extract(...ball, '--label', 'lesion')).err).toContain('lesion is no label');
  });

  it('refuses a mask on another grid, or brings it onto that of the image and says by how many mm', async () => {
    const mask = gunzipSync(readFileSync(ball[2]));
    const run = (mm: number, ...policy: string[]) => {
      mask.writeFloatLE(mm, 292); // x of the first voxel, which lies at 0
      const moved = join(folder, `moved-${mm}.nii`);
      writeFileSync(moved, mask);
      return extract(ball[0], '--mask', moved, '--label', 'union', ...policy);
    };
    expect((await run(0.5)).err).toMatch(/^error GEOMETRY_MISMATCH: .* 0\.500 mm apart/);
    const snapped = await run(0.5, '--mask-grid', 'snap');
    expect(snapped.err).toContain(
      'union: the mask was moved onto the voxels of the image: its corners lay up to 0.500 mm',
    );
    expect(snapped.out).toBe((await extract(...ball, '--label', 'union')).out);
    expect((await run(1.6, '--mask-grid', 'snap')).exitCode).toBe(3);
    const resampled = await run(1.6, '--mask-grid', 'resample');
    expect(resampled.err).toContain(
      'resampled by nearest neighbour (0.0 mm³ of change): its corners lay up to 1.600 mm',
    );
    expect((await run(0, '--mask-grid', 'guess')).exitCode).toBe(2);
  });

  it('has no label to choose when there are two, and says which', async () => {
    const { exitCode, err, out } = await extract(...ball);
    expect([exitCode, out]).toEqual([3, '']);
    expect(err).toMatch(
      /^error MASK_LABEL_AMBIGUOUS: the mask holds 2 labels: 1, 2\n {2}where {2}.*ball-mask.nii.gz\n/,
    );
  });

  it('writes the cases of a list with its further columns, and the same bytes again', async () => {
    const [first, second] = [join(folder, 'one.csv'), join(folder, 'two.arrow')];
    expect((await extract('--cases', join(examples, 'cases.csv'), '--jobs', '1', '--out', first)).exitCode).toBe(0);
    const table = tableFromCsv(readFileSync(first));
    expect(textValues(table, 'site')).toEqual(['site-a', 'site-b']);
    await extract('--cases', join(examples, 'cases.csv'), '--jobs', '1', '--out', second);
    const bytes = readFileSync(second);
    await extract('--cases', join(examples, 'cases.csv'), '--jobs', '1', '--out', second, '--force');
    expect(readFileSync(second).equals(bytes)).toBe(true);
  });

  it('writes what it can and exits 4 when a case is refused', async () => {
    const list = join(folder, 'cases.csv');
    const rows = [
      `good,${ball[0]},${ball[2]},1`,
      `absent,${folder}/absent.nii,${ball[2]},1`,
      `label,${ball[0]},${ball[2]},9`,
    ];
    writeFileSync(list, `case,image,mask,label\n${rows.join('\n')}\n`);
    const { exitCode, out, err } = await extract('--jobs', '1', '--cases', list);
    expect(exitCode).toBe(4);
    expect(textValues(tableFromCsv(out), 'case')).toEqual(['good']);
    expect(err).toContain('absent refused: FILE_NOT_READABLE');
    expect(err).toContain('label refused: MASK_LABEL_ABSENT: label 9 is not in the mask; it holds 1, 2');
  });

  it('writes nothing and exits 3 when every case is refused, or the output exists', async () => {
    const list = join(folder, 'none.csv');
    writeFileSync(list, `case,image,mask,label\na,${ball[0]},${ball[2]},8\nb,${ball[0]},${ball[2]},9\n`);
    const out = join(folder, 'nothing.csv');
    expect(await extract('--jobs', '1', '--cases', list, '--out', out)).toMatchObject({ exitCode: 3, out: '' });
    expect(readdirSync(folder)).not.toContain('nothing.csv');
    writeFileSync(out, 'mine');
    expect((await extract(...ball, '--label', '1', '--out', out)).err).toContain('OUTPUT_REFUSED');
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });

  it('prints every value with status and reason as one JSON document', async () => {
    const { out } = await extract(...ball, '--label', 'union', '--json');
    const { regions } = JSON.parse(out) as {
      regions: { roi: string; values: Record<string, unknown>; diagnostics: { initial: { minimum: number } } }[];
    };
    expect(regions.map(({ roi }) => roi)).toEqual(['union']);
    expect(regions[0].values['stat_min']).toEqual({ value: expect.any(Number) as number, status: 'ok', reason: null });
    expect(regions[0].diagnostics.initial.minimum).toBe(40); // docs/examples/make.mjs: 40 HU and a texture from 0
  });

  it('prints the seconds of each phase and family as one JSON line with --timings', async () => {
    const { err } = await extract(...ball, '--label', '1', '--quiet', '--timings');
    const { timings } = JSON.parse(err) as { timings: Record<string, number> };
    const own = ['reading', 'resampling', 'discretisation', 'texture matrices', 'morphology', 'statistics', 'glcm'];
    expect(Object.keys(timings)).toEqual(expect.arrayContaining([...own, 'extracting']));
    expect(own.every((phase) => timings[phase] > 0)).toBe(true);
    expect(own.reduce((sum, phase) => sum + timings[phase], 0)).toBeLessThanOrEqual(timings['extracting']);
  });

  it('reads settings from YAML, and refuses a wrong key in them', async () => {
    const yaml = readFileSync(join(examples, 'extraction.yaml'), 'utf8');
    const path = join(folder, 'settings.yaml');
    writeFileSync(path, yaml.replace('width: 25', 'width: 50'));
    const coarse = tableFromCsv((await extract(...ball, '--label', '1', '--settings', path)).out);
    const fine = tableFromCsv((await extract(...ball, '--label', '1')).out);
    expect(value(coarse, 'ih_max')).toBe(Math.ceil(value(fine, 'ih_max') / 2));
    writeFileSync(path, yaml.replace('width: 25', 'binWidth: 25'));
    expect(await extract(...ball, '--settings', path)).toMatchObject({ exitCode: 3 });
  });

  it('exits 2 without a region', async () => {
    expect(await extract(ball[0])).toMatchObject({ exitCode: 2, out: '' });
  });
});

describe('concord extract on DICOM of a synthetic hospital', () => {
  const plan = planConsortium({ seed: 1, siteCodes: ['site-a', 'site-b'], patientsPerSite: 5 });
  const settings = join(folder, 'native.yaml');
  const native = readFileSync(join(examples, 'extraction.yaml'), 'utf8').replace(
    /resampling:\n( .*\n)+/,
    'resampling: null\n',
  );
  writeFileSync(settings, native);

  it.each([0, 1])('site %i: the region has as many voxels as the tumour that was drawn', async (site) => {
    const { files } = renderPatient(plan, site, 0);
    for (const { path, bytes } of files) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const region = files.map(({ path }) => path).find((path) => path.includes('/roi/'))!;
    const image = join(folder, dirname(files.find(({ path }) => path.includes('/ct/'))!.path));
    const option = /seg/i.test(region) ? '--seg' : '--rtstruct';
    const { exitCode, out } = await extract(image, option, join(folder, region), '--settings', settings);
    const table = tableFromCsv(out);
    const drawn = drawingOf(plan, site, 0).mask.reduce((sum, inside) => sum + inside, 0);
    expect([exitCode, column(table, 'roi')?.values[0]]).toEqual([0, 'tumour']);
    expect(value(table, 'diagnostics_voxels_morphology')).toBe(drawn);
  });
});
