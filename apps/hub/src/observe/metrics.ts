type Labels = Readonly<Record<string, string>>;

const HELP = {
  concord_requests_total: 'Requests answered, by surface and status class.',
  concord_releases_total: 'Releases taken in, by kind.',
  concord_refused_total: 'Requests refused, by code.',
} as const;

export type CounterName = keyof typeof HELP;

/** Counters of this process, in the text format of Prometheus. */
export class Metrics {
  private readonly counters = new Map<CounterName, Map<string, number>>();

  count(name: CounterName, labels: Labels): void {
    const series = this.counters.get(name) ?? new Map<string, number>();
    this.counters.set(name, series);
    const key = labelText(labels);
    series.set(key, (series.get(key) ?? 0) + 1);
  }

  /** @param gauges read at this moment: name, help, and a value for each set of labels */
  text(gauges: readonly { name: string; help: string; values: readonly [Labels, number][] }[]): string {
    const lines: string[] = [];
    for (const [name, help] of Object.entries(HELP)) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
      const series = this.counters.get(name as CounterName) ?? new Map<string, number>();
      for (const [labels, value] of series) lines.push(`${name}${labels} ${value}`);
    }
    for (const { name, help, values } of gauges) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
      for (const [labels, value] of values) lines.push(`${name}${labelText(labels)} ${value}`);
    }
    return `${lines.join('\n')}\n`;
  }
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
