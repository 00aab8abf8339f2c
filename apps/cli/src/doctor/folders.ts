import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';

import { failed, ok, reasonOf, sizeWords, skipped, warning, type Outcome } from './check.js';

/** Numbers by which Linux knows file systems of other machines. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
]);

/** Whether a file can be written, put on disk and renamed there. A folder that is not there yet: in its parent. */
export function folderOutcome(folder: string): Outcome {
  const there = nearestFolder(folder);
  const probe = join(there, `.concord-doctor-${randomUUID()}`);
  const isNew = there !== folder;
  let isMade = false;
  try {
    const file = openSync(probe, 'wx', 0o600);
    isMade = true;
    try {
      writeSync(file, 'probe');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(probe, `${probe}.renamed`);
    return ok(isNew ? `${folder} can be made` : `${folder} can be written`);
  } catch (error) {
    return failed(
      `nothing can be written in ${there} (${reasonOf(error)})`,
      'Give the user that runs Concord the right to write there, or name another folder.',
    );
  } finally {
    if (isMade) for (const name of [probe, `${probe}.renamed`]) rmSync(name, { force: true });
  }
}

/** @param neededBytes below it is a failure; below five times as much a warning */
export function roomOutcome(folder: string, neededBytes: number): Outcome {
  const { bavail, bsize } = statfsSync(nearestFolder(folder));
  return freeOutcome(bavail * bsize, neededBytes, folder);
}

export function freeOutcome(freeBytes: number, neededBytes: number, folder: string): Outcome {
  const what = `${sizeWords(freeBytes)} free for ${folder}`;
  const fix = `Make room: ${sizeWords(neededBytes)} are the least, ${sizeWords(5 * neededBytes)} are better.`;
  if (freeBytes < neededBytes) return failed(what, fix);
  return freeBytes < 5 * neededBytes ? warning(what, fix) : ok(what);
}

/** Databases lose data on file systems of other machines, whose locks do not hold. */
export function localDiskOutcome(folder: string): Outcome {
  if (process.platform !== 'linux') return skipped('known on Linux only');
  return fileSystemOutcome(statfsSync(nearestFolder(folder)).type, folder);
}

export function fileSystemOutcome(type: number, folder: string): Outcome {
  const name = NETWORK_FILE_SYSTEMS.get(type);
  if (name === undefined) return ok(`${folder} is on a disk of this machine`);
  return failed(`${folder} is on ${name}, where databases lose data`, 'Name a folder on a disk of this machine.');
}

/** Files that only their owner may read: keys and tokens. Those that are not there are left out. */
export function secretsOutcome(files: readonly string[]): Outcome {
  if (process.platform === 'win32') return skipped('rights of files are not looked at on Windows');
  const there = files.filter((file) => existsSync(file));
  if (there.length === 0) return skipped('there are no keys or tokens yet');
  const open = there.filter((file) => (statSync(file).mode & 0o077) !== 0);
  if (open.length === 0) return ok(`${there.length} secret files are closed to others`);
  return failed(`others may read ${open.join(', ')}`, `Run: chmod 600 ${open.join(' ')}`);
}

/** The folder itself, or the nearest one above it that exists. */
export function nearestFolder(folder: string): string {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}
