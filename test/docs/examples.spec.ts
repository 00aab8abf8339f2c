import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { parseProtocol } from '@concord/contracts';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 30_000; // each takes about a second on a machine that does nothing else

/** Commands whose examples start servers, look for one, or read what the demo leaves; others say that they need a hub. */
const NEED_A_SERVER = ['agent', 'demo', 'doctor', 'hub', 'report', 'verify', 'worker'];
const NEEDS_A_HUB = 'They need a hub that runs';

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

function innerCommands(command: string): string[] {
  return namesIn(below('Commands', helps.get(command) ?? '')).filter((name) => name !== 'help');
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
const needsServer = (command: string): boolean =>
  NEED_A_SERVER.includes(command) || (helps.get(command) ?? '').includes(NEEDS_A_HUB);
const local = examples.filter(({ command }) => !needsServer(command)).flatMap(({ lines }) => lines);

describe('the examples that --help prints', () => {
  it('are two for every command', () => {
    expect(commands).toEqual(expect.arrayContaining(['extract', 'harmonize', 'validate', 'agent', 'demo', 'hub']));
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

  const optionsIn = (help: string): string[] => namesIn(below('Options', help)).filter((name) => name.startsWith('--'));
  const innerHelps = new Map(
    commands.flatMap((command) =>
      innerCommands(command).map((inner): [string, string] => [
        `${command} ${inner}`,
        concord([command, inner, '--help']).stdout,
      ]),
    ),
  );

  it.each(commands)('names everything that concord %s --help lists', (command) => {
    const inner = innerCommands(command).map((name) => `${command} ${name}`);
    const helpsOfIt = [helps.get(command) ?? '', ...inner.map((words) => innerHelps.get(words) ?? '')];
    for (const help of helpsOfIt) expect(optionsIn(help)).toContain('--help');
    const wanted = [command, ...inner].map((words) => `concord ${words}`).concat(helpsOfIt.flatMap(optionsIn));
    expect(wanted.filter((words) => !today.includes(words))).toEqual([]);
  });

  it('names no option that no command has', () => {
    const all = [...helps.values(), ...innerHelps.values()];
    const known = all.flatMap((help) => namesIn([...below('Options', help), ...below('Global Options', help)]));
    const named = new Set([...today.matchAll(/(?<![\w-])--[a-z][a-z\d-]+/g)].map(([name]) => name));
    expect([...named].filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('the protocols of docs/examples', () => {
  const protocolOf = (name: string) =>
    parseProtocol(JSON.parse(readFileSync(join(ROOT, 'docs/examples', name), 'utf8')));

  it('are protocols that the hub takes', () => {
    expect(protocolOf('protocol.json').studyId).toBe('recurrence-three');
    expect(protocolOf('protocol-sums.json')).toMatchObject({ studyId: 'scanners-sums', sharing: 'sums' });
    const operations = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    for (const named of ['recurrence-three', 'docs/examples/protocol-sums.json']) expect(operations).toContain(named);
  });
});
