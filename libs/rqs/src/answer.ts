import type { Policy, SchemeItem } from './scheme.js';
import type { EvidenceRef, StudyFacts } from './study-facts.js';

/** What a predicate sees. After a hard stop, claims on independence earn nothing: `voidBecause` says why, else null. */
export interface Question {
  readonly facts: StudyFacts;
  readonly policy: Policy;
  readonly voidBecause: string | null;
}

/** What the records say about one item, before statements and objections. */
export interface Answer {
  /** Option ids that hold; the lowest option when empty on a single-choice item. */
  readonly options: readonly string[];
  readonly reason: string;
  readonly evidence: readonly EvidenceRef[];
  /** Options that the records would earn with a statement that exists and awaits review. */
  readonly awaiting?: readonly string[];
  readonly next?: { readonly gain: number; readonly action: string };
}

/** @param hardStops see `findHardStops` */
export function voidReason(hardStops: readonly string[]): string | null {
  return hardStops.length === 0 ? null : `Void. ${hardStops.join(' ')}`;
}

export type Predicate = (question: Question, item: SchemeItem) => Answer;

/** An answer of no record: the item's lowest option, and what would change that. */
export function notMet(item: SchemeItem, reason: string, action: string, gain?: number): Answer {
  return { options: [], reason, evidence: [], next: { gain: gain ?? item.maxPoints - item.minPoints, action } };
}

/** Copies the reference out of a longer fact, so that answers hold references only. */
export function refOf({ kind, id, digest }: EvidenceRef): EvidenceRef {
  return { kind, id, digest };
}

export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
