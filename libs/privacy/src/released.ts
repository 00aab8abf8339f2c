/** What a release rule looked at and said when it let something out; kept in the site's ledger. */
export interface ReleaseRecord {
  /** Name of the rule set that was applied, for example `vectors-default`. */
  readonly rule: string;
  /** The checks that were made, in words, without a patient's value. */
  readonly checks: readonly string[];
}

const TOKEN = Symbol('made by libs/privacy');

/**
 * Something that passed the site's release rules. Only `libs/privacy` can make one, so a message that holds nothing
 * else cannot be built round a forgotten disclosure check.
 */
export class Released<T> {
  constructor(
    token: typeof TOKEN,
    readonly value: T,
    readonly record: ReleaseRecord,
  ) {
    if (token !== TOKEN) throw new TypeError('Released values are made by libs/privacy only');
  }

  /** Carries the release over to another form of the same content (a table and its bytes). */
  as<U>(convert: (value: T) => U): Released<U> {
    return new Released(TOKEN, convert(this.value), this.record);
  }
}

/** For the release rules of this library only; not exported by its index. */
export function markReleased<T>(value: T, record: ReleaseRecord): Released<T> {
  return new Released(TOKEN, value, record);
}
