/** A person, by the token they hold. */
export interface Principal {
  readonly id: string;
  readonly role: PersonRole;
  /** How the audit log names them. */
  readonly name: string;
}

/** A reviewer reads everything and changes nothing. */
export type PersonRole = 'coordinator' | 'reviewer';
