/** How to mend a name that is none of these: the nearest where it is near, else all of them. */
export function suggestName(name: string, names: readonly string[]): string {
  let nearest = names[0];
  let fewest = Infinity;
  for (const candidate of names) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  const isNear = fewest <= Math.max(name.length, nearest.length) / 2;
  return isNear ? `Did you mean ${nearest}?` : `Choose among ${names.join(', ')}.`;
}

/** Levenshtein, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
