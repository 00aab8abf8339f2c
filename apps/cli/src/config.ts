export type Environment = Readonly<Record<string, string | undefined>>;

/** What the process was started with. Read here only; everything else takes it, or a part of it, as an argument. */
export function processEnvironment(): Environment {
  return process.env;
}

/** The value of a variable; unset, empty and blank are all null. */
export function settingOf(environment: Environment, name: string): string | null {
  return environment[name]?.trim() || null;
}
