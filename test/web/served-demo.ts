import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { randomNormal, seededRandom } from '@concord/numeric';
import type { StudyReport } from '@concord/reports';

const ROOT = resolve(import.meta.dirname, '../..');

/** A hub that serves a finished study, with its agents, as processes of their own. */
export interface ServedDemo {
  readonly url: string;
  readonly token: string;
  readonly report: StudyReport;
  readonly stop: () => Promise<void>;
}

/** Runs `concord demo --serve` on a table drawn here: real hub, real agents, real results, in some seconds. */
export async function serveDemo(): Promise<ServedDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'concord-web-'));
  const table = join(folder, 'features.csv');
  const out = join(folder, 'demo');
  writeFileSync(table, drawTable());
  const args = ['demo', '--tables', table, '--batch', 'site', '--outcome', 'outcome', '--out', out, '--serve'];
  const child = spawn(process.execPath, [join(ROOT, 'apps/cli/bin/concord.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [url, token] = await addressOf(child);
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as StudyReport;
  return { url, token, report, stop: () => stop(child) };
}

async function addressOf(child: ChildProcess): Promise<[url: string, token: string]> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((found, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`concord demo ended with ${code}: ${said.slice(-2000)}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^page +(\S+?)\/?#token=(\S+)$/.exec(line);
      if (match !== null) found([match[1], match[2]]);
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Four hospitals, 40 patients each; 24 features of which two carry the outcome, all shifted and scaled by hospital. */
function drawTable(): string {
  const random = seededRandom('web demo');
  const names = Array.from({ length: 24 }, (_, index) => `feature${index + 1}`);
  const lines = [`patient_id,site,outcome,${names.join(',')}`];
  for (const [place, site] of ['north', 'south', 'west', 'east'].entries()) {
    for (let patient = 1; patient <= 40; patient++) {
      const latent = randomNormal(random);
      const outcome = latent + 0.8 * randomNormal(random) > 0.3 ? 1 : 0;
      const features = names.map((_, index) => {
        const biology = index < 2 ? latent : 0;
        return (1 + 0.25 * place) * (biology + randomNormal(random)) + (index % 3) * 1.5 * place;
      });
      lines.push(`${site}${patient},${site},${outcome},${features.map((value) => value.toFixed(4)).join(',')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
