import { readFileSync } from 'node:fs';

import { readConfig } from './config.js';
import { Pause, waitMs } from './pause.js';

describe('readConfig', () => {
  it('holds every release and waits five seconds unless told otherwise', () => {
    expect(readConfig({}, '/data')).toMatchObject({
      dataFolder: '/data',
      source: null,
      rule: 'hold',
      pollMs: 5000,
      pagePort: 8641,
      pseudonymKeyFile: '/data/pseudonym.key',
    });
  });

  it('names every wrong variable at once', () => {
    const env = {
      CONCORD_AGENT_SOURCE: 'C:/x',
      CONCORD_AGENT_RULE: 'yes',
      CONCORD_AGENT_SHARING: 'all',
      CONCORD_AGENT_POLL_MS: '1',
      CONCORD_AGENT_PAGE_PORT: 'x',
    };
    expect(() => readConfig(env)).toThrow(/SOURCE.*RULE.*SHARING.*PAGE_PORT.*POLL_MS/s);
  });

  it('reads a folder of images, a table, and a colon in a path', () => {
    expect(readConfig({ CONCORD_AGENT_SOURCE: 'images:/a:b' }).source).toEqual({ kind: 'images', folder: '/a:b' });
    expect(readConfig({ CONCORD_AGENT_SOURCE: 'table:/t.csv' }).source).toEqual({ kind: 'table', file: '/t.csv' });
  });

  it('reads no variable that .env.example does not list', () => {
    const names = [...readFileSync(new URL('./config.ts', import.meta.url), 'utf8').matchAll(/CONCORD_AGENT_[A-Z_]+/g)];
    const listed = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
    expect(names.length).toBeGreaterThan(9);
    for (const [name] of names) expect(listed).toContain(`${name}=`);
  });
});

describe('waitMs', () => {
  it('doubles with every failure up to a minute, spread by half', () => {
    expect(waitMs(5000, 0, 0.5)).toBe(5000);
    expect(waitMs(5000, 1, 0.5)).toBe(10_000);
    expect(waitMs(5000, 50, 0.5)).toBe(60_000);
    expect(waitMs(5000, 50, 0)).toBe(45_000);
    expect(waitMs(5000, 50, 0.999_999)).toBe(75_000);
    expect(waitMs(3_600_000, 3, 0.5)).toBe(3_600_000);
  });
});

describe('a pause', () => {
  it('ends at once when it was woken before it began, once only', async () => {
    const pause = new Pause();
    const { signal } = new AbortController();
    pause.wake();
    const start = performance.now();
    await pause.sleep(10_000, signal);
    expect(performance.now() - start).toBeLessThan(1000);
    await pause.sleep(60, signal);
    expect(performance.now() - start).toBeGreaterThan(50);
  });

  it('ends when it is woken or stopped', async () => {
    const pause = new Pause();
    const stop = new AbortController();
    setTimeout(() => pause.wake(), 10);
    await pause.sleep(10_000, stop.signal);
    setTimeout(() => stop.abort(), 10);
    await pause.sleep(10_000, stop.signal);
    await pause.sleep(10_000, stop.signal);
    expect(stop.signal.aborted).toBe(true);
  }, 3000);
});
