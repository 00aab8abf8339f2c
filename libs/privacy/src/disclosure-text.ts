/**
 * Says why a text of a scanner column may not leave, or null if it may.
 *
 * Allowed are short words about a machine ("SOMATOM Definition AS+", "B30f", "LightSpeed16"). Anything that could be a
 * record number, a date, a UID or a sentence is refused: a technician can type into these fields.
 *
 * @param maximumLength in characters
 */
export function textProblem(text: string, maximumLength: number): string | null {
  if (text.trim() === '') return 'is blank';
  if (text.length > maximumLength) return `is longer than ${maximumLength} characters`;
  if (!/^[A-Za-z0-9 .,+_/\\()-]+$/.test(text)) return 'has characters beyond letters, digits and simple signs';
  if (/^\d{4,}$/.test(text) || /\d{6,}/.test(text)) return 'looks like a record number';
  if (/\d+(\.\d+){3,}/.test(text)) return 'looks like a UID or an address';
  if (/\d{1,4}[-/._]\d{1,2}[-/._]\d{1,4}/.test(text)) return 'looks like a date';
  if (text.trim().split(/\s+/).length > 6) return 'is a sentence';
  return null;
}

/**
 * Whether the numbers of a column are calendar dates written as YYYYMMDD: all of three or more values, years 1900 to
 * 2099. No feature has eight-digit whole values that are all dates.
 */
export function areDates(values: ArrayLike<number>): boolean {
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) continue;
    if (!isDate(value)) return false;
    count++;
  }
  return count >= 3;
}

function isDate(value: number): boolean {
  if (!Number.isInteger(value) || value < 19000101 || value > 20991231) return false;
  const [year, month, day] = [Math.floor(value / 10000), Math.floor(value / 100) % 100, value % 100];
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
