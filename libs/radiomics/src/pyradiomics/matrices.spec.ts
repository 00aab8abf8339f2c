import { attachMask, maskFromVolume, readNrrd } from '@concord/imaging';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { discretise } from './bins.js';
import { glcmMatrices } from './glcm.js';
import { dependenceOf } from './gldm.js';
import { glrlmMatrices } from './glrlm.js';
import { zonesOf } from './glszm.js';
import { toneDifferences } from './ngtdm.js';
import { checkedBox, cutRoi } from './roi.js';
import { DEFAULT_SETTINGS } from './settings.js';
import type { SizeCounts } from './size-matrix.js';
import { textureInput, type TextureInput } from './texture-input.js';

interface Matrix {
  readonly shape: readonly number[];
  readonly nonzero: readonly (readonly number[])[];
}
type Matrices = Record<'glcm' | 'glrlm' | 'glszm' | 'gldm' | 'ngtdm', Matrix>;

const folder = referenceData('pyradiomics');
const withData = folder === null ? describe.skip : describe;

function read(name: string): { input: TextureInput; matrices: Matrices } {
  const volume = readNrrd(readFileSync(`${folder}/${name}_image.nrrd`));
  const label = readNrrd(readFileSync(`${folder}/${name}_label.nrrd`));
  const mask = attachMask(maskFromVolume(label, 1), volume).data;
  const settings = { ...DEFAULT_SETTINGS, minimumROIDimensions: 1 };
  const roi = cutRoi(mask, volume.shape, [1, 1, 1], checkedBox(mask, volume.shape, settings), 1);
  const levels = discretise(
    Float64Array.from(roi.sources, (at) => volume.data[at]),
    settings,
  );
  const matrices = JSON.parse(readFileSync(`${folder}/${name}_upstream_matrices.json`, 'utf8')) as Matrices;
  return { input: textureInput(roi, levels, settings), matrices };
}

/** Rows as in the file, in its order: index by index, the value last. */
function sorted(rows: readonly (readonly number[])[]): (readonly number[])[] {
  return [...rows].sort((a, b) => {
    const at = a.findIndex((x, n) => x !== b[n]);
    return at < 0 ? 0 : a[at] - b[at];
  });
}

/** Absent sizes are no columns in the file, so sizes become their numbers among those that occur. */
function rowsOf({ levels, sizes, counts }: SizeCounts, levelOf: Float64Array): number[][] {
  const present = [...new Set(sizes)].sort((a, b) => a - b);
  return counts.map((count, n) => [levelOf.indexOf(levels[n]), present.indexOf(sizes[n]), count]);
}

withData(`texture matrices of PyRadiomics${folder === null ? ' (reference data absent)' : ''}`, () => {
  it.each(['brain1', 'breast1'])('are those of %s', (name) => {
    const { input, matrices } = read(name);
    const { levelOf } = input.levels;
    const size = levelOf.length;

    const runs = glrlmMatrices(input);
    const longest = Math.max(...input.size);
    const runRows = runs.flatMap((counts, angle) =>
      Array.from(counts.keys())
        .filter((n) => counts[n] > 0)
        .map((n) => [Math.floor(n / longest), (n % longest) + 1, angle, counts[n]]),
    );
    const lengths = [...new Set(runRows.map((row) => row[1]))].sort((a, b) => a - b);
    expect(sorted(runRows.map(([g, length, angle, n]) => [g, lengths.indexOf(length), angle, n]))).toEqual(
      sorted(matrices.glrlm.nonzero),
    );
    expect(sorted(rowsOf(zonesOf(input), levelOf))).toEqual(sorted(matrices.glszm.nonzero));
    expect(sorted(rowsOf(dependenceOf(input), levelOf))).toEqual(sorted(matrices.gldm.nonzero));

    const pairs = new Map(matrices.glcm.nonzero.map(([i, j, angle, share]) => [`${i} ${j} ${angle}`, share]));
    const computed = glcmMatrices(input).flatMap((counts, angle) => {
      const total = 2 * counts.reduce((sum, n) => sum + n, 0);
      return Array.from(counts.keys(), (n): [string, number] => {
        const [i, j] = [Math.floor(n / size), n % size];
        return [`${i} ${j} ${angle}`, (counts[n] + counts[j * size + i]) / total];
      }).filter(([, share]) => share > 0);
    });
    expect(computed).toHaveLength(pairs.size);
    for (const [key, share] of computed) expect(share / pairs.get(key)!).toBeCloseTo(1, 12);

    const { counts, differences } = toneDifferences(input);
    const tones = Array.from(counts, (n, g) => [n, differences[g], levelOf[g]]);
    const expected = Array.from({ length: size }, () => [0, 0, 0]);
    for (const [g, column, value] of matrices.ngtdm.nonzero) expected[g][column] = value;
    tones.forEach((row, g) => row.forEach((value, column) => expect(value).toBeCloseTo(expected[g][column], 9)));
  });
});
