import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runOnnx } from '@concord/inference';
import { digestOf, inspectOnnx } from '@concord/models';

import { harmless } from './bytes.js';
import { CORPUS } from './corpus.js';

/** From the file to its refusal, or to the end of the process that ran it. */
const LIMIT_MS = 5000;
/** Two models of the corpus compute for minutes; the door is told to wait this long. */
const DEADLINE_MS = Number(process.env.HOSTILE_DEADLINE_MS ?? 1500);
const workFolder = mkdtempSync(join(tmpdir(), 'concord-hostile-onnx-'));

interface Answer {
  readonly code: string;
  readonly ms: number;
}

/** Gives a model to the door as the hub does: the input is of the size that the file asks for. */
async function answerTo(model: Uint8Array): Promise<Answer> {
  const start = performance.now();
  let code = 'ANSWERED';
  try {
    const [port] = inspectOnnx(model).inputs;
    const dims = (port?.dims ?? [2]).map((dim) => (typeof dim === 'number' ? Math.min(Math.max(dim, 1), 4096) : 1));
    const data = new Float32Array(
      Math.min(
        dims.reduce((size, dim) => size * dim, 1),
        2 ** 23,
      ),
    ).fill(0.01);
    const input = { name: port?.name ?? 'x', data, dims };
    await runOnnx({ model, expectedDigest: digestOf(model), input, deadlineMs: DEADLINE_MS, workFolder });
  } catch (error) {
    code = (error as { code?: string }).code ?? `untyped: ${String(error)}`;
  }
  return { code, ms: performance.now() - start };
}

const answers = new Map<string, Answer>();
const waits: number[] = [];

beforeAll(async () => {
  // A server in this very process is asked all the while: what holds its thread holds a hub's.
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const models = CORPUS.map(({ name, bytes }) => ({ name, model: bytes() }));
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      const start = performance.now();
      await (await fetch(url)).text();
      waits.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  for (const { name, model } of models) {
    answers.set(name, await answerTo(model));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  isDone = true;
  await asking;
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}, 120_000);
afterAll(() => rmSync(workFolder, { recursive: true, force: true }));

it('holds at least 40 models, each with a name of its own', () => {
  expect(CORPUS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length);
});

it('is made of a model that runs: it is the change that is refused', async () => {
  expect(await answerTo(harmless())).toMatchObject({ code: 'ANSWERED' });
});

it.each(CORPUS.map(({ name, code }) => [name, code]))('%s ends in %s within 5 s', (name, code) => {
  const answer = answers.get(name);
  expect(answer).toMatchObject({ code });
  expect(answer?.ms).toBeLessThan(LIMIT_MS);
});

it('leaves a server in the same process answering within 200 ms, 95 times of 100', () => {
  const sorted = waits.sort((a, b) => a - b);
  const p95 = sorted[Math.floor(0.95 * sorted.length)];
  if (process.env.HOSTILE_DEADLINE_MS) {
    const slowest = Math.max(...[...answers.values()].map(({ ms }) => ms));
    process.stdout.write(
      `${answers.size} models, slowest ${slowest.toFixed(0)} ms; ${sorted.length} requests, p95 ${p95.toFixed(1)} ms, worst ${sorted[sorted.length - 1].toFixed(0)} ms\n`,
    );
  }
  expect(p95).toBeLessThan(200);
});

it('is the same each time, and listed in the README', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8').replace(/ +/g, ' ');
  for (const { name, code } of CORPUS) expect(readme).toContain(`| \`${name}\` | \`${code}\` |`);
});
