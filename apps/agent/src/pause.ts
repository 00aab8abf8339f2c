/** A sleep that can be cut short, also by a call that comes before it begins. */
export class Pause {
  private wakers = new Set<() => void>();
  private isWoken = false;

  /** Resolves after so long, when `wake` is called, or when the signal aborts. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (this.isWoken) {
      this.isWoken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wakers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.wakers.add(done);
    });
  }

  wake(): void {
    if (this.wakers.size === 0) this.isWoken = true;
    for (const waker of [...this.wakers]) waker();
  }
}

const BACKOFF_LIMIT_MS = 60_000;
const BACKOFF_LIMIT_POLLS = 12;

/**
 * How long to wait before the hub is asked again: doubled with every failure, at most a minute (or twelve polls, where
 * that is shorter), spread by half so that sites do not come all at once.
 *
 * @param spread from [0, 1)
 */
export function waitMs(pollMs: number, failureCount: number, spread: number): number {
  const limit = Math.min(BACKOFF_LIMIT_MS, pollMs * BACKOFF_LIMIT_POLLS);
  const base = Math.max(pollMs, Math.min(limit, pollMs * 2 ** Math.min(failureCount, 20)));
  return Math.round(base * (0.75 + spread / 2));
}
