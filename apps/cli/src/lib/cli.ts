import { Progress } from './progress.js';

/** Where a command writes: text sinks, so that tests can read what was said. */
export interface CliStreams {
  out(text: string): void;
  err(text: string): void;
  /** Whether a person watches what `err` writes. */
  readonly isTerminal?: boolean;
}

export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly timings?: boolean;
}

/**
 * What a command gets besides its own options: streams, the options every command has, and its exit code.
 *
 * Results go to `print` or `printJson` (stdout), everything else to `note` or `warn` (stderr).
 */
export class Cli {
  /** Exit code when the command returns without an error: 0, or 4 for "done in part". */
  exitCode = 0;
  private readonly phases = new Map<string, number>();
  private bar: Progress | null = null;

  constructor(
    private readonly streams: CliStreams,
    private readonly readGlobals: () => GlobalOptions,
    /** Version of Concord, for provenance. */
    readonly version: string,
  ) {}

  get isJson(): boolean {
    return this.readGlobals().json === true;
  }

  get isQuiet(): boolean {
    return this.readGlobals().quiet === true;
  }

  get isVerbose(): boolean {
    return this.readGlobals().verbose === true;
  }

  /** Writes a result to stdout as it is. Not for `--json` runs: those print one document by `printJson`. */
  print(text: string): void {
    this.streams.out(text.endsWith('\n') ? text : `${text}\n`);
  }

  printJson(document: unknown): void {
    this.streams.out(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** Tells the person something that is no result; silent with `--quiet`. */
  note(text: string): void {
    if (this.isQuiet) return;
    this.bar?.clear();
    this.streams.err(`${text}\n`);
  }

  /** Warns on stderr, also with `--quiet`: a warning may change what the numbers mean. */
  warn(text: string): void {
    this.bar?.clear();
    this.streams.err(`warning: ${text}\n`);
  }

  /** Shows how far the work is while it runs, unless `--quiet`; `work` counts each step as it ends. */
  async watched<T>(total: number, unit: string, work: (step: () => void) => Promise<T>): Promise<T> {
    if (this.isQuiet) return work(() => undefined);
    const { isTerminal = false } = this.streams;
    const sink = { isTerminal, write: (text: string) => this.streams.err(text), now: () => performance.now() };
    const bar = new Progress(sink, total, unit);
    this.bar = bar;
    try {
      return await work(() => bar.step());
    } finally {
      bar.end();
      this.bar = null;
    }
  }

  /** Whether the seconds of each phase were asked for. */
  get isTimed(): boolean {
    return this.readGlobals().timings === true;
  }

  /** Runs one phase of the work and adds its seconds to `--timings`. */
  async timed<T>(phase: string, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.addSeconds(phase, (performance.now() - start) / 1000);
    }
  }

  addSeconds(phase: string, seconds: number): void {
    this.phases.set(phase, (this.phases.get(phase) ?? 0) + seconds);
  }

  /** Prints the phases as one JSON line on stderr when `--timings` was given. */
  reportTimings(): void {
    if (!this.isTimed) return;
    const rounded = [...this.phases].map(([phase, seconds]) => [phase, Math.round(seconds * 1e6) / 1e6]);
    this.streams.err(`${JSON.stringify({ timings: Object.fromEntries(rounded) as Record<string, number> })}\n`);
  }
}
