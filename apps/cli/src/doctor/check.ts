/** What a check came to. `skipped`: it does not apply here, `what` says why. */
export type CheckState = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Finding {
  readonly id: string;
  /** `machine`, `hub`, `agent` or `network`. */
  readonly group: string;
  readonly state: CheckState;
  readonly what: string;
  /** What mends it; null where nothing must be mended. */
  readonly fix: string | null;
}

export type Outcome = Omit<Finding, 'id' | 'group'>;

export interface Check {
  readonly id: string;
  readonly group: string;
  readonly run: () => Outcome | Promise<Outcome>;
}

export const ok = (what: string): Outcome => ({ state: 'ok', what, fix: null });
export const skipped = (what: string): Outcome => ({ state: 'skipped', what, fix: null });
export const warning = (what: string, fix: string): Outcome => ({ state: 'warning', what, fix });
export const failed = (what: string, fix: string): Outcome => ({ state: 'failed', what, fix });

/** Runs checks one after the other; one that breaks is a failure of its own and does not stop the others. */
export async function runChecks(checks: readonly Check[], each: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { id, group, run } of checks) {
    const finding = { id, group, ...(await guarded(run)) };
    findings.push(finding);
    each(finding);
  }
  return findings;
}

async function guarded(run: Check['run']): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return failed(
      `the check itself broke: ${reasonOf(error)}`,
      'Report this with the output of concord doctor --json.',
    );
  }
}

/** The system's code of an error (`EACCES`), or its message. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : typeof message === 'string' ? message : String(error);
}

/** Bytes as a person says them: `1.5 GiB`. */
export function sizeWords(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
}
