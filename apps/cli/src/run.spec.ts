import { ConcordError } from '@concord/errors';
import type { CommandEntry } from './lib/command.js';
import { runCli } from './run.js';

class LabelAbsentError extends ConcordError {
  readonly code = 'MASK_LABEL_ABSENT';
}

const commands: CommandEntry[] = [
  {
    name: 'greet',
    summary: 'says a name',
    load: async () => ({
      configure: (command, cli) => {
        command
          .argument('<name>')
          .option('--times <n>')
          .action((name: string) => (cli.isJson ? cli.printJson({ name }) : cli.print(`hello ${name}`)));
      },
    }),
  },
  {
    name: 'refuse',
    summary: 'throws',
    load: async () => ({
      configure: (command) => {
        command.option('--bug').action((options: { bug?: boolean }) => {
          if (options.bug) throw new TypeError('x is undefined');
          throw new LabelAbsentError('label 4 is not in the mask', 'mask.nrrd', 'Choose one with --label.');
        });
      },
    }),
  },
  {
    name: 'broken',
    summary: 'must not be loaded',
    load: () => Promise.reject(new Error('loaded a command not asked for')),
  },
];

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const exitCode = await runCli(argv, { version: '9.9.9', streams, commands });
  return { exitCode, out, err };
}

describe('runCli', () => {
  it('runs the command asked for and loads no other', async () => {
    expect(await run('greet', 'Ada')).toEqual({ exitCode: 0, out: 'hello Ada\n', err: '' });
  });

  it('takes --json after the command as well', async () => {
    const { out } = await run('greet', 'Ada', '--json');
    expect(JSON.parse(out)).toEqual({ name: 'Ada' });
  });

  it('lists every command without loading one', async () => {
    const { exitCode, out } = await run('--help');
    expect(exitCode).toBe(0);
    expect(out).toContain('must not be loaded');
  });

  it('prints a refusal in three lines and exits 3', async () => {
    const { exitCode, out, err } = await run('refuse');
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' });
    expect(err).toBe(
      'error MASK_LABEL_ABSENT: label 4 is not in the mask\n  where  mask.nrrd\n  fix    Choose one with --label.\n',
    );
  });

  it('prints a refusal as one JSON document with --json', async () => {
    const { exitCode, out, err } = await run('refuse', '--json');
    expect({ exitCode, err }).toEqual({ exitCode: 3, err: '' });
    expect(JSON.parse(out)).toEqual({
      code: 'MASK_LABEL_ABSENT',
      what: 'label 4 is not in the mask',
      where: 'mask.nrrd',
      fix: 'Choose one with --label.',
    });
  });

  it('calls anything else a bug, with the stack only on demand', async () => {
    const plain = await run('refuse', '--bug');
    expect(plain.exitCode).toBe(1);
    expect(plain.err).toMatch(/^error INTERNAL: x is undefined\n/);
    expect(plain.err).not.toContain('run.spec');
    expect((await run('refuse', '--bug', '--verbose')).err).toContain('run.spec');
  });

  it('names the nearest option and the nearest command for a wrong one, and exits 2', async () => {
    const option = await run('greet', 'Ada', '--time', '3');
    expect(option).toEqual({
      exitCode: 2,
      out: '',
      err: "error USAGE: unknown option '--time'\n  where  concord greet\n  fix    Did you mean --times?\n",
    });
    const command = await run('gret');
    expect(command.exitCode).toBe(2);
    expect(command.err).toContain('Did you mean greet?');
  });

  it('exits 2 for a missing argument', async () => {
    const { exitCode, err } = await run('greet');
    expect(exitCode).toBe(2);
    expect(err).toContain("missing required argument 'name'");
  });
});
