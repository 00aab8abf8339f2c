/** A person, by the token they hold. */
export interface Principal {
  readonly id: string;
  readonly role: PersonRole;
  /** How the audit log names them. */
  readonly name: string;
  /** Whose opinion theirs is; null for the hub's first tokens, which state and review nothing. */
  readonly institution: string | null;
}

/** A reviewer reads everything, and changes nothing but what reviewers say. */
export type PersonRole = 'coordinator' | 'reviewer';
