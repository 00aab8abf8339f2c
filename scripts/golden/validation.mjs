// Family `validation`: computes what expected.json of a case holds, by the libraries' public functions.
// Of expected.json only `kind` and `spec` are read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { binaryEdge, binaryLarge, binaryValidation } from './validation/binary.mjs';
import { clustering } from './validation/clusters.mjs';
import { competingRisks, decisionCurveSurvival } from './validation/competing.mjs';
import { fitCoxCase, fitFirthCase, fitLogisticCase, sampleSize } from './validation/fits.mjs';
import { glmnetBinomial, glmnetCox } from './validation/glmnet.mjs';
import { binaryMulticentre, internalExternalCase, membershipCase } from './validation/multicentre.mjs';
import { bootstrapOptimismCase, nomogramCox, nomogramLogistic } from './validation/models.mjs';
import { metaAnalysis, metaEdge, rubin } from './validation/pooling.mjs';
import { survivalEdge, survivalValidation } from './validation/survival.mjs';
import { federatedSurvival, survivalMulticentre } from './validation/survival-centres.mjs';

const KINDS = {
  'binary-validation': binaryValidation,
  'binary-edge': binaryEdge,
  'binary-large': binaryLarge,
  'binary-multicentre': binaryMulticentre,
  'internal-external': internalExternalCase,
  membership: membershipCase,
  'meta-analysis': metaAnalysis,
  'meta-edge': metaEdge,
  rubin,
  'nomogram-cox': nomogramCox,
  'nomogram-lrm': nomogramLogistic,
  'bootstrap-optimism': bootstrapOptimismCase,
  'glmnet-binomial': glmnetBinomial,
  'glmnet-cox': glmnetCox,
  'fit-cox': fitCoxCase,
  'fit-logistic': fitLogisticCase,
  'fit-firth': fitFirthCase,
  'sample-size': sampleSize,
  clustering,
  'survival-multicentre': survivalMulticentre,
  'federated-survival': federatedSurvival,
  'competing-risks': competingRisks,
  'decision-curve-survival': decisionCurveSurvival,
  'survival-validation': survivalValidation,
  'survival-edge': survivalEdge,
};

/** What the case holds, as plain JSON values. */
export function computeCase(folder) {
  const { kind, spec } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const family = KINDS[kind];
  if (!family) throw new Error(`no computation for cases of kind ${kind}`);
  // What is not a finite number must not reach a file: JSON would turn it into null silently.
  const text = JSON.stringify(
    family({ folder, spec }),
    (key, value) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${key} is ${value}`);
      return ArrayBuffer.isView(value) ? [...value] : value;
    },
    1,
  );
  return JSON.parse(text);
}

export function compute(folder, out) {
  writeFileSync(out, JSON.stringify(computeCase(folder), null, 1));
}
