import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectPath } from './inspect.js';
import { frameDecoder, readImage } from './read-case.js';

const golden = fileURLToPath(new URL('../../../../libs/imaging/golden/dicom/', import.meta.url));
const examples = fileURLToPath(new URL('../../../../docs/examples/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'concord-inspect-'));
afterAll(() => {
  frameDecoder.close();
  rmSync(folder, { recursive: true });
});

beforeAll(() => {
  for (const inner of ['patient/mr', 'patient/other', 'empty']) mkdirSync(join(folder, inner), { recursive: true });
  const echoes = join(golden, 'folders/echoes');
  for (const name of readdirSync(echoes)) copyFileSync(join(echoes, name), join(folder, 'patient/mr', name));
  copyFileSync(join(examples, 'ball-mask.nii.gz'), join(folder, 'patient/other/mask.nii.gz'));
  copyFileSync(join(golden, 'kinds/dx.dcm'), join(folder, 'patient/other/dx.dcm'));
  writeFileSync(join(folder, 'patient/notes.txt'), 'no image');
});

describe('inspectPath', () => {
  it('sorts what lies in a folder and those below it, and says what would be refused', () => {
    expect(inspectPath(folder).map(({ path, kind, label }) => [path.slice(folder.length + 1), kind, label])).toEqual([
      ['patient/mr', 'image', 'echo time 2.3'],
      ['patient/mr', 'image', 'echo time 4.6'],
      ['patient/other', 'refused', undefined],
      ['patient/other/mask.nii.gz', 'image', undefined],
    ]);
  });

  it('refuses a folder without any image', () => {
    expect(inspectPath(join(folder, 'empty'))).toMatchObject([
      { kind: 'refused', error: { code: 'UNSUPPORTED_FILE' } },
    ]);
  });
});

it('names a folder that may be meant where the one given holds no DICOM itself', () => {
  const patient = join(folder, 'patient');
  expect(() => readImage(patient)).toThrow('the folder holds no DICOM file, but 2 folders');
});
