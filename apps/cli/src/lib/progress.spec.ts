import { Progress } from './progress.js';

function record(isTerminal: boolean) {
  let written = '';
  let ms = 0;
  const progress = new Progress({ isTerminal, write: (text) => void (written += text), now: () => ms }, 40, 'cases');
  return {
    progress,
    written: () => written,
    stepAt: (at: number) => {
      ms = at;
      progress.step();
    },
  };
}

describe('Progress', () => {
  it('draws a bar with rate and time left on a terminal, but not for work under a second', () => {
    const { progress, written, stepAt } = record(true);
    stepAt(900);
    expect(written()).toBe('');
    stepAt(2000);
    expect(written()).toContain('[#-----------------------] 2 of 40 cases, 1.0 a second, 38 s left');
    progress.end();
    expect(written().endsWith('\r\u001b[K')).toBe(true);
  });

  it('writes a plain line every 10 seconds elsewhere', () => {
    const { progress, written, stepAt } = record(false);
    for (const at of [2000, 4000, 6000, 11_000, 12_000]) stepAt(at);
    progress.end();
    expect(written()).toBe('4 of 40 cases, 0.36 a second, 2 min left\n');
  });
});
