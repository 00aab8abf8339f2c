import { tableFromCsv } from './csv.js';
import { column, concatTables, numberValues, selectColumns, selectRows, textValues } from './feature-table.js';
import { ColumnMissingError, TableShapeError } from './table-errors.js';

const table = tableFromCsv('site,x,y\na,1,2\nb,,3\n');

it('finds columns by name, and lists the names when there is none such', () => {
  expect(numberValues(table, 'y')).toEqual(Float64Array.of(2, 3));
  expect(textValues(table, 'x')).toEqual(['1', null]);
  expect(() => column(table, 'z')).toThrow(ColumnMissingError);
  expect(() => column(table, 'z')).toThrow(/site, x, y/);
  expect(() => numberValues(table, 'site')).toThrow(TableShapeError);
});

it('selects columns and rows in the order asked for', () => {
  expect(selectColumns(table, ['y', 'site']).columns.map(({ name }) => name)).toEqual(['y', 'site']);
  expect(selectRows(table, [1, 0, 1]).columns.map(({ values }) => [...values])).toEqual([
    ['b', 'a', 'b'],
    [NaN, 1, NaN],
    [3, 2, 3],
  ]);
  expect(() => selectRows(table, [2])).toThrow(TableShapeError);
});

it('concatenates by name; a column without values takes the kind it has elsewhere', () => {
  const joined = concatTables([table, tableFromCsv('y,site,x\n5,c,\n'), tableFromCsv('x,y,site\n1,1,\n')]);
  expect(joined).toEqual(tableFromCsv('site,x,y\na,1,2\nb,,3\nc,,5\n,1,1\n'));
  expect(concatTables([])).toEqual({ rowCount: 0, columns: [] });
});

it('refuses tables that differ in their columns or in the kind of one', () => {
  expect(() => concatTables([table, tableFromCsv('site,x\na,1\n')])).toThrow(/table 2 lacks y/);
  expect(() => concatTables([table, tableFromCsv('site,x,y\na,b,1\n')])).toThrow(TableShapeError);
});
