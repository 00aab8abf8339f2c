export { batchCorrectionsFigure, type BatchCorrectionsData } from './batch-corrections.js';
export { batchDensitiesFigure, type BatchDensitiesData, type DensityCurve } from './batch-densities.js';
export { batchHeatMapFigure, type BatchHeatMapData } from './batch-heat-map.js';
export { calibrationFigure, type CalibrationData } from './calibration.js';
export { decisionCurveFigure, type DecisionCurveData } from './decision-curve.js';
export { featureEffectsFigure, type FeatureEffect, type FeatureEffectsData } from './feature-effects.js';
export {
  escapeXml,
  type Figure,
  type FigureDocument,
  type FigureEstimate,
  type FigureOptions,
  type FigureTable,
} from './figure.js';
export { forestFigure, type ForestData, type ForestMeasure, type ForestRow } from './forest.js';
export { networkFigure, type NetworkData } from './network.js';
export { siteStyles, type SiteStyle } from './palette.js';
export { pcaFigure, type PcaData, type SiteCloud } from './pca.js';
export { priorQuantilesFigure, type PriorQuantilesData } from './prior-quantiles.js';
export { riskDistributionFigure, type RiskDistributionData } from './risk-distribution.js';
export { survivalFigure, type SurvivalFigureCurve, type SurvivalFigureData } from './survival.js';
export { scoreFigure, type ScoreCell, type ScoreData } from './score-cells.js';
export { bytesWords, count, estimateWords, fixed, grouped, intervalWords, listOf } from './words.js';
