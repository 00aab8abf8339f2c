import { PassThrough } from 'node:stream';

import { exitCodeOf } from '../lib/errors.js';
import { askToType } from './confirm.js';

function terminal(isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  return { input, output };
}

const exitOf = (asked: Promise<string>) => asked.then(() => 0, exitCodeOf);

describe('askToType', () => {
  it('gives back what was typed, without the blanks around it', async () => {
    const at = terminal();
    const asked = askToType('Title: ', '--confirm', at);
    at.input.write(' My title \n');
    expect(await asked).toBe('My title');
    expect(String(at.output.read())).toContain('Title: ');
  });

  it('ends as interrupted at Ctrl-C and when the terminal is gone', async () => {
    const stopped = terminal();
    const first = exitOf(askToType('Title: ', '--confirm', stopped));
    stopped.input.write('\u0003');
    expect(await first).toBe(130);
    const gone = terminal();
    const second = exitOf(askToType('Title: ', '--confirm', gone));
    gone.input.end();
    expect(await second).toBe(130);
  });

  it('wants an option where nobody can be asked', async () => {
    expect(await exitOf(askToType('Title: ', '--confirm', terminal(false)))).toBe(2);
  });
});
