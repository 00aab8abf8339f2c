import { featureCatalogue, parseSettings, PRESETS, settingsDigest } from './index.js';

const preset = PRESETS['ct-hcc'];
type Loose = Record<string, Record<string, unknown>>;
/** The preset, with its one discretisation under the short key. */
const copy = (): Loose => {
  const { discretisations, ...rest } = JSON.parse(JSON.stringify(preset)) as typeof preset;
  return { ...rest, discretisation: discretisations[0] } as unknown as Loose;
};

describe('parseSettings', () => {
  it.each(Object.keys(PRESETS))('accepts the preset %s as JSON, unchanged', (name) => {
    expect(parseSettings(JSON.parse(JSON.stringify(PRESETS[name])))).toEqual(PRESETS[name]);
  });

  it.each<[string, string, (settings: ReturnType<typeof copy>) => unknown]>([
    ['a missing key', 'format', (s) => delete s['format']],
    ['an unknown key', 'binwidth', (s) => (s['discretisation']['binwidth'] = 25)],
    ['a key of another method', 'count', (s) => (s['discretisation']['count'] = 32)],
    ['another format', 'format', (s) => Object.assign(s, { format: 'concord.extraction/1' })],
    ['a negative bin width', 'width', (s) => (s['discretisation']['width'] = -1)],
    ['a spacing of 0', 'spacingMm', (s) => (s['resampling']['spacingMm'] = [2, 2, 0])],
    ['a range that goes down', 'range', (s) => (s['resegmentation']['range'] = [300, -200])],
    ['a family twice', 'families', (s) => Object.assign(s, { families: ['glcm', 'glcm'] })],
    ['texture without aggregation', 'aggregations', (s) => Object.assign(s, { aggregations: [] })],
    [
      'bins without a lower edge',
      'minimum',
      (s) => {
        s['discretisation']['minimum'] = null;
        s['resegmentation']['range'] = null;
      },
    ],
  ])('refuses %s and names the key %s', (_, key, spoil) => {
    const settings = copy();
    spoil(settings);
    expect(() => parseSettings(settings)).toThrow(
      expect.objectContaining({ code: 'INVALID_SETTINGS', where: expect.stringMatching(`${key}$`) as string }) as Error,
    );
  });

  it.each<[string, unknown]>([
    ['suv', 'SUVbw'],
    ['gaps', true],
    ['tilt', 'ignore'],
    ['lossy', 'accept'],
    ['colour', 'red'],
    ['pixelMm', [0.2]],
    ['pixelMm', [0.2, 0]],
    ['fractionAtLeast', 0],
    ['fractionAtLeast', 1.5],
    ['offGrid', 'refuse'],
    ['part', 0],
    ['frame', 1.5],
    ['phase', 'portal'],
  ])('refuses the choice of reading %s: %p', (key, value) => {
    const settings = { ...copy(), reading: { [key]: value } };
    expect(() => parseSettings(settings)).toThrow(
      expect.objectContaining({ code: 'INVALID_SETTINGS', where: `settings.reading.${key}` }) as Error,
    );
  });

  it('takes the lower bound of the range where the bins have no minimum', () => {
    const settings = copy();
    settings['discretisation']['minimum'] = null;
    expect(parseSettings(settings).discretisations).toEqual([{ method: 'FBS', width: 25, minimum: null }]);
  });
});

describe('the choices of reading', () => {
  it.each<[string, unknown]>([
    ['suv', 'leanBodyMassJames'],
    ['gaps', 'interpolate'],
    ['tilt', 'keep'],
    ['lossy', 'refuse'],
    ['colour', 'luminance'],
    ['pixelMm', [0.2, 0.3]],
    ['fractionAtLeast', 0.5],
    ['offGrid', 'resample'],
    ['part', 2],
    ['frame', 7],
  ])('%s: %p changes the digest, its default does not', (key, value) => {
    const json = copy();
    delete json['reading'];
    const plain = parseSettings(json);
    const chosen = parseSettings({ ...json, reading: { [key]: value } });
    expect(chosen.reading).toEqual({ ...plain.reading, [key]: value });
    expect(settingsDigest(plain)).toBe(settingsDigest(preset));
    expect(settingsDigest(chosen)).not.toBe(settingsDigest(preset));
    expect(settingsDigest(parseSettings(JSON.parse(JSON.stringify(chosen))))).toBe(settingsDigest(chosen));
  });
});

describe('several images and discretisations', () => {
  const settings = parseSettings({
    format: 'concord.extraction/2',
    discretisations: [
      { method: 'FBN', count: 32 },
      { method: 'FBS', width: 25, minimum: 0 },
    ],
    families: ['statistics', 'histogram'],
    images: [{ name: 'original' }, { name: 'smooth', families: ['statistics'] }],
  });

  it('have defaults for what is not said', () => {
    expect(settings).toMatchObject({ rounding: 'none', resampling: null, aggregations: ['3D:avg', '3D:merged', '3D'] });
  });

  it('give each feature a name of its own', () => {
    const names = featureCatalogue(settings).map(({ name }) => name);
    expect(names).toHaveLength(18 + 2 * 23 + 18);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['stat_mean', 'ih_mean_fbn32', 'ih_mean_fbs25', 'smooth_stat_mean']));
  });
});

describe('settingsDigest', () => {
  it('does not depend on the order of keys and lists', () => {
    const reordered = Object.fromEntries(Object.entries(preset).reverse()) as unknown as typeof preset;
    const families = [...preset.families].reverse();
    expect(settingsDigest({ ...reordered, families })).toBe(settingsDigest(preset));
  });

  it('changes with any value', () => {
    const digests = Object.values(PRESETS).map(settingsDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('featureCatalogue', () => {
  it('names every feature once, with an IBSI code', () => {
    const features = featureCatalogue(preset);
    expect(features).toHaveLength(18 + 23 + 23 + 2 * (25 + 16));
    expect(new Set(features.map(({ name }) => name)).size).toBe(features.length);
    expect(features.every(({ ibsi }) => /^[0-9A-Z]{4}$/.test(ibsi ?? ''))).toBe(true);
    expect(features.find(({ name }) => name === 'cm_joint_entr_3D_avg')).toEqual({
      name: 'cm_joint_entr_3D_avg',
      family: 'glcm',
      tag: 'cm_joint_entr',
      title: 'Joint entropy',
      ibsi: 'TU9B',
      aggregation: '3D:avg',
      image: 'original',
      discretisation: { method: 'FBS', width: 25, minimum: -200 },
      unit: '1',
    });
  });
});
