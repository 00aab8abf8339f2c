import { parsePyradiomicsParameters } from './parameters.js';

const parse = parsePyradiomicsParameters;

describe('parsePyradiomicsParameters', () => {
  it('fills in what PyRadiomics does without a file: the original image and every class', () => {
    const { settings, imageTypes, featureClasses } = parse({});
    expect(settings).toMatchObject({ binWidth: 25, label: 1, interpolator: 'sitkBSpline', padDistance: 5 });
    expect(imageTypes.map(({ type }) => type)).toEqual(['Original']);
    expect(featureClasses.map(({ name, features }) => [name, features.length])).toEqual([
      ['firstorder', 18],
      ['glcm', 24],
      ['gldm', 14],
      ['glrlm', 16],
      ['glszm', 16],
      ['ngtdm', 5],
      ['shape', 14],
      ['shape2D', 9],
    ]);
  });

  it('lets the settings of an image type go before those of the file', () => {
    const { imageTypes } = parse({
      setting: { binWidth: 10 },
      imageType: { Original: null, LoG: { binWidth: 5, sigma: [2n] } },
    });
    expect(imageTypes.map(({ settings }) => settings.binWidth)).toEqual([10, 5]);
    expect(imageTypes[1].settings.sigma).toEqual([{ mm: 2, text: '2' }]);
  });

  it.each([
    [
      [1, 2.5],
      ['1-0', '2-5'],
    ],
    [
      [1n, 1e-5],
      ['1', '1e-05'],
    ],
  ])('writes sigma %j as Python does', (sigma, texts) => {
    expect(parse({ setting: { sigma } }).settings.sigma.map(({ text }) => text)).toEqual(texts);
  });

  it('takes null for nothing said, but no interpolator for no resampling', () => {
    const { settings } = parse({ setting: { binWidth: null, interpolator: null } });
    expect(settings).toMatchObject({ binWidth: 25, interpolator: null });
    expect(parse({ setting: { interpolator: 2n } }).settings.interpolator).toBe('sitkLinear');
  });

  it('names features that are left out because another has their value', () => {
    const { featureClasses, warnings } = parse({ featureClass: { glcm: ['SumVariance', 'Contrast'] } });
    expect(featureClasses).toEqual([{ name: 'glcm', features: ['Contrast'] }]);
    expect(warnings).toEqual(['glcm SumVariance is left out, as by PyRadiomics: it equals ClusterTendency']);
  });

  it.each([
    [{ settings: {} }, 'the parameter file has no settings', 'Did you mean setting?'],
    [{ setting: { binwith: 25 } }, 'setting has no binwith', 'Did you mean binWidth?'],
    [{ setting: { binWidth: 0 } }, 'binWidth must be a number above 0', ''],
    [{ setting: { binWidth: '25' } }, 'binWidth must be a number above 0', ''],
    [{ setting: { resampledPixelSpacing: [1, 1] } }, 'resampledPixelSpacing must be three numbers from 0', ''],
    [{ setting: { resegmentMode: 'sigmas' } }, 'resegmentMode must be one of absolute, relative, sigma', ''],
    [{ setting: { interpolator: 'sitkCubic' } }, 'interpolator must be sitkNearestNeighbor, sitkLinear', ''],
    [{ setting: { force2Ddimension: 3 } }, 'force2Ddimension must be a whole number from 0 to 2', ''],
    [{ imageType: { Log: {} } }, 'imageType has no Log', 'Did you mean LoG?'],
    [{ imageType: { Wavelet: { wavelet: 'coif9' } } }, 'wavelet must be a name such as db1', 'haar'],
    [{ imageType: { LoG: { sigma: [0] } } }, 'sigma must be a list of numbers above 0', ''],
    [{ imageType: [] }, 'imageType must be a mapping', ''],
    [{ featureClass: { glcm: ['contrast'] } }, 'glcm has no feature contrast', 'Did you mean Contrast?'],
    [{ featureClass: { glcm: 'Contrast' } }, 'featureClass.glcm must be a list of features', ''],
    [{ voxelSetting: { kernelRadius: 0 } }, 'kernelRadius must be a whole number from 1', ''],
    [7, 'the parameter file must be a mapping', ''],
  ])('refuses %j', (json, what, fix) => {
    expect(() => parse(json)).toThrow(expect.objectContaining({ code: 'INVALID_SETTINGS' }) as Error);
    expect(() => parse(json)).toThrow(what);
    expect(() => parse(json)).toThrow(fix);
  });

  it.each(['sitkGaussian', 8n])('says that the interpolator %s is not computed', (interpolator) => {
    expect(() => parse({ setting: { interpolator } })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_PARAMETER' }) as Error,
    );
  });
});
