import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Top folder of the checkout. */
export const ROOT = resolve(import.meta.dirname, '../../..');

type DemoModule = typeof import('../../../apps/cli/src/demo/demo.js');
export type DemoOptions = Parameters<DemoModule['runDemo']>[0];
export type DemoResult = Awaited<ReturnType<DemoModule['runDemo']>>;

/** Study of five sites of 24 patients on images, drawn from seed 2. */
export const IMAGE_STUDY = { seed: 2, siteCount: 5, patientsPerSite: 24, table: null } as const;

/** Runs the demo as it was built: its processes, threads and their scripts exist only there. */
export async function runBuiltDemo(options: Partial<DemoOptions> & { readonly out: string }): Promise<DemoResult> {
  const { runDemo } = (await import(
    new URL('../../../apps/cli/dist/demo/demo.js', import.meta.url).href
  )) as DemoModule;
  return runDemo({ ...IMAGE_STUDY, withFaults: false, hubEnvironment: {}, say: () => undefined, ...options });
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `concord …` as a person would, to its end. */
export function concord(...words: readonly string[]): Promise<Ended> {
  return run(join(ROOT, 'apps/cli/bin/concord.mjs'), words);
}

const PATIENCE_MS = 170_000;

/** Runs a script as a process of its own, without any setting of Concord's; ends it when it takes three minutes. */
export function run(script: string, words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...words], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.err += chunk.toString()));
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({ code, ...text }));
  });
}

/** A new folder for one suite, and what removes it. */
export function temporaryFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `concord-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every file below a folder, or the file itself; absolute. */
export function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
