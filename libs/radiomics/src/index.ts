export { featureCatalogue, textureName, type FeatureDescriptor } from './catalogue.js';
export { builtInCertificate } from './conformance/built-in.js';
export {
  certificateOf,
  type CheckedValue,
  type ConformanceCase,
  type ConformanceCertificate,
  type FamilyCount,
  type WorstValue,
} from './conformance/certificate.js';
export {
  checkCtPhantom,
  checkValidationPatient,
  IBSI1_CONFIGURATIONS,
  VALIDATION_MODALITIES,
  type ValidationModality,
} from './conformance/ibsi1.js';
export { checkFilteredStatistics, checkResponseMap, phase2Configurations } from './conformance/ibsi2.js';
export {
  ibsiDiagnostics,
  type DiagnosticValue,
  type ExtractionDiagnostics,
  type ImageDiagnostics,
  type RegionDiagnostics,
} from './diagnostics.js';
export {
  EmptyRegionError,
  FlatImageError,
  InvalidSettingsError,
  NonFiniteVoxelError,
  RegionOffGridError,
  ShearedGridError,
  SmallRegionError,
  UnmeasuredRegionError,
} from './errors.js';
export { filterImage, type ResponseMap } from './filter-image.js';
export type { Boundary, FilterSettings } from './filters/filter-settings.js';
export { compileExtraction, type CompiledExtraction } from './compile.js';
export { extractFeatures, runExtraction, type FeatureVector } from './extract.js';
export type { FeatureStatus, FeatureValue } from './feature-value.js';
export { AGGREGATIONS, FAMILIES, isDiscretised, type Aggregation, type Family, type FeatureUnit } from './names.js';
export { parseSettings, settingsSchema } from './parse-settings.js';
export { PRESETS } from './presets.js';
export type { JsonSchema } from './settings-shape.js';
export type { ColumnValue } from './pyradiomics/diagnostics.js';
export { extractPyradiomics, type PyradiomicsResult } from './pyradiomics/extract.js';
export { parsePyradiomicsParameters, type PyradiomicsParameters } from './pyradiomics/parameters.js';
export {
  settingsDigest,
  discretisationName,
  type Discretisation,
  type ExtractionSettings,
  type ImageSettings,
  type MinimumRegion,
  type Normalisation,
  type Resampling,
  type Resegmentation,
} from './settings.js';
export { featureMaps, type FeatureMap, type FeatureMaps } from './maps/feature-maps.js';
export { parseVoxelSettings, type VoxelSettings } from './maps/voxel-settings.js';
export type { ImageWithRegion } from './robustness/new-grid.js';
export { parseChain, PerturbationError, type Amount, type PerturbationStep } from './robustness/perturbation.js';
export { perturb } from './robustness/perturb.js';
export { Timings } from './timings.js';
