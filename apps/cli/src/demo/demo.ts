import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { digestOf, sha256, type StudyProtocol } from '@concord/contracts';
import type { ConsortiumTruth } from '@concord/phantoms';
import { pseudonym } from '@concord/privacy';
import type { StudyReport } from '@concord/reports';
import type { FeatureTable } from '@concord/tables';

import { HubClient } from '../hub/hub-client.js';
import { HubUnreachableError } from '../hub/hub.errors.js';
import { saveBundle, type SavedBundle } from './bundle-files.js';
import { installationRoot, ProcessGroup, type DemoProcess } from './child-process.js';
import { openStudy, studyProgress, type StudyProgress } from './coordinator.js';
import { DemoInputError, DemoProcessError } from './demo.errors.js';
import { startFaults, type FaultEvent, type Faults } from './faults.js';
import { writeImageHospitals, writeTableHospitals, type HospitalData } from './hospitals.js';
import { imageProtocol, imageSites, tableProtocol } from './protocols.js';
import { checkTruth, type TruthCheck } from './truth-check.js';

/** A feature table and the names of its columns of site and outcome; the file only tells where it came from. */
export interface DemoTable {
  readonly file: string;
  readonly rows: FeatureTable;
  readonly batch: string;
  readonly outcome: string;
}

export interface DemoOptions {
  readonly out: string;
  readonly seed: number;
  readonly siteCount: number;
  readonly patientsPerSite: number;
  /** A feature table instead of images, split into sites by its batch column. */
  readonly table: DemoTable | null;
  /** Kill the hub three times and stop an agent for a while, see `startFaults`. */
  readonly withFaults: boolean;
  readonly say: (line: string) => void;
  /** Settings for the hub's process: an external database or store. */
  readonly hubEnvironment: Record<string, string>;
  /** Lets a test put a proxy between the agents and the hub. */
  readonly routeAgents?: (hubUrl: string) => Promise<string>;
}

export interface DemoResult {
  readonly out: string;
  readonly report: StudyReport;
  readonly bundle: SavedBundle;
  readonly truth: TruthCheck | null;
  /** Over tables, harmonization, model, lock, validation and score: equal for equal seeds. */
  readonly resultDigest: string;
  readonly pageUrl: string;
  readonly pageToken: string;
  readonly faults: readonly FaultEvent[];
  readonly canaries: readonly string[];
  readonly stop: () => Promise<void>;
}

/** A study that can be made, thought out before anything is written. */
interface Plan {
  readonly protocol: StudyProtocol;
  /** Writes the hospitals' data into the demo's folder. */
  readonly write: () => Promise<Cast>;
}

interface Cast {
  readonly hospitals: Map<string, HospitalData>;
  readonly truth: ConsortiumTruth | null;
  readonly canaries: readonly string[];
}

const MARKER = '.concord-demo';
const POLL_MS = 250;
const PATIENCE_MS = 600_000;

/** Runs a whole consortium on this machine: hub, one agent process a hospital, and a coordinator using the public API. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { out, say } = options;
  const { protocol, write } = options.table === null ? imagePlan(options) : tablePlan(options, options.table);
  prepareFolder(out);
  const processes = new ProcessGroup();
  let faults: Faults | null = null;
  try {
    const hub = { current: null as DemoProcess | null, port: 0 };
    const startHub = async () => {
      const started = await startHubProcess(processes, options, hub.port);
      hub.current = started;
      hub.port = Number(new URL(started.url).port);
      return started;
    };
    say(options.table === null ? 'drawing the hospitals’ patients as DICOM' : 'giving each hospital its own rows');
    const [cast, first] = await Promise.all([write(), startHub()]);
    const token = readFileSync(join(out, 'hub', 'coordinator.token'), 'utf8').trim();
    const client = new HubClient(first.url, token);
    const tokens = await openStudy(client, protocol);
    say(`study “${protocol.title}” is frozen: ${protocol.features.length} features, ${protocol.sites.length} sites`);
    const agentUrl = options.routeAgents === undefined ? first.url : await options.routeAgents(first.url);
    const agents = await Promise.all(
      protocol.sites.map(({ code }) => startAgent(processes, options, code, cast, tokens.get(code) ?? '', agentUrl)),
    );
    const progress = () => progressIfThere(client, protocol.studyId);
    if (options.withFaults) faults = startFaults({ seed: options.seed, hub, startHub, agents, progress, say });
    await untilValidated(progress, say, agents, () => hub.current);
    await faults?.settle();
    const bundle = await saveBundle(client, protocol.studyId, out);
    const report = JSON.parse(Buffer.from(bundle.output('report', 'report')).toString('utf8')) as StudyReport;
    const key = Buffer.from(demoKey(options.seed), 'hex');
    const truth =
      cast.truth === null ? null : checkTruth(report, bundle, cast.truth, (id) => pseudonym(key, protocol.studyId, id));
    return {
      out,
      report,
      bundle,
      truth,
      resultDigest: digestOfResult(bundle),
      pageUrl: hub.current?.url ?? first.url,
      pageToken: token,
      faults: faults?.log ?? [],
      canaries: cast.canaries,
      stop: () => processes.stop(),
    };
  } catch (error) {
    await faults?.settle().catch(() => undefined); // the error that came first is the one to tell
    await processes.stop();
    throw error;
  }
}

/** The key for pseudonyms: drawn from the seed, so that two runs give the same tables. Real sites draw theirs at random. */
export function demoKey(seed: number): string {
  return sha256(`concord demo pseudonyms ${seed}`);
}

function prepareFolder(out: string): void {
  if (existsSync(out)) {
    if (!existsSync(join(out, MARKER))) {
      throw new DemoInputError('the folder exists, and no demo made it', out, 'Name another one with --out.');
    }
    rmSync(out, { recursive: true });
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, MARKER), 'Made by concord demo; the next run replaces this folder.\n');
}

function imagePlan({ out, seed, siteCount, patientsPerSite }: DemoOptions): Plan {
  if (siteCount < 4) throw new DemoInputError('too few sites', '--sites', 'Give at least 4: two of them validate.');
  const sites = imageSites(siteCount);
  const write = async () => {
    const { data, truth, canaries } = await writeImageHospitals(join(out, 'hospitals'), sites, seed, patientsPerSite);
    writeFileSync(join(out, 'truth.json'), JSON.stringify(truth, null, 1));
    return { hospitals: data, truth, canaries };
  };
  return { protocol: imageProtocol(sites, seed), write };
}

function tablePlan({ out, seed }: DemoOptions, { file, rows, batch, outcome }: DemoTable): Plan {
  const id = rows.columns.find((column) => /^(subject|patient|case)?_?id$/i.test(column.name));
  if (id === undefined) {
    throw new DemoInputError('it has no column of patient ids', file, 'Name one patient_id or subject_id.');
  }
  const write = async () => {
    const hospitals = writeTableHospitals(join(out, 'hospitals'), rows, batch, id.name);
    return { hospitals, truth: null, canaries: [] };
  };
  return { protocol: tableProtocol(rows, batch, outcome, seed), write };
}

async function startHubProcess(processes: ProcessGroup, options: DemoOptions, port: number): Promise<DemoProcess> {
  const root = installationRoot();
  return processes.start(
    'hub',
    join(root, 'apps', 'hub', 'dist', 'main.js'),
    [],
    {
      NODE_ENV: 'production',
      CONCORD_HUB_DATA: join(options.out, 'hub'),
      CONCORD_HUB_HOST: '127.0.0.1',
      CONCORD_HUB_PORT: String(port),
      ...options.hubEnvironment,
    },
    join(options.out, 'hub.log'),
  );
}

async function startAgent(
  processes: ProcessGroup,
  options: DemoOptions,
  code: string,
  cast: Cast,
  token: string,
  url: string,
) {
  const data = join(options.out, 'agents', code);
  mkdirSync(data, { recursive: true });
  const tokenFile = join(data, 'join.token');
  const keyFile = join(data, 'pseudonym.key');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  writeFileSync(keyFile, demoKey(options.seed), { mode: 0o600 });
  const hospital = cast.hospitals.get(code);
  const env = {
    NODE_ENV: 'production',
    CONCORD_AGENT_DATA: data,
    CONCORD_AGENT_SOURCE: hospital?.source ?? '',
    ...(hospital?.clinical ? { CONCORD_AGENT_CLINICAL: hospital.clinical } : {}),
    CONCORD_AGENT_RULE: 'automatic',
    CONCORD_AGENT_PSEUDONYM_KEY_FILE: keyFile,
    CONCORD_AGENT_PAGE_PORT: '0',
    CONCORD_AGENT_POLL_MS: '400',
    CONCORD_AGENT_WORKERS: '1',
  };
  const script = join(installationRoot(), 'apps', 'agent', 'dist', 'main.js');
  await processes.run(`agent ${code} join`, script, ['join', url, '--token-file', tokenFile, '--data', data], env);
  return processes.start(`agent ${code}`, script, [], env, join(options.out, 'agents', `${code}.log`));
}

async function progressIfThere(client: HubClient, studyId: string): Promise<StudyProgress | null> {
  try {
    return await studyProgress(client, studyId);
  } catch (error) {
    if (error instanceof HubUnreachableError) return null;
    throw error;
  }
}

/** Follows the study by the public API until its report stands; the hub may be away for a while. */
async function untilValidated(
  look: () => Promise<StudyProgress | null>,
  say: (line: string) => void,
  agents: readonly DemoProcess[],
  currentHub: () => DemoProcess | null,
): Promise<void> {
  const said = new Set<string>();
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const progress = await look();
    if (progress !== null) {
      tell(progress, said, say);
      if (progress.state === 'validated') return;
    }
    const dead = agents.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
    if (dead !== undefined) throw new DemoProcessError(`${dead.name} ended`, dead.name, 'Read its log.');
    if (performance.now() > deadline) {
      throw new DemoProcessError('the study did not end in ten minutes', currentHub()?.url ?? 'hub', 'Read hub.log.');
    }
    await sleep(POLL_MS);
  }
}

function tell(progress: StudyProgress, said: Set<string>, say: (line: string) => void): void {
  const once = (line: string) => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
  for (const site of progress.sites) {
    for (const release of site.releases) once(`${site.code} released its ${release.kind}: ${release.byteCount} bytes`);
    if (site.refusedCount) once(`${site.code} refused ${site.refusedCount} of its cases`);
  }
  for (const step of progress.steps) {
    if (step.state === 'done') once(`step ${step.name} is done`);
    if (step.state === 'failed' && step.error !== null) {
      const { what, where, fix } = step.error;
      throw new DemoProcessError(`step ${step.name} failed: ${what}`, where, fix);
    }
  }
}

function digestOfResult({ manifest }: SavedBundle): string {
  const timeless = manifest.steps.filter((step) => step.name !== 'report');
  return digestOf({
    protocol: manifest.protocolDigest,
    tables: manifest.releases.map(({ site, kind, tableDigest }) => [site, kind, tableDigest]).sort(),
    steps: timeless.map(({ name, outputs }) => [name, outputs]).sort(),
  });
}
