import { assess } from './steps/assess.js';
import { fit } from './steps/fit.js';
import { harmonizeBlock, harmonizeDevelopment, harmonizeSite } from './steps/harmonize.js';
import { leakAudit } from './steps/leak-audit.js';
import { lock } from './steps/lock.js';
import { predict } from './steps/predict.js';
import { report } from './steps/report.js';
import { measureBlock, measureEffects } from './steps/scanner-effects.js';
import type { StepResult, StepTask } from './step.task.js';
import { validate } from './steps/validate.js';

/** Runs one step. Called in a worker thread of the hub, or directly by tests. */
export async function computeStep(task: StepTask): Promise<StepResult> {
  switch (task.kind) {
    case 'harmonize-block':
      return harmonizeBlock(task);
    case 'harmonize-development':
      return harmonizeDevelopment(task);
    case 'fit':
      return fit(task);
    case 'lock':
      return lock(task);
    case 'harmonize-site':
      return harmonizeSite(task);
    case 'effects-block':
      return measureBlock(task);
    case 'scanner-effects':
      return measureEffects(task);
    case 'predict':
      return predict(task);
    case 'validate':
      return validate(task);
    case 'leak-audit':
      return leakAudit(task);
    case 'assess':
      return assess(task);
    case 'report':
      return report(task);
  }
}
