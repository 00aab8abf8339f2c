import type { Figure, FigureOptions } from '@concord/figures';
import { useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';

import { DataTable, type Cell } from './data-table.js';
import { fileName, savePng, saveText } from './download.js';

export interface FigureViewProps {
  /** Names the figure on the page and its downloads; no two of a page alike. */
  readonly title: string;
  readonly draw: (options: FigureOptions) => Figure;
  /** Drawn no wider than this, px. */
  readonly widest?: number;
  /** The records it comes from. */
  readonly records?: ReactNode;
}

const STEP_PX = 20;

/** A figure drawn for the width it has, with its caption, its files and the numbers behind it. */
export function FigureView({ title, draw, widest = 960, records }: FigureViewProps) {
  const frame = useRef<HTMLElement>(null);
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const fit = () => {
      if (matchMedia('print').matches) return; // paper scales what is drawn
      setWidth(Math.max(320, Math.min(widest, Math.floor(element.clientWidth / STEP_PX) * STEP_PX)));
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return () => observer.disconnect();
  }, [widest]);
  const figure = useMemo(() => (width === null ? null : draw({ document, width })), [draw, width]);
  return (
    <figure ref={frame}>
      {figure === null ? (
        <div className="skeleton figure" />
      ) : (
        <Drawn title={title} figure={figure} records={records} />
      )}
    </figure>
  );
}

function Drawn({
  title,
  figure,
  records,
}: {
  readonly title: string;
  readonly figure: Figure;
  readonly records: ReactNode;
}) {
  const name = fileName(title);
  const { columns, rows } = figure.table;
  const isNumber = (index: number) => rows.some((row) => typeof row[index] === 'number');
  return (
    <>
      {/* Made by libs/figures, which escapes every text that it is given. */}
      <div className="drawing" dangerouslySetInnerHTML={{ __html: figure.svg }} />
      <figcaption>
        {figure.caption} {records}
      </figcaption>
      <p className="tools">
        <button type="button" className="quiet" onClick={() => saveText(`${name}.svg`, figure.svg, 'image/svg+xml')}>
          SVG<span className="hidden"> of the figure {title}</span>
        </button>
        <button type="button" className="quiet" onClick={() => void savePng(`${name}.png`, figure.svg)}>
          PNG<span className="hidden"> of the figure {title}</span>
        </button>
      </p>
      <details>
        <summary>
          The numbers behind it<span className="hidden">: {title}</span>
        </summary>
        <DataTable
          title={`Numbers: ${title}`}
          isTitleHidden
          columns={columns.map((column, index) => ({
            title: column,
            isNumber: isNumber(index),
            value: (row: readonly Cell[]) => row[index] ?? null,
          }))}
          rows={rows}
        />
      </details>
    </>
  );
}
