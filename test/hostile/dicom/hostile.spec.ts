import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { BASES, CORPUS } from './corpus.js';
import type { HostileFile } from './hostile-file.js';

const LIMIT_MS = 5000;
const LIMIT_MIB = 256;
const BATCH = 16;
const MANY = 60;
const folder = mkdtempSync(join(tmpdir(), 'concord-hostile-'));
const at = (name: string): string => join(folder, name);

interface Answer {
  readonly exitCode: number;
  readonly code: string | null;
  readonly ms: number;
  readonly peakMiB: number;
}

/** What a person types to read the file. */
function wordsFor({ name, as }: Pick<HostileFile, 'name' | 'as'>): string[] {
  if (as === 'image') return ['inspect', at(name)];
  const image = at(as === 'mask' ? 'base.nii' : 'base.dcm');
  return ['extract', image, `--${as}`, at(name), ...(as === 'mask' ? ['--label', 'union'] : [])];
}

/** Runs commands in one process, or as many of them as it takes on; ends it when one takes longer than it may. */
async function answersTo(commands: readonly string[][]): Promise<Answer[]> {
  const script = new URL('read-batch.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--expose-gc', script, JSON.stringify(commands)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answers: Answer[] = [];
  let timer = setTimeout(() => child.kill('SIGKILL'), 4 * LIMIT_MS); // the first includes the start
  for await (const line of createInterface({ input: child.stdout })) {
    answers.push(JSON.parse(line) as Answer);
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS + 500);
  }
  clearTimeout(timer);
  return answers;
}

const answers = new Map<string, Answer | undefined>();

beforeAll(async () => {
  for (const [name, bytes] of Object.entries(BASES)) writeFileSync(at(name), bytes());
  for (const { name, bytes } of CORPUS) writeFileSync(at(name), bytes());
  const waiting = [...CORPUS];
  const run = async (): Promise<void> => {
    for (let files = waiting.splice(0, BATCH); files.length > 0; files = waiting.splice(0, BATCH)) {
      while (files.length > 0) {
        const found = await answersTo(files.map(wordsFor));
        // A file that ended the process has no answer.
        for (const { name } of files.splice(0, Math.max(1, found.length))) answers.set(name, found.shift());
      }
    }
  };
  await Promise.all([run(), run()]);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it(`holds over ${MANY} files, each with a name of its own`, () => {
  expect(CORPUS.length).toBeGreaterThan(MANY);
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
});

it('is made of files that are read: it is the change that is refused', async () => {
  for (const name of Object.keys(BASES)) {
    expect(await answersTo([['inspect', at(name)]])).toMatchObject([{ exitCode: 0, code: null }]);
  }
});

it.each(CORPUS.map(({ name, code }) => [name, code]))('%s is refused by %s, within 5 s and 256 MiB', (name, code) => {
  const answer = answers.get(name);
  expect(answer).toMatchObject({ exitCode: 3, code });
  expect(answer?.ms).toBeLessThan(LIMIT_MS);
  expect(answer?.peakMiB).toBeLessThan(LIMIT_MIB);
});

it('is the same each time, and listed in the README', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8').replace(/ +/g, ' ');
  for (const { name, code, bytes } of CORPUS) {
    expect(readme).toContain(`| \`${name}\` | \`${code}\` |`);
    if (/cut|noise|stream/.test(name)) expect(bytes().equals(bytes())).toBe(true);
  }
});
