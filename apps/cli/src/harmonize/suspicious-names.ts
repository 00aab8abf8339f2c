const SUSPECT_WORDS = new Set(
  'age sex gender event status time os pfs dfs rfs ttp ttr outcome death dead died recurrence relapse survival followup censored target label response'.split(
    ' ',
  ),
);

/** True for names like `age`, `os_months`, `time_to_event`: at most three words, one of them telling. */
export function looksLikeCovariate(name: string): boolean {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  return words.length <= 3 && words.some((word) => SUSPECT_WORDS.has(word));
}

/** True for a covariate whose name looks like an outcome of a study. */
export function looksLikeOutcome(name: string): boolean {
  return looksLikeCovariate(name) && !/\b(age|sex|gender)\b/i.test(name.replace(/[^a-z]+/gi, ' '));
}
