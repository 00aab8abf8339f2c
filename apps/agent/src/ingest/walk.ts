import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

export interface WalkedFile {
  /** Relative to the folder walked. */
  readonly path: string;
  readonly byteCount: number;
  readonly modifiedMs: number;
}

/**
 * Every file below a folder, sorted by path; hidden ones and links that lead nowhere are left out.
 *
 * @throws the system's error if the folder itself cannot be read
 */
export async function walk(folder: string): Promise<WalkedFile[]> {
  const files: WalkedFile[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = join(at, entry.name);
      if (entry.isDirectory()) open.push(path);
      else if (entry.isFile()) {
        const found = await statIfThere(path);
        if (found) files.push({ path: relative(folder, path), byteCount: found.size, modifiedMs: found.mtimeMs });
      }
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Null for a file that was taken away while the folder was walked. */
async function statIfThere(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
