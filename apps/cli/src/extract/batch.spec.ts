import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const PROGRAM = join(ROOT, 'apps/cli/bin/concord.mjs');
const EXAMPLES = join(ROOT, 'docs/examples');
const folder = mkdtempSync(join(tmpdir(), 'concord-batch-'));
const list = join(folder, 'cases.csv');
const settings = join(folder, 'settings.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

/** Twelve cases, of which two are broken. */
beforeAll(() => {
  const [image, mask] = ['ball.nii.gz', 'ball-mask.nii.gz'].map((name) => join(EXAMPLES, name));
  const rows = Array.from(
    { length: 12 },
    (_, n) => `c${n},${image},${n === 4 ? '' : mask},${n === 9 ? 7 : 1 + (n % 2)}`,
  );
  writeFileSync(list, `case,image,mask,label\n${rows.join('\n')}\n`);
  writeFileSync(settings, readFileSync(join(EXAMPLES, 'extraction.yaml')));
});

const words = (out: string, ...more: string[]) => [
  PROGRAM,
  ...['extract', '--cases', list, '--settings', settings, '--out', join(folder, out), ...more],
];
const extract = (out: string, ...more: string[]) => {
  const { status, stderr } = spawnSync(process.execPath, words(out, ...more), { encoding: 'utf8' });
  return { status, stderr };
};
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

/** Starts a batch and sends a signal once some cases are done. */
async function stopped(out: string, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
  const child = spawn(process.execPath, words(out, '--jobs', '2'), { stdio: 'ignore' });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, by) => resolve(code ?? by)),
  );
  const journal = join(folder, `${out}.journal`);
  while (!existsSync(journal) || readFileSync(journal, 'utf8').split('\n').length < 4) await sleep(2);
  child.kill(signal);
  return ended;
}

describe('a batch', () => {
  it('gives the same bytes with one job and with three, writes what it can and lists what it refused', () => {
    const one = extract('one.csv', '--jobs', '1');
    expect([one.status, extract('three.csv', '--jobs', '3').status]).toEqual([4, 4]);
    expect(read('three.csv')).toBe(read('one.csv'));
    expect(read('one.csv').trim().split('\n')).toHaveLength(1 + 10);
    expect(one.stderr).toContain('c4 refused: UNSUPPORTED_FILE: line 6 names no region');
    expect(one.stderr).toContain('c9 refused: MASK_LABEL_ABSENT: label 7 is not in the mask; it holds 1, 2');
  });

  it('that was killed goes on with --resume to the very same file, and else is kept', async () => {
    expect(await stopped('killed.csv', 'SIGKILL')).toBe('SIGKILL');
    expect(existsSync(join(folder, 'killed.csv'))).toBe(false);
    expect(extract('killed.csv').stderr).toContain('error OUTPUT_REFUSED: an earlier run that was stopped');
    appendFileSync(join(folder, 'killed.csv.journal'), '{"key":"abc","outco'); // a line that was being written
    const { status, stderr } = extract('killed.csv', '--resume');
    expect([status, /^([3-9]|1\d) of 12 cases were done before/.test(stderr)]).toEqual([4, true]);
    expect(read('killed.csv')).toBe(read('one.csv'));
    expect(existsSync(join(folder, 'killed.csv.journal'))).toBe(false);
  });

  it('ends by Ctrl-C with 130 and leaves no part of the output; other settings do not take over its results', async () => {
    expect(await stopped('interrupted.csv', 'SIGINT')).toBe(130);
    expect(existsSync(join(folder, 'interrupted.csv'))).toBe(false);
    writeFileSync(settings, read('settings.yaml').replace('width: 25', 'width: 20'));
    const { stderr } = extract('interrupted.csv', '--resume');
    expect(stderr).toContain('0 of 12 cases were done before');
    expect(read('interrupted.csv')).not.toBe(read('one.csv'));
  });
});
