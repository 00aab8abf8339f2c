import { fileURLToPath } from 'node:url';
import { inspectPath } from './inspect.js';
import { frameDecoder, readImage } from './read-case.js';

const golden = (path: string): string =>
  fileURLToPath(new URL(`../../../../libs/imaging/golden/dicom/${path}`, import.meta.url));
afterAll(() => frameDecoder.close());

describe('readImage', () => {
  it('names the volumes of a folder and takes the one chosen by number', () => {
    const folder = golden('folders/echoes');
    expect(() => readImage(folder)).toThrow(/2 image series: 1 MR echo time 2\.3 \(3 files\), 2 MR echo time 4\.6/);
    const [first, second] = [1, 2].map((number) => readImage(`${folder}#${number}`).volume);
    expect(first.shape).toEqual([4, 3, 3]);
    expect(second.data).not.toEqual(first.data);
    expect(() => readImage(`${folder}#3`)).toThrow(/2 image series/);
  });

  it('takes a volume of an enhanced file, and a frame of a clip', () => {
    expect(readImage(`${golden('enhanced/mr-b.dcm')}#2`).volume.shape).toEqual([4, 3, 2]);
    const frames = [1, 2].map((number) => readImage(`${golden('ultrasound/rgb.dcm')}#${number}`).volume);
    expect(frames[0].shape).toEqual([16, 12, 1]);
    expect(frames[1].data).not.toEqual(frames[0].data);
    expect(() => readImage(golden('ultrasound/rgb.dcm'))).toThrow(/2 frames/);
  });

  it('reads compressed images', () => {
    const raw = readImage(golden('codecs/signed12/native.dcm')).volume;
    for (const codec of ['jpeg-ls', 'jpeg-2000', 'htj2k', 'jpeg-lossless-4', 'rle']) {
      expect(readImage(golden(`codecs/signed12/${codec}.dcm`)).volume.data).toEqual(raw.data);
    }
  });
});

it('inspects every volume of a file and says how many frames a clip has', () => {
  expect(inspectPath(golden('enhanced/mr-b.dcm')).map(({ kind, label }) => [kind, label])).toEqual([
    ['image', 'b-value 0'],
    ['image', 'b-value 800'],
  ]);
  expect(inspectPath(golden('ultrasound/rgb.dcm'))).toMatchObject([
    { kind: 'image', modality: 'US', label: '2 frames' },
  ]);
  expect(inspectPath(golden('kinds/dx.dcm'))).toMatchObject([
    { kind: 'refused', error: { code: 'UNSUPPORTED_OBJECT' } },
  ]);
});
