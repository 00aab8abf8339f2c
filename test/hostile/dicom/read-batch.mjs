// Reads files one after another as `concord` does, and says of each on a line of its own: exit code, error code, time,
// and the most memory this process ever had. Started by hostile.spec.ts with --expose-gc and a list of commands, of
// which it may leave the rest to another process.
import { existsSync, readFileSync } from 'node:fs';

import { runCli } from '../../../apps/cli/dist/run.js';

const FRESH_MIB = 100;

/** On Linux resourceUsage counts what the parent had when it started this process. */
function peakMemoryMiB() {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const [, own] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? [];
  return (own === undefined ? process.resourceUsage().maxRSS : Number(own)) / 1024;
}

async function answerTo(words) {
  let out = '';
  const streams = { out: (text) => (out += text), err: () => undefined };
  const exitCode = await runCli([...words, '--json'], { version: '0.0.0', streams });
  const printed = JSON.parse(out);
  return { exitCode, code: (Array.isArray(printed) ? printed[0]?.error?.code : printed.code) ?? null };
}

for (const words of JSON.parse(process.argv[2])) {
  globalThis.gc();
  const start = performance.now();
  const answer = await answerTo(words);
  const ms = performance.now() - start;
  const peakMiB = peakMemoryMiB();
  process.stdout.write(`${JSON.stringify({ ...answer, ms, peakMiB })}\n`);
  if (peakMiB > FRESH_MIB) break; // the next file is measured in a new process
}
process.exit(0);
