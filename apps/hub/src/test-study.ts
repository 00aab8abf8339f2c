import { digestOf, parseProtocol, protocolDigest, sha256, type StudyProtocol } from '@concord/contracts';
import { isConcordError } from '@concord/errors';
import { randomNormal, seededRandom } from '@concord/numeric';
import { tableToArrow, type FeatureTable } from '@concord/tables';

import { readySteps, type ReadyStep, type ReleaseFact } from './runs/run.graph.js';
import { InlineStepPool } from './runs/step.pool.js';
import { TEST_PROTOCOL } from './test-site.js';

/** What a site of a small study has; patients are rows. */
export interface SiteData {
  readonly features: Readonly<Record<string, readonly number[]>>;
  readonly outcome: readonly number[];
}

const NAMES = ['f1', 'f2', 'f3', 'f4'] as const;

/** Two development sites, and one validation site for each further code. */
export function smallProtocol(
  over: Partial<StudyProtocol> = {},
  externals: readonly string[] = ['site-c'],
): StudyProtocol {
  const site = (code: string, role: StudyProtocol['sites'][number]['role']) => ({
    code,
    name: `Hospital ${code}`,
    role,
  });
  return parseProtocol({
    ...TEST_PROTOCOL,
    features: [...NAMES],
    acquisition: [],
    model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 3 },
    sites: [
      site('site-a', 'development'),
      site('site-b', 'development'),
      ...externals.map((code) => site(code, 'externalValidation')),
    ],
    leakAuditReplicates: 3,
    ...over,
  });
}

/** Patients of one site: `f1` carries the outcome, every feature the shift and scale of the site's scanner. */
export function siteData(site: string, count = 30, names: readonly string[] = NAMES): SiteData {
  const random = seededRandom(`small study ${site}`);
  const outcome = Array.from({ length: count }, (_, row) => (row % 3 === 0 ? 1 : 0));
  const [shift, scale] = [site.charCodeAt(5) - 97, 1 + (site.charCodeAt(5) % 3) / 4];
  const signal = (name: string, row: number) => (name === 'f1' ? 1.5 * (outcome[row] ?? 0) : 0);
  const values = (name: string) => outcome.map((_, row) => shift + scale * (randomNormal(random) + signal(name, row)));
  return { features: Object.fromEntries(names.map((name) => [name, values(name)])), outcome };
}

export function featureTable(site: string, { features }: SiteData): FeatureTable {
  const columns = Object.entries(features).map(([name, values]) => number(name, values));
  const rowCount = columns[0]?.values.length ?? 0;
  return { rowCount, columns: [pseudonyms(site, rowCount), ...columns] };
}

export function outcomeTable(site: string, { outcome }: SiteData): FeatureTable {
  return { rowCount: outcome.length, columns: [pseudonyms(site, outcome.length), number('recurrence', outcome)] };
}

/** How a study ended: what its steps wrote, by `STEP/ROLE`, and why the first that failed did. */
export interface StudyEnd {
  readonly outputs: ReadonlyMap<string, Uint8Array>;
  readonly failure: {
    readonly step: string;
    readonly code: string;
    readonly what: string;
    readonly fix: string;
  } | null;
  json<T>(output: string): T;
}

/** Walks through all steps of a study without a database; stops at the first that refuses. */
export async function runStudy(
  protocol: StudyProtocol,
  sites: Readonly<Record<string, SiteData>>,
  over: { lockOfOutcomes?: string } = {},
): Promise<StudyEnd> {
  const objects = new Map<string, Uint8Array>();
  const put = (bytes: Uint8Array) => {
    objects.set(sha256(bytes), bytes);
    return sha256(bytes);
  };
  const releases: ReleaseFact[] = Object.entries(sites).flatMap(([site, data]) => [
    { site, kind: 'features', tableDigest: put(tableToArrow(featureTable(site, data))) },
    { site, kind: 'outcomes', tableDigest: put(tableToArrow(outcomeTable(site, data))) },
  ]);
  const done = new Map<string, Record<string, string>>();
  const outputs = new Map<string, Uint8Array>();
  const end = (failure: StudyEnd['failure']): StudyEnd => ({
    outputs,
    failure,
    json: <T>(output: string) => JSON.parse(Buffer.from(outputs.get(output) ?? []).toString('utf8')) as T,
  });
  const context = () => recordOf(releases, over.lockOfOutcomes ?? done.get('lock')?.['lock'] ?? null);
  for (;;) {
    const facts = { protocol, protocolDigest: protocolDigest(protocol), releases, done };
    const [step] = readySteps(facts);
    if (step === undefined) return end(null);
    try {
      const written = await computeReady(step, protocol, objects, context());
      done.set(step.name, Object.fromEntries(Object.entries(written).map(([role, bytes]) => [role, put(bytes)])));
      for (const [role, bytes] of Object.entries(written)) outputs.set(`${step.name}/${role}`, bytes);
    } catch (error) {
      if (!isConcordError(error)) throw error;
      return end({ step: step.name, ...error.toJSON() });
    }
  }
}

function computeReady(
  { kind, site, inputs }: ReadyStep,
  protocol: StudyProtocol,
  objects: ReadonlyMap<string, Uint8Array>,
  record: Record<string, unknown>,
) {
  const bytes = Object.fromEntries(Object.entries(inputs).map(([role, digest]) => [role, objects.get(digest)!]));
  const digest = protocolDigest(protocol);
  return new InlineStepPool().compute({
    kind,
    site,
    protocol,
    protocolDigest: digest,
    inputs: bytes,
    digests: inputs,
    record,
  });
}

/** What the hub's database would say of the releases: outcomes came under the lock. */
function recordOf(releases: readonly ReleaseFact[], lockDigest: string | null): Record<string, unknown> {
  const at = '2026-03-01T08:00:00.000Z';
  return {
    lockDigest,
    releases: releases.map((release) => ({
      ...release,
      rowCount: 1,
      byteCount: 1,
      lockDigest: release.kind === 'outcomes' ? lockDigest : null,
      receivedAt: at,
    })),
    frozenAt: at,
    lockedAt: at,
    adjustedAt: {},
    audit: { entryCount: 1, headHash: digestOf('head') },
    nodeVersion: 'v24',
  };
}

function number(name: string, values: readonly number[]) {
  return { kind: 'number' as const, name, values: Float64Array.from(values) };
}

function pseudonyms(site: string, count: number) {
  const values = Array.from({ length: count }, (_, row) => sha256(`${site} ${row}`).slice(0, 20));
  return { kind: 'text' as const, name: 'pseudonym', values };
}
