export { type BatchCloud, compareScannerEffects, type ScannerEffectComparison } from './compare.js';
export { ScannerEffectInputError } from './errors.js';
export { principalComponents, type PrincipalComponents, project } from './principal-components.js';
export {
  type AdjustedTest,
  type Affected,
  type FeatureEffect,
  measureScannerEffect,
  type ScannerEffect,
  type ScannerEffectInput,
  type ScannerEffectPca,
} from './scanner-effect.js';
export { type Anova, anova, brownForsythe, cohenD, kruskalWallis, type TestResult } from './tests-between-groups.js';
