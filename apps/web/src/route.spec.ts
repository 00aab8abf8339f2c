import { STUDY_PARTS, routeOf, studyPath, tokenInHash } from './route.js';

describe('routeOf', () => {
  it.each(STUDY_PARTS)('finds the %s of a study at the address that links give', (part) => {
    expect(routeOf(studyPath('hcc-mvi-ct', part))).toEqual({ page: 'study', id: 'hcc-mvi-ct', part });
  });

  it.each(['/studies/x/unknown', '/studies/x/audit/1', '/study', '/studies/%E0%A4%A', '/studies/x/overview'])(
    'knows no page at %s',
    (path) => {
      expect(routeOf(path)).toEqual({ page: 'unknown' });
    },
  );

  it.each(['/', '/studies', '/studies/'])('lists the studies at %s', (path) => {
    expect(routeOf(path)).toEqual({ page: 'studies' });
  });
});

describe('tokenInHash', () => {
  it('takes the token that the hub prints, and nothing from other fragments', () => {
    expect(tokenInHash('#token=abc_-9')).toBe('abc_-9');
    expect(tokenInHash('#item-12')).toBeNull();
    expect(tokenInHash('#token=')).toBeNull();
  });
});
