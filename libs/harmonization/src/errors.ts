import { ConcordError } from '@concord/errors';

/** Lengths differ, names repeat, a batch or covariate is missing, a feature is infinite. */
export class CombatInputError extends ConcordError {
  readonly code = 'COMBAT_INPUT_INVALID';
}

/** The effect of a covariate cannot be told from that of the batch, or from other covariates. */
export class CovariateAliasedError extends ConcordError {
  readonly code: 'COVARIATE_ALIASED_WITH_BATCH' | 'COVARIATES_COLLINEAR';

  /**
   * @param covariate the column that brings nothing of its own
   * @param dependsOn what it depends on: covariates, or nothing but the batch
   */
  constructor(
    readonly covariate: string,
    readonly dependsOn: readonly string[],
  ) {
    super(
      dependsOn.length === 0
        ? `covariate ${covariate} does not vary inside any batch, so its effect cannot be told from the batch effect`
        : `covariate ${covariate} follows from ${dependsOn.join(', ')} and the batch`,
      `covariate ${covariate}`,
      dependsOn.length === 0
        ? `Leave ${covariate} out, or add patients so that at least one batch holds several of its values.`
        : `Leave ${covariate} or ${dependsOn.join(', ')} out.`,
    );
    this.code = dependsOn.length === 0 ? 'COVARIATE_ALIASED_WITH_BATCH' : 'COVARIATES_COLLINEAR';
  }
}

/** The outcome of a study was named as a covariate to preserve. */
export class OutcomeAsCovariateError extends ConcordError {
  readonly code = 'OUTCOME_AS_COVARIATE';

  constructor(readonly outcome: string) {
    super(
      `${outcome} is an outcome of the study; preserving it lets the harmonised features carry it`,
      `covariate ${outcome}`,
      'Leave it out of the covariates. If the protocol insists, allow it explicitly: every result is then marked.',
    );
  }
}

/** There are not more patients than coefficients to estimate. */
export class TooFewSubjectsError extends ConcordError {
  readonly code = 'COMBAT_TOO_FEW_SUBJECTS';
}

/** Empirical Bayes borrows strength over features and needs at least two. */
export class TooFewFeaturesError extends ConcordError {
  readonly code = 'COMBAT_TOO_FEW_FEATURES';
}

/** Rows belong to a batch that the model has not seen. */
export class UnknownBatchError extends ConcordError {
  readonly code = 'COMBAT_BATCH_UNKNOWN';

  constructor(
    readonly batch: string,
    known: readonly string[],
  ) {
    super(
      `the model has not seen batch ${batch}; it knows ${known.join(', ')}`,
      `batch ${batch}`,
      'Check the label, or harmonise the rows as a new site.',
    );
  }
}

/** A categorical covariate has a level that the model has not seen. */
export class UnknownLevelError extends ConcordError {
  readonly code = 'COMBAT_LEVEL_UNKNOWN';
}

/** The rows lack a feature or a covariate of the model, or hold a feature that it does not know. */
export class ModelMismatchError extends ConcordError {
  readonly code = 'COMBAT_MODEL_MISMATCH';
}

/** A file is not a ComBat model, or not one of this version. */
export class CombatModelFormatError extends ConcordError {
  readonly code = 'COMBAT_MODEL_INVALID';
}

/** Why sums may not leave a site: which rule, which cell of the table (never a patient), and what would mend it. */
export interface SumsFinding {
  readonly rule:
    'sites' | 'batchCount' | 'cellCount' | 'patientsPerColumn' | 'loneValue' | 'missingCount' | 'difference';
  readonly cell: string;
  readonly what: string;
  readonly fix: string;
}

/** Sums may not leave the site, or not be combined: they could tell of single patients. */
export class SumsRefusedError extends ConcordError {
  readonly code = 'SUMS_REFUSED';

  /** @param findings all of them; the first makes the message */
  constructor(readonly findings: readonly SumsFinding[]) {
    super(findings[0].what, findings[0].cell, findings[0].fix);
  }

  override toJSON() {
    return { ...super.toJSON(), findings: this.findings };
  }
}

/** Bytes are not sums, not whole, or of another codebook. */
export class SumsFormatError extends ConcordError {
  readonly code = 'SUMS_INVALID';
}
