// Family `validation`: computes what expected.json of a case holds, by the libraries' public functions.
// Of expected.json only `kind` and `spec` are read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { binaryEdge, binaryLarge, binaryValidation } from './validation/binary.mjs';
import { competingRisks, decisionCurveSurvival } from './validation/competing.mjs';
import { binaryMulticentre, internalExternalCase, membershipCase } from './validation/multicentre.mjs';
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
  'survival-multicentre': survivalMulticentre,
  'federated-survival': federatedSurvival,
  'competing-risks': competingRisks,
  'decision-curve-survival': decisionCurveSurvival,
  'survival-validation': survivalValidation,
  'survival-edge': survivalEdge,
};

export function compute(folder, out) {
  const { kind, spec } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const family = KINDS[kind];
  if (!family) throw new Error(`no computation for cases of kind ${kind}`);
  const result = family({ folder, spec });
  // What is not a finite number must not reach a file: JSON would turn it into null silently.
  const text = JSON.stringify(
    result,
    (key, value) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${key} is ${value}`);
      return ArrayBuffer.isView(value) ? [...value] : value;
    },
    1,
  );
  writeFileSync(out, text);
}
