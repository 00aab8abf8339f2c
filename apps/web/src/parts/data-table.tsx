import { useId, useState, type ReactNode } from 'react';

import { csvOf, fileName, saveText } from './download.js';

export type Cell = string | number | null;

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => Cell;
  /** What is shown, where it is more than the value. */
  readonly show?: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
}

export interface DataTableProps<Row> {
  /** Names the table on the page and its download; no two of a page alike. */
  readonly title: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** `stacked`: each row becomes a block on a narrow screen, for tables with much text. */
  readonly kind?: 'plain' | 'stacked';
  readonly note?: ReactNode;
  readonly isTitleHidden?: boolean;
}

const LONG = 20;
/** Above this a table scrolls in a box of its own, under its head. */
const BOXED = 60;
/** Up to this many columns a table is no wider than its content needs: the eye must find the way across. */
const FEW_COLUMNS = 4;
const AT_ONCE = 200;

/** A table with its download; above 20 rows it can be sorted and searched. The first column names the row. */
export function DataTable<Row>({ title, columns, rows, kind = 'plain', note, isTitleHidden }: DataTableProps<Row>) {
  const [order, setOrder] = useState<{ index: number; isUp: boolean } | null>(null);
  const [wanted, setWanted] = useState('');
  const [shownCount, setShownCount] = useState(AT_ONCE);
  const isLong = rows.length > LONG;
  const isBoxed = rows.length > BOXED;
  const found = isLong ? rows.filter((row) => matches(row, columns, wanted)) : rows;
  const sorted = order === null ? found : sortBy(found, columns[order.index].value, order.isUp);
  const shown = sorted.slice(0, shownCount);
  const save = () => {
    const cells = sorted.map((row) => columns.map((column) => column.value(row)));
    saveText(
      `${fileName(title)}.csv`,
      csvOf({ columns: columns.map((column) => column.title), rows: cells }),
      'text/csv',
    );
  };
  const flip = (index: number) =>
    setOrder({ index, isUp: order?.index === index ? !order.isUp : columns[index].isNumber !== true });
  return (
    <div className="table">
      {isLong && <Search title={title} wanted={wanted} onChange={setWanted} found={found.length} of={rows.length} />}
      <div className={isBoxed ? 'scroll long' : 'scroll'} tabIndex={0} role="region" aria-label={title}>
        <table className={columns.length <= FEW_COLUMNS ? `${kind} few` : kind}>
          <caption className={isTitleHidden ? 'hidden' : undefined}>{title}</caption>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th
                  key={column.title}
                  scope="col"
                  className={column.isNumber ? 'number' : undefined}
                  aria-sort={ariaSort(order, index)}
                >
                  {isLong ? (
                    <SortButton title={column.title} state={ariaSort(order, index)} onFlip={() => flip(index)} />
                  ) : (
                    column.title
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <Row key={index} row={row} columns={columns} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="tools">
        {sorted.length > shownCount && (
          <button type="button" className="quiet" onClick={() => setShownCount(shownCount + 5 * AT_ONCE)}>
            Show more of {sorted.length} rows
          </button>
        )}
        <button type="button" className="quiet" onClick={save}>
          CSV<span className="hidden"> of the table {title}</span>
        </button>
        {note}
      </p>
    </div>
  );
}

function Row<Row>({ row, columns }: { readonly row: Row; readonly columns: readonly Column<Row>[] }) {
  return (
    <tr>
      {columns.map((column, index) => {
        const content = column.show ? column.show(row) : shortOf(column.value(row));
        const props = { className: column.isNumber ? 'number' : undefined, 'data-title': column.title };
        return index === 0 ? (
          <th key={column.title} scope="row" {...props}>
            {content}
          </th>
        ) : (
          <td key={column.title} {...props}>
            {content}
          </td>
        );
      })}
    </tr>
  );
}

interface SearchProps {
  readonly title: string;
  readonly wanted: string;
  readonly onChange: (wanted: string) => void;
  readonly found: number;
  readonly of: number;
}

function Search({ title, wanted, onChange, found, of }: SearchProps) {
  const id = useId();
  return (
    <p className="search">
      <label htmlFor={id}>
        Find in <span className="hidden">{title}, </span>
        {of} rows
      </label>{' '}
      <input id={id} type="search" value={wanted} onChange={(event) => onChange(event.target.value)} />{' '}
      <span role="status">{wanted === '' ? '' : `${found} found`}</span>
    </p>
  );
}

type Sort = 'ascending' | 'descending' | undefined;

function SortButton({
  title,
  state,
  onFlip,
}: {
  readonly title: string;
  readonly state: Sort;
  readonly onFlip: () => void;
}) {
  return (
    <button type="button" className="sort" onClick={onFlip}>
      {title}
      <span aria-hidden="true">{state === undefined ? ' ↕' : state === 'ascending' ? ' ↑' : ' ↓'}</span>
    </button>
  );
}

function ariaSort(order: { index: number; isUp: boolean } | null, index: number): Sort {
  if (order?.index !== index) return undefined;
  return order.isUp ? 'ascending' : 'descending';
}

function matches<Row>(row: Row, columns: readonly Column<Row>[], wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  return (
    text === '' ||
    columns.some((column) =>
      String(column.value(row) ?? '')
        .toLowerCase()
        .includes(text),
    )
  );
}

/** Missing values last, in either direction. */
function sortBy<Row>(rows: readonly Row[], value: (row: Row) => Cell, isUp: boolean): Row[] {
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), 'en');
    return isUp ? order : -order;
  });
}

/** Four significant digits to read; hover and download have them all. */
function shortOf(value: Cell): ReactNode {
  if (value === null) return <span className="none">–</span>;
  if (typeof value === 'string' || Number.isInteger(value)) return value;
  return (
    <data value={value} title={String(value)}>
      {Number(value.toPrecision(4)).toString().replace('-', '−')}
    </data>
  );
}
