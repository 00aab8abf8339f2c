import type { QualityRecord } from './answers.js';
import type { Scheme } from './scheme.js';
import { scoreChecklist, type ChecklistScore } from './score-checklist.js';
import { scorePoints, type PointsScore } from './score-points.js';
import { scoreWeights, type WeightedScore } from './score-weights.js';

export type RecordScore = PointsScore | WeightedScore | ChecklistScore;

/**
 * Checks a record against a scheme and scores it as the scheme does.
 *
 * @throws {ConcordError} naming every item that is wrong; see `scorePoints`, `scoreWeights`, `scoreChecklist`
 */
export function scoreRecord(scheme: Scheme, record: QualityRecord): RecordScore {
  if (scheme.kind === 'points') return scorePoints(scheme, record);
  return scheme.kind === 'weights' ? scoreWeights(scheme, record) : scoreChecklist(scheme, record);
}
