/** One JSON line an event. Only codes, counts and digests: no value, name or path of a patient comes in. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export type Log = (level: 'info' | 'warn' | 'error', event: string, fields?: LogFields) => void;

export function jsonLog(write: (line: string) => void, now: () => Date): Log {
  return (level, event, fields = {}) => {
    write(`${JSON.stringify({ at: now().toISOString(), level, event, ...fields })}\n`);
  };
}
