import { createInterface } from 'node:readline/promises';

import { UsageError } from '../lib/errors.js';

/**
 * Asks a person at the terminal to type something; the question goes to stderr.
 *
 * @param option what a script gives instead
 * @throws {UsageError} where nobody can be asked
 */
export async function askToType(question: string, option: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError('there is no terminal to ask at', option, `Give ${option} instead.`);
  }
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asked.question(question)).trim();
  } finally {
    asked.close();
  }
}
