import { lockRecord, onnxFeatures } from '@concord/models';

import type { StepResult, StepTask } from '../step.task.js';
import type { ModelRecord } from './fit.js';
import { digestIn, jsonBytes, jsonIn } from './step-tables.js';

/**
 * Fixes model, threshold and harmonization under one digest, before any validation outcome is asked for.
 *
 * The time stands beside the record, not in it: the same study locks the same digest.
 */
export function lock(task: StepTask): StepResult {
  const model = jsonIn<ModelRecord>(task, 'model');
  const record = lockRecord({
    modelDigest: digestIn(task, 'onnx'),
    harmonizationDigest: digestIn(task, 'harmonization'),
    protocolDigest: task.protocolDigest,
    threshold: { value: model.threshold.value, rule: model.threshold.rule },
    features: onnxFeatures(model.logistic),
    developmentSites: model.developmentSites,
  });
  return { lock: jsonBytes(record) };
}
