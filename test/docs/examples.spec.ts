import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 30_000; // each takes about a second on a machine that does nothing else

/** Commands whose examples start servers, or read what the demo leaves. */
const NEED_A_SERVER = ['agent', 'demo', 'hub', 'verify', 'worker'];

/** Like the root of the repository to the examples, but what they write lands elsewhere. */
const folder = mkdtempSync(join(tmpdir(), 'concord-examples-'));
symlinkSync(join(ROOT, 'docs'), join(folder, 'docs'));
afterAll(() => rmSync(folder, { recursive: true }));

function concord(words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'apps/cli/bin/concord.mjs'), ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  return { status, stdout, stderr };
}

/** The part of a help text under a heading. */
function below(heading: string, help: string): string[] {
  const [, part = ''] = help.split(`\n${heading}:\n`);
  const [lines = ''] = part.split('\n\n');
  return lines.split('\n').filter((line) => line.trim() !== '');
}

function examplesOf(command: string): string[] {
  return below('Examples', concord([command, '--help']).stdout).map((line) => line.trim());
}

/** Words of a shell line; only double quotes occur. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const commands = below('Commands', concord(['--help']).stdout)
  .map((line) => line.trim().split(/\s+/)[0] ?? '')
  .filter((name) => name !== 'help');
const examples = commands.map((command) => ({ command, lines: examplesOf(command) }));
const local = examples.filter(({ command }) => !NEED_A_SERVER.includes(command)).flatMap(({ lines }) => lines);

describe('the examples that --help prints', () => {
  it('are two for every command', () => {
    expect(commands).toEqual(expect.arrayContaining(['extract', 'harmonize', 'validate', ...NEED_A_SERVER]));
    expect(examples.map(({ command, lines }) => `${command}: ${lines.length}`)).toEqual(
      commands.map((command) => `${command}: 2`),
    );
  });

  it.each(local)('%s', (line) => {
    const words = wordsOf(line);
    const own = words.slice(words.indexOf('concord') + 1);
    expect(words.slice(0, -own.length).join(' ')).toMatch(/^(npx )?concord$/);
    const { status, stdout, stderr } = concord(own);
    expect(`${status}\n${status === 0 ? '' : stderr}`).toBe('0\n');
    const at = own.findIndex((word) => ['--out', '--model'].includes(word));
    if (at < 0) expect(stdout.trim()).not.toBe('');
    else expect(existsSync(join(folder, own[at + 1] ?? ''))).toBe(true);
  });
});
