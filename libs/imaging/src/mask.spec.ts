import { listLabels, maskFromVolume, masksFromVolume } from './mask.js';
import type { Volume } from './volume.js';

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const volume = (...data: number[]): Volume => ({
  shape: [data.length, 1, 1],
  affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
  data: Float64Array.from(data),
  unit: 'arbitrary',
  provenance: {
    sourceDigests: [],
    transferSyntax: null,
    isLossy: false,
    acquisition: { modality: null, manufacturer: null, model: null, kernel: null, sliceThicknessMm: null, kvp: null },
    warnings: [],
  },
});
const labels = volume(0, 9, 9, 1, 0, 7, 1);

it('lists labels in order and takes one, all together, or each', () => {
  expect(listLabels(labels)).toEqual([1, 7, 9]);
  expect([...maskFromVolume(labels, 1).data]).toEqual([0, 0, 0, 1, 0, 0, 1]);
  expect([...maskFromVolume(labels, 'union').data]).toEqual([0, 1, 1, 1, 0, 1, 1]);
  expect(masksFromVolume(labels).map(({ label }) => label)).toEqual(['1', '7', '9']);
  expect([...maskFromVolume(volume(0, 255, 0), 'all').data]).toEqual([0, 1, 0]);
});

it('refuses a label that is absent and names those there are', () => {
  expect(() => maskFromVolume(labels, 4)).toThrow(refusal('MASK_LABEL_ABSENT'));
  expect(() => maskFromVolume(labels, 4)).toThrow('label 4 is not in the mask; it holds 1, 7, 9');
  expect(() => maskFromVolume(labels, 'all')).toThrow(refusal('MASK_LABEL_AMBIGUOUS'));
});

it('refuses a mask without a region, and an image in place of a mask', () => {
  for (const label of [1, 'all', 'union'] as const) {
    expect(() => maskFromVolume(volume(0, 0), label)).toThrow(refusal('EMPTY_MASK'));
  }
  expect(() => masksFromVolume(volume(0, 0))).toThrow(refusal('EMPTY_MASK'));
  expect(() => listLabels(volume(0, 0.5))).toThrow(refusal('MASK_VALUES'));
  expect(() => listLabels(volume(0, NaN))).toThrow(refusal('MASK_VALUES'));
  expect(() => listLabels(volume(...Array.from({ length: 2000 }, (_, index) => index)))).toThrow(
    refusal('MASK_VALUES'),
  );
});
