import { parseHTML } from 'linkedom';
import {
  batchCorrectionsFigure,
  batchDensitiesFigure,
  batchHeatMapFigure,
  type Figure,
  type FigureDocument,
  priorQuantilesFigure,
} from './index.js';

const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: FigureDocument };
const batches = ['A & B', 'C', 'D'];
const curve = (batch: string, at: number) => ({ batch, x: [0, 1, 2, 3], density: [0, at, 1 - at, 0] });
const column = (offset: number) => {
  const values = Float64Array.from([0.5, -1, 0.25].map((value) => value + offset));
  return { values, lower: values.map((value) => value - 0.2), upper: values.map((value) => value + 0.2) };
};
const pairs = (distance: number) => ({ expected: [-1, 0, 1], observed: [-1.1, 0.2, 0.9], distance });

const FIGURES: [string, (width: number) => Figure][] = [
  [
    'densities',
    (width) =>
      batchDensitiesFigure(
        {
          batches,
          features: [
            {
              name: 'f<1>',
              etaSquaredBefore: 0.3,
              etaSquaredAfter: 0.01,
              before: [curve('A & B', 0.3), curve('C', 0.6)],
              after: [curve('A & B', 0.5), curve('C', 0.5)],
            },
          ],
        },
        { document, width },
      ),
  ],
  [
    'heat map',
    (width) =>
      batchHeatMapFigure(
        {
          batches,
          featureCount: 1234,
          features: [{ name: 'f1', before: [-0.4, 1.25, null], after: [0, -0.04, null] }],
        },
        { document, width },
      ),
  ],
  [
    'corrections',
    (width) =>
      batchCorrectionsFigure(
        {
          features: ['f1', 'f2', 'f3'],
          batches: [
            { batch: 'A & B', shift: column(0), scale: column(2), shiftPrior: [-1, 1], scalePrior: [0.5, 2] },
            { batch: 'C', shift: column(0), scale: null, shiftPrior: null, scalePrior: null },
          ],
        },
        { document, width },
      ),
  ],
  [
    'priors',
    (width) =>
      priorQuantilesFigure(
        {
          batches: [
            { batch: 'A & B', gamma: pairs(0.04), delta: pairs(0.2) },
            { batch: 'C', gamma: pairs(0.05), delta: null },
          ],
        },
        { document, width },
      ),
  ],
];

describe.each(FIGURES)('figure of %s', (_, draw) => {
  it.each([320, 390, 720])('is drawn whole at %s px, without a broken number', (width) => {
    const { svg, caption, alternative } = draw(width);
    expect(svg).toMatch(/^<svg[^>]* width="\d+"/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg).not.toContain('A & B');
    expect(`${caption}${alternative}`).not.toMatch(/NaN|undefined/);
  });

  it('is the same for the same data, with every number in its table', () => {
    expect(draw(720)).toEqual(draw(720));
    const { columns, rows } = draw(720).table;
    for (const row of rows) expect(row.length).toBe(columns.length);
  });
});

it('says which batches have too few patients for a curve', () => {
  expect(FIGURES[0][1](720).caption).toContain('Not drawn, too few patients: D.');
});

it('writes signed distances into cells, and rounds what is nearly 0 to it', () => {
  const { svg } = FIGURES[1][1](720);
  for (const words of ['−0.4', '+1.3', '>0.0<']) expect(svg).toContain(words);
  expect(svg).not.toContain('−0.0');
});

it('names the batches whose estimates leave the prior', () => {
  expect(FIGURES[3][1](720).alternative).toBe('Estimates leave the prior in A & B (variance, distance 0.20).');
});
