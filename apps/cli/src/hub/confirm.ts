import { createInterface } from 'node:readline/promises';

import { InterruptedError, UsageError } from '../lib/errors.js';

/** Where a person is asked: questions go to stderr, so that stdout holds results only. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Asks a person at the terminal to type something.
 *
 * @param option what a script gives instead
 * @throws {UsageError} where nobody can be asked
 * @throws {InterruptedError} at Ctrl-C, Ctrl-D, or when the terminal is gone
 */
export async function askToType(
  question: string,
  option: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<string> {
  if (!input.isTTY || !output.isTTY) {
    throw new UsageError('there is no terminal to ask at', option, `Give ${option} instead.`);
  }
  const asked = createInterface({ input, output });
  const interrupted = () => new InterruptedError('nothing was changed', option, 'Start the command again when ready.');
  try {
    return await new Promise<string>((resolve, reject) => {
      asked.once('close', () => reject(interrupted()));
      asked.question(question).then(
        (answer) => resolve(answer.trim()),
        () => reject(interrupted()),
      );
    });
  } finally {
    asked.close();
  }
}
