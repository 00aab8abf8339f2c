import { digestOf, isSumsKind, type Digest, type ReleaseKind, type StudyProtocol } from '@concord/contracts';

/** What a run may start from: the durable rows of its study. Nothing else decides what happens next. */
export interface RunFacts {
  readonly protocol: StudyProtocol;
  readonly protocolDigest: Digest;
  readonly releases: readonly ReleaseFact[];
  /** Outputs of the steps that are done, by step name. */
  readonly done: ReadonlyMap<string, StepOutputs>;
}

export interface ReleaseFact {
  readonly site: string;
  readonly kind: ReleaseKind;
  readonly tableDigest: Digest;
}

/** Role → digest of the object that a step wrote. */
export type StepOutputs = Readonly<Record<string, Digest>>;

export type StepKind =
  | 'harmonize-block'
  | 'harmonize-development'
  | 'fit'
  | 'lock'
  | 'harmonize-site'
  | 'effects-block'
  | 'scanner-effects'
  | 'predict'
  | 'validate'
  | 'leak-audit'
  | 'assess'
  | 'report';

/** A step that can run: what it is, and every object it reads, by role. */
export interface ReadyStep {
  readonly name: string;
  readonly kind: StepKind;
  /** For a step of one site, its code; for a step of one block of features, the number of the block. */
  readonly site: string | null;
  /** Role → digest. */
  readonly inputs: Readonly<Record<string, Digest>>;
  /** Digest over kind, site, protocol and inputs: equal digests give equal outputs. */
  readonly inputDigest: Digest;
}

/**
 * The steps whose inputs are all there and that are not done.
 *
 * The graph follows the rule of external validation: features of a validation site are opened by a step only after the
 * lock, and its outcomes are not even asked for before.
 */
export function readySteps(facts: RunFacts): ReadyStep[] {
  return candidates(facts)
    .filter(({ name }) => !facts.done.has(name))
    .flatMap((candidate) => resolve(candidate, facts));
}

/**
 * Whether a development site shares sums only, by the protocol or by its own choice. The run then harmonises and measures
 * scanner effects: a model is fitted on rows of patients, which the hub does not have.
 */
export function isFromSums(protocol: StudyProtocol, releases: readonly { readonly kind: string }[]): boolean {
  return protocol.sharing === 'sums' || releases.some(({ kind }) => isSumsKind(kind as ReleaseKind));
}

/** Names of all steps of a run, in an order in which they can run: what a page lists before they exist. */
export function stepNames(protocol: StudyProtocol, fromSums: boolean): string[] {
  if (fromSums) return ['harmonize-development', 'scanner-effects'];
  const external = sitesOf(protocol, 'externalValidation');
  const blocks = blocksOf(protocol);
  return [
    ...blocks.map((block) => `harmonize-block:${block}`),
    'harmonize-development',
    'fit',
    'lock',
    ...external.map((site) => `harmonize-site:${site}`),
    ...blocks.map((block) => `effects-block:${block}`),
    'scanner-effects',
    ...external.map((site) => `predict:${site}`),
    'validate',
    'leak-audit',
    'assess',
    'report',
  ];
}

/** Features of one job. A run of more is cut, so that any number of workers can take a block each. */
export const BLOCK_FEATURES = 512;

/**
 * The blocks that the features of a protocol are cut into, by number from 1; none where one job does it all. The cut depends
 * on the protocol alone, never on the workers, so their number changes no result.
 */
export function blocksOf({ features }: StudyProtocol): string[] {
  if (features.length <= BLOCK_FEATURES) return [];
  return Array.from({ length: Math.ceil(features.length / BLOCK_FEATURES) }, (_, index) => String(index + 1));
}

/** The features of a block, in the order of the protocol. */
export function blockFeatures({ features }: StudyProtocol, block: string): string[] {
  const end = Number(block) * BLOCK_FEATURES;
  return features.slice(end - BLOCK_FEATURES, end);
}

export function sitesOf(protocol: StudyProtocol, role: 'development' | 'externalValidation'): string[] {
  return protocol.sites.filter((site) => site.role === role).map((site) => site.code);
}

/** Role → where the object comes from: a release or another step's output. */
interface Candidate {
  readonly name: string;
  readonly kind: StepKind;
  readonly site: string | null;
  readonly inputs: Readonly<Record<string, Source>>;
}

type Source =
  { readonly release: ReleaseKind; readonly site: string } | { readonly step: string; readonly output: string };

function candidates(facts: RunFacts): Candidate[] {
  const { protocol } = facts;
  if (isFromSums(protocol, facts.releases)) return candidatesFromSums(facts);
  const development = sitesOf(protocol, 'development');
  const external = sitesOf(protocol, 'externalValidation');
  const all = [...development, ...external];
  const features = (sites: string[]) => perSite('features', sites, (site) => ({ release: 'features', site }));
  const outcomes = (sites: string[]) => perSite('outcomes', sites, (site) => ({ release: 'outcomes', site }));
  const harmonized = (sites: string[]) =>
    perSite('harmonized', sites, (site) =>
      development.includes(site)
        ? { step: 'harmonize-development', output: `harmonized:${site}` }
        : { step: `harmonize-site:${site}`, output: 'harmonized' },
    );
  const harmonization: Source = { step: 'harmonize-development', output: 'model' };
  const locked = {
    harmonization,
    model: { step: 'fit', output: 'model' },
    onnx: { step: 'fit', output: 'onnx' },
    lock: { step: 'lock', output: 'lock' },
  } as const;
  const results = {
    ...locked,
    ...perSite('newSite', external, (site) => ({ step: `harmonize-site:${site}`, output: 'estimates' })),
    ...features(all),
    scannerEffects: { step: 'scanner-effects', output: 'effects' },
    validation: { step: 'validate', output: 'validation' },
    leakAudit: { step: 'leak-audit', output: 'leakAudit' },
  } as const;

  const blocks = blocksOf(protocol);
  const ofBlocks = (role: string, kind: StepKind) =>
    perSite(role, blocks, (block) => ({ step: `${kind}:${block}`, output: role }));

  return [
    ...blocks.map((block) => step('harmonize-block', features(development), block)),
    step('harmonize-development', { ...features(development), ...ofBlocks('fit', 'harmonize-block') }),
    step('fit', { ...harmonized(development), ...outcomes(development) }),
    step('lock', { harmonization, model: locked.model, onnx: locked.onnx }),
    ...external.flatMap((site) => [
      step('harmonize-site', { harmonization, lock: locked.lock, features: { release: 'features', site } }, site),
      step('predict', { ...locked, harmonized: { step: `harmonize-site:${site}`, output: 'harmonized' } }, site),
    ]),
    ...blocks.map((block) => step('effects-block', { ...features(all), ...harmonized(all) }, block)),
    step('scanner-effects', { ...features(all), ...harmonized(all), ...ofBlocks('effects', 'effects-block') }),
    step('validate', {
      lock: locked.lock,
      model: locked.model,
      ...perSite('predictions', external, (site) => ({ step: `predict:${site}`, output: 'predictions' })),
      ...outcomes(external),
    }),
    step('leak-audit', { lock: locked.lock, ...harmonized(all), ...outcomes(all) }),
    step('assess', results),
    step('report', {
      ...results,
      assessment: { step: 'assess', output: 'assessment' },
    }),
  ];
}

/** Each development site by what it shared: its sums, or its rows, of which the hub forms sums. */
function candidatesFromSums({ protocol, releases }: RunFacts): Candidate[] {
  const shared = Object.fromEntries(
    sitesOf(protocol, 'development').map((site): [string, Source] => {
      const hasRows = releases.some((release) => release.site === site && release.kind === 'features');
      return hasRows
        ? [`features:${site}`, { release: 'features', site }]
        : [`sums:${site}`, { release: 'harmonization-sums', site }];
    }),
  );
  const harmonization: Source = { step: 'harmonize-development', output: 'model' };
  return [step('harmonize-development', shared), step('scanner-effects', { ...shared, harmonization })];
}

function step(kind: StepKind, inputs: Candidate['inputs'], site: string | null = null): Candidate {
  return { name: site === null ? kind : `${kind}:${site}`, kind, site, inputs };
}

function perSite(role: string, sites: readonly string[], source: (site: string) => Source): Record<string, Source> {
  return Object.fromEntries(sites.map((site) => [`${role}:${site}`, source(site)]));
}

/** @returns the step with its inputs' digests, or nothing while one of them is missing */
function resolve(candidate: Candidate, facts: RunFacts): ReadyStep[] {
  const inputs: Record<string, Digest> = {};
  for (const [role, source] of Object.entries(candidate.inputs)) {
    const digest =
      'release' in source
        ? facts.releases.find((release) => release.kind === source.release && release.site === source.site)?.tableDigest
        : facts.done.get(source.step)?.[source.output];
    if (digest === undefined) return [];
    inputs[role] = digest;
  }
  const { name, kind, site } = candidate;
  const inputDigest = digestOf({ kind, site, protocolDigest: facts.protocolDigest, inputs });
  return [{ name, kind, site, inputs, inputDigest }];
}
