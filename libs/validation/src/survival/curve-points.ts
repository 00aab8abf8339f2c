import { kaplanMeier, stepAt, survivalBounds, type KaplanMeier } from './kaplan-meier.js';
import type { SurvivalData } from './survival-data.js';

/** A survival (or incidence) curve for a figure: steps with a band, and numbers at risk under the axis. */
export interface CurvePoints {
  readonly label: string;
  readonly n: number;
  readonly events: number;
  /** At the distinct times of events; `low` and `high` are null where the band does not exist. */
  readonly steps: readonly {
    readonly time: number;
    readonly value: number;
    readonly low: number | null;
    readonly high: number | null;
  }[];
  readonly atRisk: readonly { readonly time: number; readonly count: number }[];
  readonly lastTime: number;
}

/** Kaplan-Meier with the log-log band. @param ticks times under which the numbers at risk stand */
export function survivalCurve(data: SurvivalData, label: string, ticks: readonly number[], level: number): CurvePoints {
  const curve = kaplanMeier(data);
  const steps = [...curve.times.keys()].filter((i) => curve.events[i] > 0);
  return {
    label,
    n: curve.n,
    events: curve.eventCount,
    steps: steps.map((i) => {
      const band = survivalBounds(curve.survival[i], curve.logVariance[i], level).logLog;
      return { time: curve.times[i], value: curve.survival[i], low: band?.[0] ?? null, high: band?.[1] ?? null };
    }),
    atRisk: ticks.map((time) => ({ time, count: atRiskAt(curve, time) })),
    lastTime: curve.times.at(-1) ?? 0,
  };
}

function atRiskAt(curve: KaplanMeier, time: number): number {
  const at = stepAt(curve.times, time);
  const next = at >= 0 && curve.times[at] === time ? at : at + 1;
  return next < curve.times.length ? curve.atRisk[next] : 0;
}

/** Round times from 0 to the longest follow-up, five or six of them. */
export function axisTicks(longest: number): number[] {
  // Below this a step of the axis has no digits left to be round in.
  if (!(longest > 1e-100)) return [0];
  const rough = longest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => longest / size <= 6) ?? rough;
  return Array.from({ length: Math.floor(longest / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}
