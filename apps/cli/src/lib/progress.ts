const BAR_WIDTH = 24;
const FIRST_MS = 1000;
const LINE_EVERY_MS = 10_000;
const TICK_MS = 500;
const CLEAR = '\r\u001b[K';

/** Where progress is shown. */
export interface ProgressSink {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/**
 * How far a long piece of work is: after a second a bar with rate and time left on a terminal, else a line every 10 s.
 */
export class Progress {
  private done = 0;
  private readonly start: number;
  private lastLine: number;
  private isDrawn = false;
  private readonly timer: NodeJS.Timeout | null;

  /** @param unit what is counted, in the plural: `cases` */
  constructor(
    private readonly sink: ProgressSink,
    private readonly total: number,
    private readonly unit: string,
  ) {
    this.start = sink.now();
    this.lastLine = this.start;
    this.timer = sink.isTerminal ? setInterval(() => this.show(), TICK_MS) : null;
    this.timer?.unref(); // work may end by an error
  }

  /** Counts one more as done. */
  step(): void {
    this.done++;
    this.show();
  }

  /** Takes the bar away, so that a line can be written; it comes back with the next step. */
  clear(): void {
    if (this.isDrawn) this.sink.write(CLEAR);
    this.isDrawn = false;
  }

  end(): void {
    if (this.timer) clearInterval(this.timer);
    this.clear();
  }

  private show(): void {
    const now = this.sink.now();
    if (this.sink.isTerminal) {
      if (now - this.start < FIRST_MS) return;
      const filled = Math.round((BAR_WIDTH * this.done) / this.total);
      this.sink.write(`${CLEAR}[${'#'.repeat(filled).padEnd(BAR_WIDTH, '-')}] ${this.words(now)}`);
      this.isDrawn = true;
    } else if (now - this.lastLine >= LINE_EVERY_MS) {
      this.lastLine = now;
      this.sink.write(`${this.words(now)}\n`);
    }
  }

  private words(now: number): string {
    const counted = `${this.done} of ${this.total} ${this.unit}`;
    if (this.done === 0) return counted;
    const perSecond = this.done / ((now - this.start) / 1000);
    const left = duration((this.total - this.done) / perSecond);
    return `${counted}, ${perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toPrecision(2)} a second, ${left} left`;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
