import {
  attachMask,
  fileProvenance,
  maskFromVolume,
  readNifti,
  readNrrd,
  type Mask,
  type Triple,
  type Volume,
} from '@concord/imaging';
import { createKernels } from '@concord/kernels';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { extractPyradiomics } from './extract.js';
import { parsePyradiomicsParameters, type PyradiomicsParameters } from './parameters.js';

type Columns = Record<string, number | string | null>;

interface Run {
  readonly name: string;
  readonly type: 'int16' | 'float32' | 'float64';
  readonly region: string;
  readonly parameters: string;
  readonly columns: Columns;
  /** Shape in 2D across y, which PyRadiomics leaves out of its own output. */
  readonly coronal?: Columns;
}

interface Synthetic {
  readonly image: {
    readonly shape: Triple;
    readonly spacingMm: Triple;
    readonly originMm: Triple;
    readonly values: number[];
  };
  readonly regions: Record<string, number[]>;
  readonly runs: readonly Run[];
}

interface ReferenceImage {
  readonly derived: { readonly parameters: string; readonly columns: Columns };
  readonly slice: { readonly index: number; readonly parameters: string; readonly columns: Columns };
}

const kernels = createKernels();
const golden = new URL('../../golden/pyradiomics/', import.meta.url);
const readGolden = (name: string): unknown => JSON.parse(readFileSync(new URL(name, golden), 'utf8'));

/** Parameters with Python's difference between 1 and 1.0 kept. */
function parametersOf(text: string): PyradiomicsParameters {
  const revive = (_: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === 'number' && /^-?\d+$/.test(source ?? '') ? BigInt(value) : value;
  // The third argument of a reviver is newer than the library's typings.
  return parsePyradiomicsParameters(JSON.parse(text, revive as (key: string, value: unknown) => unknown));
}

const ARRAYS = { int16: Int16Array, float32: Float32Array, float64: Float64Array } as const;

function syntheticImage({ image }: Synthetic, type: Run['type']): Volume {
  const [sx, sy, sz] = image.spacingMm;
  const [x, y, z] = image.originMm;
  return {
    shape: image.shape,
    affine: Float64Array.of(sx, 0, 0, x, 0, sy, 0, y, 0, 0, sz, z, 0, 0, 0, 1),
    data: ARRAYS[type].from(image.values),
    unit: 'arbitrary',
    provenance: fileProvenance([], []),
  };
}

function regionOf({ regions, image }: Synthetic, name: string, affine: Float64Array): Mask {
  const data = new Uint8Array(image.values.length);
  for (const at of regions[name]) data[at] = 1;
  return { shape: image.shape, affine, data, label: name };
}

/** Diagnostics that are not PyRadiomics' own numbers: versions, and the hash of a label image. */
const isOurs = (name: string): boolean => /Versions|Mask-original_Hash/.test(name);

/** Columns that differ by more than a share of the value, or 1e-12 where that is less. */
function differences(expected: Columns, computed: Columns, share: number): unknown[] {
  return Object.entries(expected)
    .filter(([name]) => !isOurs(name))
    .map(([name, value]) => ({ name, expected: value, computed: computed[name] }))
    .filter(({ expected: a, computed: b }) => {
      if (typeof a === 'number' && typeof b === 'number')
        return !(Math.abs(a - b) <= Math.max(share * Math.abs(a), 1e-12));
      if (typeof a === 'string' && typeof b === 'string') return !isSameText(a, b, share);
      return a !== b;
    });
}

/** Texts are tuples or dictionaries: equal but for the last digits of their numbers. */
function isSameText(a: string, b: string, share: number): boolean {
  const number = /-?\d+\.\d+(?:e-?\d+)?/g;
  const [first, second] = [a, b].map((text) => (text.match(number) ?? []).map(Number));
  const isClose = first.every((x, n) => Math.abs(x - second[n]) <= Math.max(share * Math.abs(x), 1e-12));
  return a.replace(number, '#') === b.replace(number, '#') && isClose;
}

const namesOf = (columns: Columns): string[] => Object.keys(columns).filter((name) => !isOurs(name));

describe('what PyRadiomics 3.0.1 gives on an image of our own', () => {
  const synthetic = readGolden('synthetic.json') as Synthetic;

  it.each(synthetic.runs.map((run): [string, Run] => [run.name, run]))('%s', (_, run) => {
    const volume = syntheticImage(synthetic, run.type);
    const mask = regionOf(synthetic, run.region, volume.affine);
    const { columns } = extractPyradiomics(volume, mask, parametersOf(run.parameters), kernels);
    const expected = { ...run.columns, ...run.coronal };
    expect(namesOf(columns).toSorted()).toEqual(namesOf(expected).toSorted());
    if (run.coronal === undefined) expect(namesOf(columns)).toEqual(namesOf(expected));
    expect(differences(expected, columns, 1e-9)).toEqual([]);
  });
});

const folder = referenceData('pyradiomics');
const ibsi = referenceData('ibsi');
const withData = folder === null || ibsi === null ? describe.skip : describe;
const isAbsent = folder === null || ibsi === null ? ' (reference data absent)' : '';

withData(`what PyRadiomics 3.0.1 gives for LoG, gradient, LBP and 2D shape on patients${isAbsent}`, () => {
  const references = readGolden('reference-images.json') as Record<string, ReferenceImage>;

  function read(name: string): { volume: Volume; mask: Mask } {
    if (!name.startsWith('STS')) {
      const [volume, labels] = ['image', 'label'].map((kind) =>
        readNrrd(readFileSync(`${folder}/${name}_${kind}.nrrd`)),
      );
      return { volume, mask: attachMask(maskFromVolume(labels, 1), volume) };
    }
    const base = `${ibsi}/ibsi1_validation/images/${name.replace(' ', '/')}`;
    const [read, labels] = ['image', 'mask'].map((kind) => readNifti(readFileSync(`${base}_${kind}.nii.gz`)));
    // The MR holds whole numbers as real ones; the values are of an image of 16-bit numbers.
    const volume: Volume = name.includes('MR')
      ? { ...read, data: Int16Array.from(read.data), storedAs: 'int16' }
      : read;
    return { volume, mask: attachMask(maskFromVolume(labels, 1), volume) };
  }

  /**
   * Powers of harmonics take a few values only, and which of them lie above their own 90th percentile is decided by the last bit
   * of PyRadiomics' sums; the kurtosis of single-precision samples it computes in single precision.
   */
  function apart(name: string, columns: Columns): [Columns, Columns] {
    const exceptions = name.endsWith('PET')
      ? /lbp-3D-(m\d_firstorder_Robust|k_firstorder)/
      : /lbp-3D-m\d_firstorder_Robust/;
    const pick = (kind: boolean): Columns =>
      Object.fromEntries(Object.entries(columns).filter(([column]) => exceptions.test(column) === kind));
    return [pick(false), pick(true)];
  }

  it.each(Object.entries(references))('%s', (name, { derived, slice }) => {
    const { volume, mask } = read(name);
    const { columns } = extractPyradiomics(volume, mask, parametersOf(derived.parameters), kernels);
    expect(namesOf(columns)).toEqual(namesOf(derived.columns));
    const [others, exceptions] = apart(name, derived.columns);
    expect(differences(others, columns, 1e-6)).toEqual([]);
    expect(differences(exceptions, columns, 0.01)).toEqual([]);

    const size = volume.shape[0] * volume.shape[1];
    const only: Mask = {
      ...mask,
      data: mask.data.map((inside, at) => (Math.floor(at / size) === slice.index ? inside : 0)),
    };
    const flat = extractPyradiomics(volume, only, parametersOf(slice.parameters), kernels);
    expect(namesOf(flat.columns)).toEqual(namesOf(slice.columns));
    expect(differences(slice.columns, flat.columns, 1e-9)).toEqual([]);
  });
});
