import { setTimeout as sleep } from 'node:timers/promises';

import { randomInteger, seededRandom } from '@concord/numeric';

import type { DemoProcess } from './child-process.js';
import type { StudyProgress } from './coordinator.js';

export interface FaultScene {
  readonly seed: number;
  readonly hub: { current: DemoProcess | null };
  readonly startHub: () => Promise<DemoProcess>;
  readonly agents: readonly DemoProcess[];
  /** How far the study is, by the public API; null while the hub is away. */
  readonly progress: () => Promise<StudyProgress | null>;
  readonly say: (line: string) => void;
}

/** Something that was done to a process of the demo. */
export interface FaultEvent {
  readonly kind: 'hub killed' | 'hub back' | 'agent stopped' | 'agent goes on';
  /** ISO 8601. */
  readonly at: string;
  /** For people: at which point of the study. */
  readonly what: string;
}

export interface Faults {
  readonly log: readonly FaultEvent[];
  /** Call it when the study has ended: what has not happened does not happen any more, and all goes on again. */
  settle(): Promise<void>;
}

const LOOK_MS = 100;
const LATER_MS = 600;
const AWAY_MS = 1500;
const PAUSE_AT_LEAST_MS = 3000;

/** Moments at which the hub is killed; each comes up to 0.6 s after the study has got there. */
const KILLS: readonly { readonly moment: string; readonly isReached: (progress: StudyProgress) => boolean }[] = [
  { moment: 'while hospitals send', isReached: ({ sites }) => sites.some((site) => site.releases.length > 0) },
  { moment: 'while the model is made', isReached: ({ steps }) => isDone(steps, 'harmonize-development') },
  { moment: 'while it is judged', isReached: ({ sites }) => sites.every((site) => site.releases.length === 2) },
];

/**
 * Kills the hub (SIGKILL) at three points of the study and starts it again, and stops one agent (SIGSTOP) from the time
 * it has measured a third of its cases for as long as that took. Which agent, and how long after each point, is drawn
 * from the seed. The study must end with the same digests as without.
 */
export function startFaults(scene: FaultScene): Faults {
  const random = seededRandom(`faults ${scene.seed}`);
  const log: FaultEvent[] = [];
  const over = new AbortController();
  const note = (kind: FaultEvent['kind'], what: string) => {
    log.push({ kind, at: new Date().toISOString(), what });
    scene.say(`${kind}: ${what}`);
  };
  const reached = async (isReached: (progress: StudyProgress) => boolean): Promise<boolean> => {
    while (!over.signal.aborted) {
      const progress = await scene.progress();
      if (progress !== null && progress.state !== 'validated' && isReached(progress)) return true;
      await sleep(LOOK_MS);
    }
    return false;
  };
  const draws = KILLS.map(() => ({ laterMs: randomInteger(random, LATER_MS), awayMs: randomInteger(random, AWAY_MS) }));
  const victim = scene.agents[randomInteger(random, scene.agents.length)];

  const killHub = async () => {
    for (const [index, { moment, isReached }] of KILLS.entries()) {
      if (!(await reached(isReached))) return;
      await sleep(draws[index]?.laterMs);
      const running = scene.hub.current;
      if (over.signal.aborted || running === null) return;
      running.child.kill('SIGKILL');
      await running.exit;
      note('hub killed', moment);
      await sleep(draws[index]?.awayMs);
      await scene.startHub();
      note('hub back', moment);
    }
  };
  const pauseAgent = async () => {
    if (victim === undefined) return;
    const start = performance.now();
    const code = victim.name.replace('agent ', '');
    let cases = '';
    const isThird = await reached(({ sites }) => {
      const { caseCount, doneCount } = sites.find((site) => site.code === code) ?? { caseCount: null, doneCount: null };
      cases = `${doneCount ?? 0} of ${caseCount ?? 0} cases measured`;
      return doneCount !== null && caseCount !== null && doneCount > 0 && doneCount >= caseCount / 3;
    });
    if (!isThird) return;
    const tookMs = performance.now() - start;
    victim.child.kill('SIGSTOP');
    note('agent stopped', `${victim.name}, ${cases}`);
    await sleep(Math.max(PAUSE_AT_LEAST_MS, tookMs), undefined, { signal: over.signal }).catch(() => undefined); // over
    victim.child.kill('SIGCONT');
    note('agent goes on', victim.name);
  };
  const running = Promise.all([killHub(), pauseAgent()]);
  running.catch(() => undefined); // seen by settle
  return {
    log,
    settle: async () => {
      over.abort();
      await running;
    },
  };
}

function isDone(steps: StudyProgress['steps'], name: string): boolean {
  return steps.some((step) => step.name === name && step.state === 'done');
}
