import { tableFromCsv } from '@concord/tables';
import { caseListFrom, caseNameOf } from './case-list.js';

const read = (csv: string) => caseListFrom(tableFromCsv(csv), '/study/cases.csv');

describe('caseListFrom', () => {
  it('reads masks, structure sets and segmentations, with paths relative to the list', () => {
    const { cases } = read(
      'case,image,mask,label,rtstruct,roi,seg,segment\nA,a.nii,m.nii,2,,,,\nB,/abs/b,,,rs.dcm,GTV-1,,\nC,c,,,,,seg.dcm,1\n',
    );
    expect(cases).toEqual([
      { name: 'A', image: '/study/a.nii', region: { kind: 'mask', path: '/study/m.nii', label: '2' } },
      { name: 'B', image: '/abs/b', region: { kind: 'rtstruct', path: '/study/rs.dcm', roi: 'GTV-1' } },
      { name: 'C', image: '/study/c', region: { kind: 'seg', path: '/study/seg.dcm', segment: '1' } },
    ]);
  });

  it('reads the headers of PyRadiomics, and names a case for its image', () => {
    const { cases } = read('Image,Mask,Label\nscans/liver-01.nii.gz,m.nrrd,1\n');
    expect(cases[0]).toMatchObject({ name: 'liver-01', region: { kind: 'mask', label: '1' } });
  });

  it('carries further columns', () => {
    expect(read('case,image,mask,site\nA,a,m,x\n').carried.map(({ name }) => name)).toEqual(['site']);
  });

  it('refuses a list without a column image', () => {
    expect(() => read('case,mask\nA,m\n')).toThrow('no column image');
  });

  it('keeps a line without image or region as a case to be refused, so that the others are computed', () => {
    const { cases } = read('case,image,mask\nA,a,\n,,m\nC,c,m\n');
    expect(cases.map(({ name, region }) => [name, region.kind === 'none' ? region.error.what : region.kind])).toEqual([
      ['A', 'line 2 names no region'],
      ['line 3', 'line 3 names no image'],
      ['C', 'mask'],
    ]);
  });
});

describe('caseNameOf', () => {
  it.each([
    ['a/liver.nii.gz', 'liver'],
    ['liver.nrrd', 'liver'],
    ['series/007/', '007'],
    ['v1.2.nii', 'v1.2'],
  ])('%s is %s', (path, name) => expect(caseNameOf(path)).toBe(name));
});
