import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { parseProtocol } from '@concord/contracts';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 30_000; // each takes about a second on a machine that does nothing else

/** Commands whose examples start or ask servers, read what the demo leaves, or answer differently on each machine. */
const NEED_A_SERVER = ['agent', 'demo', 'doctor', 'hub', 'report', 'run', 'site', 'study', 'verify', 'worker'];

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

/** First words of the lines of a list, without the arguments behind them. */
function namesIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /^ {2}(?:-\w, )?([\w-]+)/.exec(line)?.[1] ?? []);
}

/** Words of a shell line; only double quotes occur. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

const commands = namesIn(below('Commands', concord(['--help']).stdout)).filter((name) => name !== 'help');
const helps = new Map(commands.map((command) => [command, concord([command, '--help']).stdout]));
const examples = commands.map((command) => ({
  command,
  lines: below('Examples', helps.get(command) ?? '').map((line) => line.trim()),
}));
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

describe('docs/cli.md', () => {
  const page = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8');
  const [today = ''] = page.split('\n## Planned\n');

  it.each(commands)('names everything that concord %s --help lists', (command) => {
    const help = helps.get(command) ?? '';
    const inner = namesIn(below('Commands', help)).filter((name) => name !== 'help');
    const options = namesIn(below('Options', help)).filter((name) => name.startsWith('--'));
    expect(options).toContain('--help');
    const wanted = [`concord ${command}`, ...inner.map((name) => `concord ${command} ${name}`), ...options];
    expect(wanted.filter((words) => !today.includes(words))).toEqual([]);
  });

  it('names no option that no command has', () => {
    const known = [...helps.values()].flatMap((help) =>
      namesIn([...below('Options', help), ...below('Global Options', help)]),
    );
    const ofInner = ['--roi', '--by', '--reason', '--token-file', '--proxy', '--ca', '--scheme', '--policy'];
    const named = new Set([...today.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([name]) => name));
    expect([...named].filter((name) => !known.includes(name) && !ofInner.includes(name))).toEqual([]);
  });
});

describe('docs/examples/protocol.json', () => {
  it('is a protocol that the hub takes', () => {
    const text = readFileSync(join(ROOT, 'docs/examples/protocol.json'), 'utf8');
    expect(parseProtocol(JSON.parse(text)).studyId).toBe('recurrence-three');
    expect(readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')).toContain('recurrence-three');
  });
});
