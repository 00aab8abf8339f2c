import {
  batchCorrectionsFigure,
  batchDensitiesFigure,
  batchHeatMapFigure,
  featureEffectsFigure,
  type Figure,
  type FigureDocument,
  pcaFigure,
  priorQuantilesFigure,
} from '@concord/figures';
import type { ScannerReport } from './scanner-report.js';

/** A figure of the report by its file's name, drawn at any width. */
export interface ScannerFigure {
  readonly name: 'distributions' | 'components' | 'features' | 'heat-map' | 'corrections' | 'priors';
  readonly title: string;
  readonly draw: (width: number) => Figure;
}

/** The figures that a report has, in its order; batches are shown, never patients. */
export function scannerFigures(report: ScannerReport, document: FigureDocument): ScannerFigure[] {
  const { comparison, effect, corrections, priors, densities, heatMap } = report;
  const figures: ScannerFigure[] = [];
  if (densities.features.length > 0) {
    figures.push({
      name: 'distributions',
      title: 'Distributions by batch',
      draw: (width) => batchDensitiesFigure(densities, { document, width }),
    });
  }
  const plane = comparison?.plane;
  if (plane) {
    const clouds = (state: typeof plane.before) =>
      state.map(({ batch, ...cloud }) => ({ ...cloud, site: batch, points: null }));
    const data = {
      sites: effect.batches,
      explained: plane.explained,
      before: clouds(plane.before),
      after: clouds(plane.after),
      noun: 'batch' as const,
    };
    figures.push({
      name: 'components',
      title: 'Batches on principal components',
      draw: (width) => pcaFigure(data, { document, width }),
    });
  }
  if (comparison !== null) {
    const { features, test } = comparison;
    figures.push({
      name: 'features',
      title: 'Features ordered by effect',
      draw: (width) => featureEffectsFigure({ features, test, noun: 'batch' }, { document, width }),
    });
  }
  if (heatMap.features.length > 0) {
    figures.push({
      name: 'heat-map',
      title: 'Features by batch',
      draw: (width) => batchHeatMapFigure(heatMap, { document, width }),
    });
  }
  if (corrections !== null && corrections.batches.length > 0) {
    figures.push({
      name: 'corrections',
      title: 'Corrections by batch',
      draw: (width) => batchCorrectionsFigure(corrections, { document, width }),
    });
  }
  if (priors !== null && priors.batches.length > 0) {
    figures.push({
      name: 'priors',
      title: 'Fit of the priors',
      draw: (width) => priorQuantilesFigure(priors, { document, width }),
    });
  }
  return figures;
}
