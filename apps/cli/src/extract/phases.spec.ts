import { column, tableFromCsv, tableToCsv } from '@concord/tables';
import { phaseLayout, withPhases } from './phases.js';

const table = tableFromCsv(
  [
    'case,roi,phase,reader,site,diagnostics_n,mean,entropy',
    'A,1,arterial,r1,x,5,100,2',
    'A,1,portal,r1,x,5,80,0',
    'B,1,portal,r1,y,5,60,1',
    'A,1,arterial,r2,x,6,90,2.5',
    'B,1,arterial,r1,y,5,,0',
  ].join('\n'),
);
const layOut = (given: string[] = [], deltas: string[] = []) =>
  tableToCsv(withPhases(table, ['phase', 'reader', 'site'], phaseLayout(column(table, 'phase'), given, deltas))).split(
    '\n',
  );

describe('withPhases', () => {
  it('gives a row for each case, region and reader, with the phases as groups of columns', () => {
    expect(layOut()).toEqual([
      'case,roi,reader,site,arterial:diagnostics_n,arterial:mean,arterial:entropy,portal:diagnostics_n,portal:mean,portal:entropy',
      'A,1,r1,x,5,100,2,5,80,0',
      'B,1,r1,y,5,,0,5,60,1',
      'A,1,r2,x,6,90,2.5,,,',
      '',
    ]);
  });

  it('adds differences and ratios of features, empty where a value is missing or the divisor is 0', () => {
    const [head, ...rows] = layOut(['portal', 'arterial'], ['portal-arterial', 'arterial/portal']);
    const added = (line: string) => line.split(',').slice(10).join();
    expect(added(head)).toBe(
      'portal-arterial:mean,portal-arterial:entropy,arterial/portal:mean,arterial/portal:entropy',
    );
    expect(rows.slice(0, 3).map(added)).toEqual(['-20,-2,1.25,', ',1,,0', ',,,']);
    expect(head.startsWith('case,roi,reader,site,portal:diagnostics_n')).toBe(true);
  });

  it.each([
    [['arterial'], [], 'line 3 of the list has the phase portal'],
    [[], ['portal+arterial'], 'there is no delta portal+arterial'],
    [[], ['portal-late'], 'there is no delta portal-late'],
  ])('refuses phases %j with deltas %j: %s', (given, deltas, what) => {
    expect(() => layOut(given, deltas)).toThrow(what);
  });

  it('refuses two rows of the same case, region, reader and phase', () => {
    const twice = tableFromCsv('case,roi,phase,mean\nA,1,portal,1\nA,1,portal,2\n');
    const layout = phaseLayout(column(twice, 'phase'), [], []);
    expect(() => withPhases(twice, ['phase'], layout)).toThrow('two rows are of the phase portal of A, 1');
  });
});
