import { readdirSync, readFileSync } from 'node:fs';

const INTERVAL_MS = 250;
const PAGE_BYTES = 4096;

/** Watches the memory of this process's children, their children and so on, itself not counted; Linux only. */
export class MemoryWatch {
  /** Largest sum of resident memory that was seen; 0 where there is no /proc. */
  peakBytes = 0;
  private readonly timer = setInterval(() => this.look(), INTERVAL_MS);

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    if (process.platform !== 'linux') return;
    const processes = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(statOf);
    const family = new Set([process.pid]);
    for (let grown = true; grown;) {
      const children = processes.filter(({ id, parentId }) => family.has(parentId) && !family.has(id));
      for (const { id } of children) family.add(id);
      grown = children.length > 0;
    }
    const own = processes.filter(({ id }) => family.has(id) && id !== process.pid);
    this.peakBytes = Math.max(
      this.peakBytes,
      own.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }
}

function statOf(id: string): { id: number; parentId: number; bytes: number }[] {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third, the state, on
    return [{ id: Number(id), parentId: Number(fields[1]), bytes: Number(fields[21]) * PAGE_BYTES }];
  } catch {
    return []; // it has ended meanwhile
  }
}
