import type { AssessedItem, EvidenceRef } from '@concord/rqs';
import type { Context } from './blocks.js';
import { html, type Markup } from './html.js';

const STATES: Record<AssessedItem['state'], string> = {
  PROVEN: '✓ proven',
  CLAIMED: '… claimed',
  CONTESTED: '! contested',
  NOT_MET: '– not met',
  NOT_APPLICABLE: '· not applicable',
};

/** The state with its sign. */
export function stateWords(state: AssessedItem['state']): Markup {
  return html`<span class="state">${STATES[state]}</span>`;
}

/** `3 of 5`, with a true minus; without the maximum, the points alone. */
export function pointsWords({ points, maxPoints }: { readonly points: number; readonly maxPoints?: number }): string {
  const value = points < 0 ? `−${-points}` : String(points);
  return maxPoints === undefined ? value : `${value} of ${maxPoints}`;
}

/** Links to the records that an answer stands on, or `none`. */
export function recordMarks({ records }: Context, evidence: readonly EvidenceRef[]): Markup {
  if (evidence.length === 0) return html`<span class="missing">none</span>`;
  const kinds = [...new Set(evidence.map((ref) => ref.kind))];
  const lines = kinds.map((kind) => {
    const marks = evidence
      .filter((ref) => ref.kind === kind)
      .map(({ id, digest }) => {
        return html`${records.mark(digest, id === kind ? kind : `${kind}, ${id}`)} `;
      });
    return html`<span class="kind">${kind}</span> ${marks}`;
  });
  return html`${lines}`;
}
