/** A number as Python prints a float: `1.0`, `0.5`, `1e-05`. */
export function pythonFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e16 || magnitude < 1e-4) {
    const [digits, exponent] = value.toExponential().split('e');
    const power = Math.abs(Number(exponent)).toString().padStart(2, '0');
    return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${power}`;
  }
  const text = magnitude >= 1e21 ? value.toFixed(0) : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** A tuple of floats as Python prints it. */
export function pythonFloats(values: readonly number[]): string {
  return `(${values.map(pythonFloat).join(', ')})`;
}

/** A tuple of whole numbers as Python prints it. */
export function pythonIntegers(values: readonly number[]): string {
  return `(${values.join(', ')})`;
}

/** Settings as Python prints a dictionary. A number is a float and a bigint an integer, as `parsePyradiomicsParameters` says. */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return pythonFloat(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  const entries = Object.entries(value).map(([key, item]) => `'${key}': ${pythonText(item)}`);
  return `{${entries.join(', ')}}`;
}
