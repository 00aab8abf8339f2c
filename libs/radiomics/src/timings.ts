/** Adds up how long each phase of the work takes, by the clock of the application. */
export class Timings {
  private readonly sums = new Map<string, number>();

  /** @param now seconds on a clock that never goes back */
  constructor(private readonly now: () => number) {}

  measure<T>(phase: string, work: () => T): T {
    const start = this.now();
    try {
      return work();
    } finally {
      this.sums.set(phase, (this.sums.get(phase) ?? 0) + this.now() - start);
    }
  }

  /** Seconds of each phase, in the order they were first met. */
  get seconds(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.sums);
  }
}

/** Measures where somebody asked for it. */
export function timed<T>(timings: Timings | null, phase: string, work: () => T): T {
  return timings === null ? work() : timings.measure(phase, work);
}
