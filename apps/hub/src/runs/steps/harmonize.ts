import {
  applyCombat,
  applyToNewSite,
  combatFromSums,
  combatOfBlocks,
  fitCombat,
  fitCombatBlock,
  parseCombatModel,
  poolSums,
  sealModel,
  type CombatBlock,
  type CombatInput,
  type CombatModel,
  type IntervalColumn,
} from '@concord/harmonization';

import { MINIMUM_SUMS_SITES } from '@concord/contracts';

import { blockFeatures, blocksOf, sitesOf } from '../run.graph.js';
import type { StepResult, StepTask } from '../step.task.js';
import { featureBytes, featuresOf, jsonBytes, jsonIn, patientsOf, stack, tableIn } from './step-tables.js';
import { allSums, covariatesIn, isFromSums, stackCovariates } from './step-sums.js';

/** What is kept of a site that came after the fit; no patient's value. */
export interface NewSiteRecord {
  readonly format: 'concord.new-site/1';
  readonly site: string;
  readonly patientCount: number;
  readonly method: string;
  readonly harmonizationDigest: string;
  readonly lockDigest: string;
  readonly warnings: readonly string[];
  readonly features: readonly string[];
  readonly shift: JsonIntervals;
  readonly scale: JsonIntervals | null;
}

interface JsonIntervals {
  readonly values: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
}

/** Fits ComBat on the development sites, each a batch, and applies it to them. The outcome is never a covariate. */
export function harmonizeDevelopment(task: StepTask): StepResult {
  return isFromSums(task) ? harmonizeFromSums(task) : harmonizeRows(task);
}

/** The fit from the sums of sites, and of rows where a site shares them; each site that shares sums finishes its own. */
function harmonizeFromSums(task: StepTask): StepResult {
  const { protocol } = task;
  const sites = sitesOf(protocol, 'development');
  const sums = allSums(task, sites);
  const { empiricalBayes: eb, stop } = protocol.harmonization;
  const pooled = poolSums(sums, { minimumSites: MINIMUM_SUMS_SITES });
  const model = combatFromSums(pooled, sums, { eb, stop });
  const shareRows = sites.filter((site) => task.inputs[`features:${site}`] !== undefined);
  return {
    model: jsonBytes(sealModel(model)),
    pooled: jsonBytes(sealModel(pooled)),
    ...harmonizedTables(task, model, shareRows),
  };
}

function harmonizeRows(task: StepTask): StepResult {
  const { protocol } = task;
  const blocks = blocksOf(protocol);
  const model =
    blocks.length === 0
      ? fitCombat(developmentInput(task, protocol.features))
      : combatOfBlocks(blocks.map((block) => jsonIn<CombatBlock>(task, `fit:${block}`)));
  return { model: jsonBytes(sealModel(model)), ...harmonizedTables(task, model, sitesOf(protocol, 'development')) };
}

/** The fit of one block of features on the development sites, before it borrows strength from the others. */
export function harmonizeBlock(task: StepTask): StepResult {
  const names = blockFeatures(task.protocol, task.site ?? '');
  return { fit: jsonBytes(fitCombatBlock(developmentInput(task, names))) };
}

/** These features of all development sites, each site a batch. */
function developmentInput(task: StepTask, names: readonly string[]): CombatInput {
  const { protocol } = task;
  const sites = sitesOf(protocol, 'development');
  const tables = sites.map((site) => tableIn(task, `features:${site}`));
  const { empiricalBayes: eb, stop } = protocol.harmonization;
  return {
    features: stack(tables.map((table) => featuresOf(table, names))),
    batch: sites.flatMap((site, index) => new Array<string>(tables[index]?.rowCount ?? 0).fill(site)),
    covariates: stackCovariates(tables.map((table) => covariatesIn(table, protocol))),
    outcomes: protocol.outcome.columns.map(({ name }) => name),
    options: { eb, stop },
  };
}

/** By site, `harmonized:SITE`: its rows brought to the others. */
function harmonizedTables(task: StepTask, model: CombatModel, sites: readonly string[]): StepResult {
  const result: Record<string, Uint8Array> = {};
  for (const site of sites) {
    const table = tableIn(task, `features:${site}`);
    const own = featuresOf(table, task.protocol.features);
    const batch = new Array<string>(table.rowCount).fill(site);
    const harmonized = applyCombat(model, { features: own, batch, covariates: covariatesIn(table, task.protocol) });
    result[`harmonized:${site}`] = featureBytes(patientsOf(table), harmonized.features);
  }
  return result;
}

/** Brings a validation site to the development sites by its own features alone; its outcomes are still closed. */
export function harmonizeSite(task: StepTask): StepResult {
  const site = task.site ?? '';
  const model: CombatModel = parseCombatModel(jsonIn(task, 'harmonization'));
  const table = tableIn(task, 'features');
  const { features, warnings, estimates } = applyToNewSite(model, {
    batch: site,
    features: featuresOf(table, task.protocol.features),
    covariates: covariatesIn(table, task.protocol),
  });
  const record: NewSiteRecord = {
    format: 'concord.new-site/1',
    site,
    patientCount: estimates.count,
    method: estimates.method,
    harmonizationDigest: task.digests['harmonization'] ?? '',
    lockDigest: task.digests['lock'] ?? '',
    warnings,
    features: estimates.features,
    shift: jsonIntervals(estimates.shift),
    scale: estimates.scale === null ? null : jsonIntervals(estimates.scale),
  };
  return { harmonized: featureBytes(patientsOf(table), features), estimates: jsonBytes(record) };
}

function jsonIntervals(column: IntervalColumn): JsonIntervals {
  const list = (values: Float64Array) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));
  return { values: list(column.values), lower: list(column.lower), upper: list(column.upper) };
}
