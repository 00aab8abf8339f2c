/** Address of the verifier, to copy it into a bundle. */
export declare const verifierUrl: string;

/** Something that does not fit: where, and what was found. */
export interface BundleProblem {
  readonly where: string;
  readonly what: string;
}

export interface BundleCheck {
  readonly problems: readonly BundleProblem[];
  readonly objectCount: number;
  readonly signatureCount: number;
  readonly auditEntryCount: number;
  readonly stepCount: number;
  /** RQS 1.0 given again, as frozen and with what people said since; null where the study is not scored, or not whole. */
  readonly score: BundleScore | null;
}

export interface BundleScore {
  readonly frozen: { readonly strict: number; readonly lenient: number };
  readonly today: { readonly strict: number; readonly lenient: number };
}

/** Reads `bundle.json`, `objects/DIGEST` or `verify-bundle.mjs`; null if it is not there. */
export type ReadBundleFile = (name: string) => Promise<Uint8Array | null>;

/**
 * Checks a bundle, and derives its quality score again: see the file itself. Finds a change of one byte and names its
 * place.
 */
export declare function verifyBundle(read: ReadBundleFile): Promise<BundleCheck>;

/** Points of the 16 items of RQS 1.0 from the facts of a study (`StudyFacts`), written a second time. */
export declare function scoreRqs1(facts: unknown, policy: 'strict' | 'lenient'): number[];

/** The score in a sentence. */
export declare function scoreWords(score: BundleScore): string;
