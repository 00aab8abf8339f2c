import { ConcordError } from '@concord/errors';

/** A record gives an item points or an option that the scheme does not have. */
export class IllegalOptionError extends ConcordError {
  readonly code = 'ILLEGAL_OPTION';
  constructor(
    what: string,
    readonly items: readonly string[],
    fix: string,
  ) {
    super(what, items.join(', '), fix);
  }

  /** Names the items apart as well, for programs. */
  override toJSON() {
    return { ...super.toJSON(), items: this.items };
  }
}

/** A record chooses several options of an item that allows one. */
export class SingleChoiceError extends ConcordError {
  readonly code = 'SINGLE_CHOICE';
  constructor(
    what: string,
    readonly items: readonly string[],
  ) {
    super(what, items.join(', '), 'Keep the highest option that applies; options of this item never add up.');
  }

  override toJSON() {
    return { ...super.toJSON(), items: this.items };
  }
}

/** A record leaves items without an answer. */
export class MissingItemError extends ConcordError {
  readonly code = 'ITEM_MISSING';
  constructor(readonly items: readonly string[]) {
    super(
      items.length === 1 ? 'one item has no answer' : `${items.length} items have no answer`,
      items.join(', '),
      'Answer every item: "not done" is an answer, and has its own points.',
    );
  }
}

/** A record answers items that are not asked of such a study. */
export class NotApplicableError extends ConcordError {
  readonly code = 'ITEM_NOT_APPLICABLE';
  constructor(
    readonly items: readonly string[],
    study: string,
  ) {
    super(`not asked of ${study}`, items.join(', '), 'Leave them out, or mend what the record says of the study.');
  }

  override toJSON() {
    return { ...super.toJSON(), items: this.items };
  }
}

/** A record says that a condition holds, but not the one that it needs. */
export class ConditionRequiresError extends ConcordError {
  readonly code = 'CONDITION_REQUIRES';
  constructor(
    readonly condition: number,
    title: string,
    requires: number,
  ) {
    super(
      `"${title}" cannot hold without condition ${requires}`,
      `conditions.${condition}`,
      `Answer condition ${requires} with yes, or this one with no.`,
    );
  }

  override toJSON() {
    return { ...super.toJSON(), condition: this.condition };
  }
}

/** The record is not of the shape that the scheme can read. */
export class InvalidRecordError extends ConcordError {
  readonly code = 'INVALID_RECORD';
}

/** No scheme, or no item of a scheme, has this name. */
export class UnknownSchemeError extends ConcordError {
  readonly code = 'UNKNOWN_SCHEME';
}
