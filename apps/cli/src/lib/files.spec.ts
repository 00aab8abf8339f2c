import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFolder, readInput, writeOutput, writeOutputs } from './files.js';

const settled = () => new Promise((resolve) => setTimeout(resolve, 10));
const folder = mkdtempSync(join(tmpdir(), 'concord-files-'));

describe('writeOutput', () => {
  it('makes missing folders and leaves nothing but the file', () => {
    writeOutput(join(folder, 'new', 'a.csv'), 'x\n');
    expect(readdirSync(join(folder, 'new'))).toEqual(['a.csv']);
  });

  it('keeps an existing file unless forced', () => {
    const path = join(folder, 'kept.csv');
    writeFileSync(path, 'old');
    expect(() => writeOutput(path, 'new')).toThrow(expect.objectContaining({ code: 'OUTPUT_REFUSED' }) as Error);
    expect(readFileSync(path, 'utf8')).toBe('old');
    writeOutput(path, 'new', true);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('leaves no part behind when the place cannot be written', () => {
    const path = join(folder, 'kept.csv', 'below-a-file.csv');
    expect(() => writeOutput(path, 'x')).toThrow(expect.objectContaining({ code: 'OUTPUT_REFUSED' }) as Error);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('writes none of several when one of them exists', () => {
    const files = new Map([
      ['first.svg', '1'],
      ['kept.csv', '2'],
    ]);
    expect(() => writeOutputs(folder, files)).toThrow('already exists');
    expect(readdirSync(folder)).not.toContain('first.svg');
  });
});

describe('writeOutputs', () => {
  it('holds back Ctrl-C by one listener for all files, which goes when they stand', async () => {
    await settled();
    const before = process.listenerCount('SIGINT');
    const files = new Map(Array.from({ length: 12 }, (_, index) => [`figure-${index}.svg`, '<svg/>']));
    writeOutputs(join(folder, 'figures'), files);
    expect(process.listenerCount('SIGINT')).toBe(before + 1); // Node warns of a leak above ten
    await settled();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('readInput', () => {
  it('names an absent file, and a folder that is none', () => {
    const absent = { code: 'FILE_NOT_READABLE', what: 'there is no such file', where: join(folder, 'absent') };
    expect(() => readInput(join(folder, 'absent'))).toThrow(expect.objectContaining(absent) as Error);
    expect(() => readInput(folder)).toThrow('this is a folder');
    expect(isFolder(folder)).toBe(true);
  });
});
