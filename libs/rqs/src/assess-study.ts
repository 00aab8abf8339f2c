import { assessClear, assessTripodAi } from './assess-checklist.js';
import { assessMetrics } from './assess-metrics.js';
import { assessRqs1 } from './assess-rqs1.js';
import { assessRqs2 } from './assess-rqs2.js';
import type { Assessment, ChecklistAssessment } from './assessment.js';
import type { StudyFacts } from './study-facts.js';

/** Everything that is said of a study's quality, from one set of facts. `strict` and `lenient` are RQS 1.0. */
export interface StudyAssessment {
  readonly strict: Assessment;
  readonly lenient: Assessment;
  /** RQS 2.0 and METRICS by the strict reading. */
  readonly rqs2: Assessment;
  readonly metrics: Assessment;
  readonly clear: ChecklistAssessment;
  readonly tripodAi: ChecklistAssessment;
}

export function assessStudy(facts: StudyFacts): StudyAssessment {
  return {
    strict: assessRqs1(facts, 'strict'),
    lenient: assessRqs1(facts, 'lenient'),
    rqs2: assessRqs2(facts, 'strict'),
    metrics: assessMetrics(facts, 'strict'),
    clear: assessClear(facts),
    tripodAi: assessTripodAi(facts),
  };
}
