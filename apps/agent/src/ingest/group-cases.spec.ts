import type { FileFacts } from './file-facts.js';
import { groupCases, type SourceFile } from './group-cases.js';

function file(path: string, facts: FileFacts): SourceFile {
  return { path, byteCount: 10, digest: `digest of ${path}`, facts };
}

function image(path: string, patientId: string | null, seriesUid = '1'): SourceFile {
  return file(path, { kind: 'image', patientId, seriesUid, modality: 'CT' });
}

function region(path: string, patientId: string | null, seriesUids: readonly string[] = []): SourceFile {
  return file(path, { kind: 'region', patientId, format: 'SEG', seriesUids });
}

function broken(path: string): SourceFile {
  return file(path, {
    kind: 'broken',
    problem: { code: 'TRUNCATED', what: 'it ends early', where: '', fix: 'Copy it again.' },
  });
}

function codesOf(files: readonly SourceFile[]): (string | null)[] {
  return groupCases(files).map(({ problem }) => problem?.code ?? null);
}

const whole = [image('a/ct/1.dcm', 'A'), image('a/ct/2.dcm', 'A'), region('a/seg.dcm', 'A')];

describe('groupCases', () => {
  it('makes one case of a patient, wherever its files lie, in the order of their paths', () => {
    const [only, ...rest] = groupCases([...whole].reverse());
    expect(rest).toHaveLength(0);
    expect(only).toMatchObject({
      patientId: 'A',
      place: 'a',
      problem: null,
      byteCount: 30,
      imagePaths: ['a/ct/1.dcm', 'a/ct/2.dcm'],
      region: { path: 'a/seg.dcm', format: 'SEG' },
    });
  });

  it('names inputs by content: another file changes the digest, another place does not', () => {
    const moved = whole.map((f) => ({ ...f, path: f.path.replace('a/', 'z/') }));
    const [before, after] = [groupCases(whole)[0], groupCases(moved)[0]];
    expect(after.inputDigest).toBe(before.inputDigest);
    expect(groupCases([{ ...whole[0], digest: 'other' }, ...whole.slice(1)])[0].inputDigest).not.toBe(
      before.inputDigest,
    );
  });

  it('refuses what is missing or ambiguous, each by its own code, and never the others', () => {
    const b = [image('b/1.dcm', 'B'), region('b/s.dcm', 'B')];
    expect(codesOf([region('a/s.dcm', 'A'), ...b])).toEqual(['CASE_NO_IMAGE', null]);
    expect(codesOf([image('a/1.dcm', 'A'), ...b])).toEqual(['CASE_NO_REGION', null]);
    expect(codesOf([...whole, region('a/t.dcm', 'A'), ...b])).toEqual(['CASE_MANY_REGIONS', null]);
    expect(codesOf([...whole, image('a/pv/1.dcm', 'A', '2'), ...b])).toEqual(['CASE_MANY_IMAGES', null]);
    expect(codesOf([image('a/1.dcm', null), ...b])).toEqual([null, 'CASE_NO_PATIENT']);
  });

  it('takes of several series the one the region was drawn on', () => {
    const files = [image('a/1.dcm', 'A', '1'), image('a/2.dcm', 'A', '2'), region('a/s.dcm', 'A', ['2', '9'])];
    expect(groupCases(files)[0].imagePaths).toEqual(['a/2.dcm']);
  });

  it('refuses the patient whose folder a broken file lies in, or else the folder', () => {
    expect(codesOf([...whole, broken('a/ct/3.dcm')])).toEqual(['TRUNCATED']);
    expect(codesOf([...whole, broken('x/3.dcm')])).toEqual([null, 'TRUNCATED']);
    const shared = [...whole, image('a/other.dcm', 'B'), region('a/b.dcm', 'B'), broken('a/3.dcm')];
    expect(groupCases(shared).map(({ problem, place }) => [problem?.code ?? null, place])).toEqual([
      [null, 'a'],
      [null, 'a'],
      ['TRUNCATED', 'a'],
    ]);
    expect(groupCases([broken('3.dcm')])[0]).toMatchObject({ place: '3.dcm', problem: { where: '3.dcm' } });
  });

  it('leaves other files out', () => {
    expect(groupCases([file('notes.txt', { kind: 'other' })])).toEqual([]);
  });
});
