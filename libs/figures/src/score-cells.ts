import { rect, text } from '@observablehq/plot';
import { draw, widthOf, type Figure, type FigureOptions } from './figure.js';
import { colours } from './palette.js';

export interface ScoreCell {
  readonly number: number;
  readonly title: string;
  readonly points: number;
  readonly maxPoints: number;
  readonly state: 'PROVEN' | 'CLAIMED' | 'CONTESTED' | 'NOT_MET' | 'NOT_APPLICABLE';
}

export interface ScoreData {
  readonly title: string;
  readonly total: number;
  readonly maxPoints: number;
  readonly items: readonly ScoreCell[];
}

/** A sign and a word beside each colour. */
const LOOKS: Record<ScoreCell['state'], { sign: string; word: string; colour: string; opacity: number }> = {
  PROVEN: { sign: '✓', word: 'proven', colour: colours.good, opacity: 0.3 },
  CLAIMED: { sign: '…', word: 'claimed', colour: colours.other, opacity: 0.3 },
  CONTESTED: { sign: '!', word: 'contested', colour: colours.warning, opacity: 0.35 },
  NOT_MET: { sign: '–', word: 'not met', colour: 'currentColor', opacity: 0.07 },
  NOT_APPLICABLE: { sign: '·', word: 'not applicable', colour: 'currentColor', opacity: 0 },
};
const CELL_HEIGHT = 64;

/** The items of a quality score as a row of cells (two rows on a phone): number, sign of the state, points of maximum. */
export function scoreFigure(data: ScoreData, options: FigureOptions): Figure {
  const { width, isNarrow } = widthOf(options);
  const columns = isNarrow ? Math.ceil(data.items.length / 2) : data.items.length;
  const rows = Math.ceil(data.items.length / Math.max(1, columns));
  const cell = width / Math.max(1, columns);
  const cells = data.items.map((item, index) => ({
    ...item,
    ...LOOKS[item.state],
    x: (index % columns) * cell,
    y: Math.floor(index / columns) * (CELL_HEIGHT + 6),
    score: `${item.points < 0 ? `−${-item.points}` : item.points}/${item.maxPoints}`,
  }));
  const used = Object.values(LOOKS).filter((look) => cells.some((c) => c.word === look.word));
  const height = rows * (CELL_HEIGHT + 6) + 24;
  const alternative = `${data.title}: ${data.total} of ${data.maxPoints} points. ${cells
    .map((c) => `${c.number} ${c.title}: ${c.word}, ${c.points} of ${c.maxPoints}.`)
    .join(' ')}`;
  const middle = (c: { x: number }) => c.x + cell / 2;
  const at = (dy: number) => (c: { y: number }) => c.y + dy;
  const svg = draw(options.document, data.title, alternative, {
    width,
    height,
    margin: 0,
    x: { domain: [0, width], range: [0, width], axis: null },
    y: { domain: [0, height], range: [0, height], axis: null },
    marks: [
      rect(cells, {
        x1: (c: { x: number }) => c.x + 2,
        x2: (c: { x: number }) => c.x + cell - 2,
        y1: at(1),
        y2: at(CELL_HEIGHT),
        fill: 'colour',
        fillOpacity: 'opacity',
        stroke: 'currentColor',
        strokeOpacity: 0.3,
        rx: 3,
      }),
      text(cells, { x: middle, y: at(13), text: (c: ScoreCell) => String(c.number), fillOpacity: 0.8 }),
      text(cells, { x: middle, y: at(32), text: 'sign', fontWeight: 700, fontSize: 15 }),
      text(cells, { x: middle, y: at(52), text: 'score', fontWeight: 600 }),
      text([0], {
        x: [2],
        y: [height - 9],
        text: [used.map((look) => `${look.sign} ${look.word}`).join(' · ')],
        textAnchor: 'start',
      }),
    ],
    opacity: { type: 'identity' },
  });
  const words = used.map((look) => `${cells.filter((c) => c.word === look.word).length} ${look.word}`).join(', ');
  const caption = `One cell for each item of ${data.title}: its number, state, and points of the most it can have. ${words}.`;
  const table = {
    columns: ['item', 'title', 'state', 'points', 'maximum'],
    rows: cells.map((c) => [c.number, c.title, c.word, c.points, c.maxPoints]),
  };
  return { svg, caption, alternative, table };
}
