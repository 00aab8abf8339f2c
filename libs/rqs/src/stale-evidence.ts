import type { Assessment } from './assessment.js';
import type { EvidenceRef, StudyFacts } from './study-facts.js';

/** An answer that stood on a record which is another one now, or is gone: it must be given again from today's facts. */
export interface StaleItem {
  readonly id: string;
  readonly number: number;
  readonly records: readonly (EvidenceRef & {
    /** The digest of the record of the same kind and id today; null where there is none any more. */
    readonly now: string | null;
  })[];
}

/**
 * Compares what an assessment stood on with the facts of today.
 *
 * @returns the items whose evidence changed or was withdrawn, in the order of the scheme; empty when the assessment holds
 */
export function staleItems({ items }: Pick<Assessment, 'items'>, facts: StudyFacts): StaleItem[] {
  const today = refsIn(facts);
  const digests = new Set(today.map((ref) => ref.digest));
  const isWithdrawn = new Set(facts.claims.filter((claim) => claim.state === 'withdrawn').map((claim) => claim.digest));
  return items.flatMap(({ id, number, evidence }) => {
    const gone = evidence.filter(({ digest }) => !digests.has(digest) || isWithdrawn.has(digest));
    const records = gone.map((ref) => {
      const other = today.find(({ kind, id: name }) => kind === ref.kind && name === ref.id);
      return { ...ref, now: other && !isWithdrawn.has(other.digest) ? other.digest : null };
    });
    return records.length > 0 ? [{ id, number, records }] : [];
  });
}

/** Every record that facts name, at whatever depth. */
function refsIn(value: unknown): EvidenceRef[] {
  if (value === null || typeof value !== 'object') return [];
  const below = Object.values(value).flatMap(refsIn);
  return isRef(value) ? [{ kind: value.kind, id: value.id, digest: value.digest }, ...below] : below;
}

function isRef(value: object): value is EvidenceRef {
  const { kind, id, digest } = value as Partial<EvidenceRef>;
  return typeof kind === 'string' && typeof id === 'string' && typeof digest === 'string';
}
