import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { OutputRefusedError } from '../lib/errors.js';
import { filesIn } from '../lib/files.js';
import type { CaseSpec } from './case-list.js';

/**
 * Keeps the results of a batch beside its output while it runs, a line a case, so that a batch that was stopped goes on from
 * them. A case is known again by the engine, the task, its line in the list, and size and time of its files. Refused cases are not
 * kept: they are tried again.
 */
export class Journal<Outcome> {
  private readonly kept = new Map<string, Outcome>();
  private readonly path: string;

  /**
   * @param output the file that the batch is to write
   * @param engine what must be the same for results to be the same: version and task
   */
  constructor(
    output: string,
    private readonly engine: string,
  ) {
    this.path = `${output}.journal`;
  }

  /**
   * Takes over what an earlier run left.
   *
   * @returns how many results there are
   */
  resume(): number {
    if (!existsSync(this.path)) return 0;
    for (const line of readFileSync(this.path, 'utf8').split('\n')) {
      const entry = parseEntry(line);
      if (entry !== null) this.kept.set(entry.key, deserialize(Buffer.from(entry.outcome, 'base64')) as Outcome);
    }
    this.write([...this.kept].map(([key, outcome]) => lineOf(key, outcome)).join(''));
    return this.kept.size;
  }

  /**
   * Begins anew.
   *
   * @throws {OutputRefusedError} if an earlier run left results and `force` is not set, or the folder cannot be written
   */
  start(force: boolean): void {
    if (existsSync(this.path) && !force) {
      throw new OutputRefusedError(
        'an earlier run that was stopped left results',
        this.path,
        'Go on from them with --resume, or start anew with --force.',
      );
    }
    this.write('');
  }

  /** The result of a case that an earlier run had computed from the very same files. */
  resultOf(spec: CaseSpec): Outcome | undefined {
    return this.kept.get(this.keyOf(spec));
  }

  add(spec: CaseSpec, outcome: Outcome): void {
    appendFileSync(this.path, lineOf(this.keyOf(spec), outcome));
  }

  /** The output is written: nothing is to be gone on from. */
  end(): void {
    rmSync(this.path, { force: true });
  }

  private write(text: string): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      writeFileSync(this.path, text);
    } catch (error) {
      const what = `it cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
      throw new OutputRefusedError(what, this.path, 'Check the folder, its rights and the space left.', {
        cause: error,
      });
    }
  }

  private keyOf(spec: CaseSpec): string {
    const { region } = spec;
    const files = [spec.image, ...(region.kind === 'none' ? [] : [region.path])].flatMap(stampsOf);
    return createHash('sha256')
      .update(JSON.stringify([this.engine, spec, files]))
      .digest('hex');
  }
}

function lineOf(key: string, outcome: unknown): string {
  return `${JSON.stringify({ key, outcome: serialize(outcome).toString('base64') })}\n`;
}

/** null for a line that was being written when the run was stopped. */
function parseEntry(line: string): { key: string; outcome: string } | null {
  try {
    return JSON.parse(line) as { key: string; outcome: string };
  } catch {
    return null; // such a case is computed again
  }
}

/** Size and time of the files at a path; nothing if it is not there. */
function stampsOf(path: string): string[] {
  const place = path.replace(/#\d+$/, '');
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [`${stats.size} ${stats.mtimeMs}`];
  return filesIn(place).map((file) => {
    const own = statSync(file);
    return `${file} ${own.size} ${own.mtimeMs}`;
  });
}
