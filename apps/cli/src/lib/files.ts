import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Dirent,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT, FileNotReadableError, OutputRefusedError } from './errors.js';

function refuse(path: string, error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_FS_FILE_TOO_LARGE') {
    const fix =
      'Give a smaller file: an image cropped round the region, or a table without the columns that are not needed.';
    throw new FileNotReadableError('it is larger than 2 GiB, which is too large to read', path, fix, { cause: error });
  }
  const what =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EISDIR'
        ? 'this is a folder, not a file'
        : `it cannot be read (${code ?? String(error)})`;
  throw new FileNotReadableError(what, path, 'Check the path and the rights on it.', { cause: error });
}

/** @throws {FileNotReadableError} when the file is absent or not readable */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    return refuse(path, error);
  }
}

/** @throws {FileNotReadableError} when the file is absent or not readable */
export function readInputText(path: string): string {
  return new TextDecoder().decode(readInput(path));
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    return refuse(path, error);
  }
}

/** Files directly in a folder, sorted by name, hidden ones left out. */
export function filesIn(folder: string): string[] {
  return entriesIn(folder, (entry) => entry.isFile() || entry.isSymbolicLink());
}

/** Folders directly in a folder, sorted by name, hidden ones and links left out. */
export function foldersIn(folder: string): string[] {
  return entriesIn(folder, (entry) => entry.isDirectory());
}

function entriesIn(folder: string, isWanted: (entry: Dirent) => boolean): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => isWanted(entry) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    return refuse(folder, error);
  }
}

/**
 * Says early, before long work, that an output would be refused at the end.
 *
 * @throws {OutputRefusedError} when the path exists and force is not set
 */
export function assertOutputFree(path: string, force = false): void {
  if (path === '-' || force || !existsSync(path)) return;
  throw new OutputRefusedError('the output already exists', path, 'Choose another name, or replace it with --force.');
}

/**
 * Writes a file whole or not at all: beside its final name, then renamed. Missing folders are made.
 *
 * @throws {OutputRefusedError} when it exists and force is not set, or the folder cannot be written
 */
export function writeOutput(path: string, content: Uint8Array | string, force = false): void {
  assertOutputFree(path, force);
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
  uninterrupted(() => {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(beside, content);
      renameSync(beside, path);
    } catch (error) {
      if (existsSync(beside)) rmSync(beside);
      throw cannotWrite(path, error);
    }
  });
}

/**
 * Writes the files of a folder, each whole or not at all, after checking that none of them would be refused.
 *
 * @param files content by path relative to the folder
 */
export function writeOutputs(folder: string, files: ReadonlyMap<string, Uint8Array | string>, force = false): void {
  for (const name of files.keys()) assertOutputFree(join(folder, name), force);
  for (const [name, content] of files) writeOutput(join(folder, name), content, force);
}

function cannotWrite(path: string, error: unknown): OutputRefusedError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new OutputRefusedError(
    `it cannot be written (${code})`,
    path,
    'Check the folder, its rights and the space left.',
    {
      cause: error,
    },
  );
}

function endInterrupted(): void {
  process.exit(EXIT.interrupted);
}

/** Ctrl-C during short synchronous writes takes effect after them, so that no half file stays behind. */
function uninterrupted(work: () => void): void {
  // One listener serves all writes of a turn: a report of many files must not pile up one each.
  const isHeld = process.listeners('SIGINT').includes(endInterrupted);
  if (!isHeld) process.once('SIGINT', endInterrupted);
  try {
    work();
  } finally {
    if (!isHeld) setImmediate(() => process.removeListener('SIGINT', endInterrupted));
  }
}
