import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ConcordError } from '@concord/errors';

/** No Chromium on this machine, or it printed nothing. */
export class PrintError extends ConcordError {
  readonly code = 'NOT_PRINTED';
}

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'] as const;
const TIMEOUT_MS = 120_000;
const HEAD = '%PDF-';

/**
 * Prints a page that stands alone to A4, as its style for paper says, by a Chromium in a profile of its own.
 *
 * @param browsers names or paths to try, in this order
 * @returns the PDF's bytes
 * @throws {PrintError} if none of the browsers is there, or the one that is printed nothing
 */
export async function printPdf(html: string, browsers: readonly string[] = BROWSERS): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'concord-print-'));
  const out = join(folder, 'page.pdf');
  const words = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--no-pdf-header-footer',
    `--user-data-dir=${join(folder, 'profile')}`,
    // Chromium has no sandbox for root; the page has no script, and its policy lets nothing in.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    `--print-to-pdf=${out}`,
    pathToFileURL(resolve(html)).href,
  ];
  try {
    for (const browser of browsers) {
      if (!(await isRun(browser, words))) continue;
      const bytes = readIfThere(out);
      if (bytes?.subarray(0, HEAD.length).toString('latin1') === HEAD) return new Uint8Array(bytes);
      throw new PrintError(`${browser} printed nothing`, html, 'Open the page in a browser, and print it from there.');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  throw new PrintError(
    `there is no Chromium on this machine (looked for ${browsers.join(', ')})`,
    html,
    'Install Chromium, or open the page in any browser and print it from there.',
  );
}

/** @returns whether the program is there; it has ended by then */
function isRun(program: string, words: readonly string[]): Promise<boolean> {
  return new Promise((resolveRun, reject) => {
    const child = spawn(program, words, { stdio: 'ignore', timeout: TIMEOUT_MS });
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolveRun(false) : reject(error),
    );
    child.once('close', () => resolveRun(true));
  });
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
