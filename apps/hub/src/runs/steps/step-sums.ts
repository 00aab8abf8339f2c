import { covariatesOf, sumsCodebook, type StudyProtocol } from '@concord/contracts';
import { decodeSums, siteSums, withUsedLevels, type Covariate, type SiteSums } from '@concord/harmonization';
import { numberValues, type FeatureTable } from '@concord/tables';

import { StepInputError } from '../run.errors.js';
import type { StepTask } from '../step.task.js';
import { featuresOf, inputOf, tableIn } from './step-tables.js';

/** Whether a site of this step shared sums in place of rows. */
export function isFromSums(task: StepTask): boolean {
  return Object.keys(task.inputs).some((role) => role.startsWith('sums:'));
}

/** The sums of all these sites, without the levels of covariates that nobody has. */
export function allSums(task: StepTask, sites: readonly string[]): SiteSums[] {
  return withUsedLevels(sites.map((site) => sumsIn(task, site)));
}

/** The sums of a site: as it sent them, or formed here of the rows that it sent. */
function sumsIn(task: StepTask, site: string): SiteSums {
  const codebook = sumsCodebook(task.protocol);
  if (task.inputs[`sums:${site}`] !== undefined) return decodeSums(codebook, inputOf(task, `sums:${site}`));
  const table = tableIn(task, `features:${site}`);
  return siteSums(codebook, {
    features: featuresOf(table, task.protocol.features),
    batch: new Array<string>(table.rowCount).fill(site),
    covariates: covariatesIn(table, task.protocol),
  });
}

/**
 * The covariates of a released table, its levels as the protocol names them.
 *
 * @throws {StepInputError} if a cell holds no position of a level
 */
export function covariatesIn(table: FeatureTable, protocol: StudyProtocol): Covariate[] {
  return covariatesOf(protocol).map((covariate): Covariate => {
    const { name, kind } = covariate;
    const values = numberValues(table, name);
    if (kind === 'continuous') return { name, kind, values };
    const { levels } = covariate;
    return { name, kind, values: Array.from(values, (position) => levelAt(levels, position, name)) };
  });
}

function levelAt(levels: readonly string[], position: number, name: string): string {
  const level = levels[position];
  if (level !== undefined) return level;
  throw new StepInputError('a cell holds no level of the protocol', `covariate ${name}`, 'This is a bug: report it.');
}

/** The same covariates of several tables, one below the other. */
export function stackCovariates(parts: readonly (readonly Covariate[])[]): Covariate[] {
  const [first = []] = parts;
  return first.map(({ name, kind }, index) => {
    const values = parts.flatMap((part) => Array.from<string | number | null>(part[index]?.values ?? []));
    return { name, kind, values } as Covariate; // of one kind in all parts: they come from one protocol
  });
}
