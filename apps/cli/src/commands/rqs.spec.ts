import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../run.js';
import { configure } from './rqs.js';

const folder = mkdtempSync(join(tmpdir(), 'concord-rqs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const golden = join(import.meta.dirname, '..', '..', '..', '..', 'libs', 'rqs', 'golden', 'published');

async function run(...argv: string[]) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const commands = [{ name: 'rqs', summary: 'quality scores', load: async () => ({ configure }) }];
  const exitCode = await runCli(['rqs', ...argv], { version: '9.9.9', streams, commands });
  return { exitCode, out, err };
}
function file(record: unknown, name = 'record.json'): string {
  const path = join(folder, name);
  writeFileSync(path, typeof record === 'string' ? record : JSON.stringify(record));
  return path;
}
function published(name: string, index: number): { items: Record<string, number> } {
  const { assessments } = JSON.parse(readFileSync(join(golden, name), 'utf8')) as {
    assessments: { items: Record<string, number> }[];
  };
  const assessment = assessments[index];
  if (!assessment) throw new Error('no such record');
  return { items: assessment.items };
}

describe('concord rqs score', () => {
  it('gives the published HCC record its 20 points, 55.6 %', async () => {
    const { exitCode, out } = await run(
      'score',
      file(published('rqs1-published-valid.json', 3)),
      '--scheme',
      'rqs1',
      '--json',
    );
    expect(exitCode).toBe(0);
    const score = JSON.parse(out);
    expect(score).toMatchObject({ scheme: 'rqs1', version: '2017', total: 20, percent: 55.6, policy: 'strict' });
    expect(score.items).toHaveLength(16);
    expect(score.items[4]).toMatchObject({ id: 'rqs1.05', points: 3 });
  });

  it('prints the total for people, and the options that are known', async () => {
    const { out } = await run('score', file({ scheme: 'rqs1', ...published('rqs1-published-valid.json', 3) }));
    expect(out).toContain('Radiomics Quality Score 1.0: 20 of 36 points, 55.6 %');
    expect(out).toContain('rqs1.05   3 of 3  Feature reduction or adjustment for multiple testing  either');
  });

  it('refuses an illegal value with exit 3 and names the item', async () => {
    const record = file(published('rqs1-published-illegal-item5.json', 0));
    const { exitCode, out } = await run('score', record, '--scheme', 'rqs1', '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ code: 'ILLEGAL_OPTION', where: 'rqs1.05', items: ['rqs1.05'] });
  });

  it.each([
    [
      'options that do not add',
      { options: { 'rqs1.12': ['same-institute', 'one-external'] } },
      ['--scheme', 'rqs1'],
      3,
      'SINGLE_CHOICE',
    ],
    ['no scheme', { items: {} }, [], 2, 'USAGE'],
    ['another scheme', { scheme: 'rqs2', items: {} }, ['--scheme', 'rqs1'], 3, 'INVALID_RECORD'],
    ['an unknown scheme', { items: {} }, ['--scheme', 'rqs9'], 3, 'UNKNOWN_SCHEME'],
    ['another version', { scheme: 'rqs1', version: '2025', items: {} }, [], 3, 'INVALID_RECORD'],
    ['an unknown policy', { scheme: 'rqs1', items: {} }, ['--policy', 'kind'], 2, 'USAGE'],
    ['text that is not JSON', 'items:', ['--scheme', 'rqs1'], 3, 'FILE_NOT_READABLE'],
  ])('refuses %s', async (_name, record, argv, exit, code) => {
    const { exitCode, out } = await run('score', file(record), ...argv, '--json');
    expect([exitCode, (JSON.parse(out) as { code: string }).code]).toEqual([exit, code]);
  });
});

describe('concord rqs explain', () => {
  it('says what an item asks for, with points and both readings', async () => {
    const { exitCode, out } = await run('explain', 'rqs1', '12');
    expect(exitCode).toBe(0);
    for (const words of ['-5  missing', 'three-external', 'strict:  cross-validation only', 'lenient:'])
      expect(out).toContain(words);
    expect((await run('explain', 'rqs1', 'rqs1.12')).out).toBe(out);
    expect((await run('explain', 'rqs1', '11')).out).toContain('statement: registry id');
  });

  it('lists all items, and refuses one that is not there', async () => {
    expect((await run('explain', 'rqs1')).out.trim().split('\n')).toHaveLength(16);
    expect(JSON.parse((await run('explain', 'rqs1', '1', '--json')).out)).toMatchObject({ id: 'rqs1.01' });
    expect((await run('explain', 'rqs1', '17')).exitCode).toBe(2);
  });
});
