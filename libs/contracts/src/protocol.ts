import { z } from 'zod';

import { canonicalJson, sha256, type Digest } from './canonical.js';
import { ContractError } from './contract-errors.js';
import type { TableKind } from './message.js';

const code = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes');
const columnName = z.string().min(1).max(200);

/** One column that may leave a site besides the features, and what it holds. */
const outcomeColumn = z.strictObject({ name: columnName, role: z.enum(['binary', 'time', 'event']) });

/** A covariate whose effect harmonisation keeps; it comes from the site's clinical file (or its table), by this name. */
const covariate = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('categorical'),
    name: columnName,
    /** As they stand in the site's file. In a released table each is its position in this list: text stays at home. */
    levels: z.array(z.string().min(1).max(64)).min(2).max(20),
  }),
  z.strictObject({ kind: z.literal('continuous'), name: columnName }),
]);

const protocolSchema = z.strictObject({
  format: z.literal('concord.protocol/1'),
  studyId: code,
  title: z.string().min(1).max(300),
  /** `images`: the agent extracts with these settings; `table`: the site shares rows of its own feature table. */
  source: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('images'),
      regionName: z.string().min(1).max(64),
      extraction: z.looseObject({ format: z.string() }),
    }),
    z.strictObject({ kind: z.literal('table') }),
  ]),
  /** The feature columns that leave, in this order, and no other. */
  features: z.array(columnName).min(1).max(20_000),
  /** Acquisition facts that leave beside the features, by name. */
  acquisition: z.array(z.enum(['modality', 'manufacturer', 'model', 'kernel', 'sliceThicknessMm', 'kvp'])),
  outcome: z.strictObject({
    /** The binary outcome that the model predicts. */
    target: columnName,
    columns: z.array(outcomeColumn).min(1),
  }),
  harmonization: z.strictObject({
    method: z.literal('combat'),
    batch: z.literal('site'),
    empiricalBayes: z.enum(['parametric', 'none']),
    stop: z.enum(['exact', 'legacy']),
    covariates: z.array(covariate).max(20).optional(),
  }),
  /**
   * What sites share: `vectors` (also when absent), a row a patient, where a site may choose to send sums only; or `sums`,
   * where no row leaves any site. Of protocol and site the stricter wins.
   */
  sharing: z.enum(['vectors', 'sums']).optional(),
  model: z.strictObject({
    kind: z.literal('elastic-net-logistic'),
    alpha: z.number().min(0).max(1),
    foldCount: z.int().min(3).max(20),
  }),
  threshold: z.strictObject({ rule: z.enum(['youden-development']) }),
  sites: z
    .array(
      z.strictObject({ code, name: z.string().min(1).max(200), role: z.enum(['development', 'externalValidation']) }),
    )
    .min(2),
  metrics: z.array(z.enum(['auc', 'calibration', 'classification', 'decision-curve', 'brier'])).min(1),
  /** None, or enough for an interval: one shuffle tells nothing. */
  leakAuditReplicates: z
    .int()
    .min(0)
    .max(1000)
    .refine((count) => count !== 1, 'one replicate gives no interval: take 0, or at least 2'),
  seed: z.int(),
});

/** What a study does, written by the coordinator, frozen by its digest before any site sends anything. */
export type StudyProtocol = z.infer<typeof protocolSchema>;
export type SiteRole = StudyProtocol['sites'][number]['role'];
export type StudyCovariate = z.infer<typeof covariate>;
export type Sharing = 'vectors' | 'sums';

/** An aggregate that other sites see holds at least so many sites: of two, each would know the other's part. */
export const MINIMUM_SUMS_SITES = 3;

/** The column of a released table that names its rows: a pseudonym that only the site can resolve. */
export const PSEUDONYM_COLUMN = 'pseudonym';

/** @throws {ContractError} PROTOCOL_INVALID naming every field that is wrong */
export function parseProtocol(value: unknown): StudyProtocol {
  const result = protocolSchema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'protocol'}: ${issue.message}`);
    throw invalid(problems.join('; '));
  }
  const protocol = result.data;
  const codes = protocol.sites.map((site) => site.code);
  if (new Set(codes).size !== codes.length) throw invalid('sites: a code occurs twice');
  for (const role of ['development', 'externalValidation'] as const) {
    if (!protocol.sites.some((site) => site.role === role)) throw invalid(`sites: none has the role ${role}`);
  }
  const features = new Set(protocol.features);
  if (features.size !== protocol.features.length) throw invalid('features: a name occurs twice');
  checkSharing(protocol);
  const outcomes = protocol.outcome.columns.map((column) => column.name);
  if (!outcomes.includes(protocol.outcome.target)) throw invalid('outcome.target: not among outcome.columns');
  const leaking = outcomes.find((name) => features.has(name));
  if (leaking !== undefined) throw invalid(`features: "${leaking}" is an outcome`);
  const target = protocol.outcome.columns.find((column) => column.name === protocol.outcome.target);
  if (target?.role !== 'binary') throw invalid('outcome.target: its role is not binary');
  for (const kind of ['features', 'outcomes'] as const) {
    const names = releaseColumns(protocol, kind);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw invalid(`${kind}: two columns of the table that leaves are named "${twice}"`);
  }
  return protocol;
}

/** @throws {ContractError} PROTOCOL_INVALID */
function checkSharing(protocol: StudyProtocol): void {
  const outcomes = protocol.outcome.columns.map((column) => column.name);
  for (const { name, ...rest } of covariatesOf(protocol)) {
    if (outcomes.includes(name)) {
      throw invalid(`harmonization.covariates: "${name}" is an outcome; features would come to carry it`);
    }
    if (rest.kind === 'categorical' && new Set(rest.levels).size !== rest.levels.length) {
      throw invalid(`harmonization.covariates: a level of "${name}" occurs twice`);
    }
  }
  const development = protocol.sites.filter((site) => site.role === 'development').length;
  if (protocol.sharing === 'sums' && development < MINIMUM_SUMS_SITES) {
    throw invalid(`sharing: sums need ${MINIMUM_SUMS_SITES} development sites or more, here are ${development}`);
  }
}

/** The covariates that harmonisation keeps, in the order of the protocol. */
export function covariatesOf(protocol: StudyProtocol): readonly StudyCovariate[] {
  return protocol.harmonization.covariates ?? [];
}

/** What all sites agree on before they form sums: features, and how covariates become columns of a design. */
export interface SumsCodebook {
  readonly features: readonly string[];
  readonly covariates: readonly (
    | { readonly name: string; readonly kind: 'categorical'; readonly levels: readonly string[] }
    | { readonly name: string; readonly kind: 'continuous' }
  )[];
}

/**
 * The codebook of a protocol, in the order in which harmonisation codes covariates: categorical ones first, levels in text
 * order. It follows from the protocol alone, never from data, so that a level nobody has is coded alike everywhere.
 */
export function sumsCodebook(protocol: StudyProtocol): SumsCodebook {
  const covariates = covariatesOf(protocol);
  return {
    features: protocol.features,
    covariates: [
      ...covariates.flatMap((own) =>
        own.kind === 'categorical' ? [{ name: own.name, kind: own.kind, levels: [...own.levels].sort() }] : [],
      ),
      ...covariates.flatMap((own) => (own.kind === 'continuous' ? [{ name: own.name, kind: own.kind }] : [])),
    ],
  };
}

export function protocolDigest(protocol: StudyProtocol): Digest {
  return sha256(canonicalJson(protocol));
}

/** Column names, in order, of the table of a kind that a site sends under a protocol. */
export function releaseColumns(protocol: StudyProtocol, kind: TableKind): string[] {
  return kind === 'features'
    ? [
        PSEUDONYM_COLUMN,
        ...protocol.acquisition,
        ...covariatesOf(protocol).map(({ name }) => name),
        ...protocol.features,
      ]
    : [PSEUDONYM_COLUMN, ...protocol.outcome.columns.map((column) => column.name)];
}

function invalid(problems: string): ContractError {
  return new ContractError('PROTOCOL_INVALID', problems, 'study protocol', 'Mend the fields named and send it again.');
}
