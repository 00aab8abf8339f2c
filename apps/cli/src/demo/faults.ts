import { setTimeout as sleep } from 'node:timers/promises';

import { randomInteger, seededRandom } from '@concord/numeric';

import type { DemoProcess } from './child-process.js';

export interface FaultScene {
  readonly seed: number;
  readonly hub: { current: DemoProcess | null };
  readonly startHub: () => Promise<DemoProcess>;
  readonly agents: readonly DemoProcess[];
  readonly say: (line: string) => void;
}

const HUB_KILLS = 3;
const PAUSE_START_MS = 2500;
const PAUSE_MS = 8000;

/**
 * Kills the hub (`kill -9`) and starts it again, three times, and stops one agent (SIGSTOP) for a good part of the
 * run, at moments drawn from the seed. The study must end with the same digests as without.
 */
export function startFaults(scene: FaultScene): { log: string[]; settle: () => Promise<void> } {
  const random = seededRandom(`faults ${scene.seed}`);
  const log: string[] = [];
  const note = (line: string) => {
    log.push(line);
    scene.say(line);
  };
  const victim = scene.agents[randomInteger(random, scene.agents.length)];
  const pause = async () => {
    await sleep(PAUSE_START_MS);
    victim?.child.kill('SIGSTOP');
    note(`${victim?.name} is stopped`);
    await sleep(PAUSE_MS);
    victim?.child.kill('SIGCONT');
    note(`${victim?.name} goes on`);
  };
  const killHub = async () => {
    for (let kill = 0; kill < HUB_KILLS; kill++) {
      await sleep(800 + randomInteger(random, 3200));
      const running = scene.hub.current;
      running?.child.kill('SIGKILL');
      await running?.exit;
      note(`hub killed (${kill + 1} of ${HUB_KILLS})`);
      await sleep(randomInteger(random, 1500));
      await scene.startHub();
      note('hub is back');
    }
  };
  const running = Promise.all([pause(), killHub()]);
  running.catch(() => undefined); // seen by settle
  return {
    log,
    settle: async () => {
      await running;
    },
  };
}
