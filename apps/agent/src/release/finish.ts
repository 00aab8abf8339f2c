import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { digestOf, MINIMUM_SUMS_SITES, PSEUDONYM_COLUMN, sumsCodebook, type StudyProtocol } from '@concord/contracts';
import { applyCombat, finishCombat, parsePooledFit, sealModel, type PooledFit } from '@concord/harmonization';
import { tableFromArrow, tableToCsv, type FeatureTable } from '@concord/tables';

import { AgentError } from '../agent-errors.js';
import { membersOf, sumsRows } from './check-release.js';

/** Files of a site's own, below its data folder; nobody else gets them. */
export const HARMONIZED_FOLDER = 'harmonized';

/** What the sums of all sites came to, as the hub sends it. Equal for every site. */
export interface PooledOffer {
  readonly json: unknown;
  readonly digest: string;
}

/**
 * Harmonises a site's own patients by the pooled fit, at the site: its shift and scale come from its patients, the rest from
 * the sums of all.
 *
 * @param own the Arrow table that its sums were formed of
 * @throws {AgentError} HUB_REPLY_INVALID if the fit is not the one that the hub's orders name, is of another protocol, or is
 *   of fewer than three sites
 */
export function finishPatients(
  offer: PooledOffer,
  own: Uint8Array,
  protocol: StudyProtocol,
  site: string,
): { readonly features: FeatureTable; readonly model: object } {
  const pooled = believedFit(offer, protocol);
  const table = tableFromArrow(own);
  const rows = sumsRows(protocol, site, table);
  const { empiricalBayes: eb, stop } = protocol.harmonization;
  const model = finishCombat(pooled, rows, { eb, stop });
  const { features } = applyCombat(model, rows);
  return {
    model: sealModel(model),
    features: {
      rowCount: table.rowCount,
      columns: [
        { kind: 'text', name: PSEUDONYM_COLUMN, values: membersOf(table) },
        ...features.map(({ name, values }) => ({ kind: 'number' as const, name, values })),
      ],
    },
  };
}

/** Writes features and model for the site's own use, readable by its owner only. @returns the folder */
export function writeFinished(dataFolder: string, { features, model }: ReturnType<typeof finishPatients>): string {
  const folder = join(dataFolder, HARMONIZED_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string): void => {
    writeFileSync(join(folder, `${name}.part`), content, { mode: 0o600 });
    renameSync(join(folder, `${name}.part`), join(folder, name));
  };
  write('features.csv', tableToCsv(features));
  write('model.json', `${JSON.stringify(model)}\n`);
  return folder;
}

function believedFit({ json, digest }: PooledOffer, protocol: StudyProtocol): PooledFit {
  if (digestOf(json) !== digest) throw invalid('it is not the one that the orders name');
  const pooled = parsePooledFit(json);
  if (!isOfProtocol(pooled, protocol)) throw invalid('it is of another protocol');
  if (pooled.siteCount < MINIMUM_SUMS_SITES) throw invalid(`it is of fewer than ${MINIMUM_SUMS_SITES} sites`);
  return pooled;
}

/** The protocol's codebook, perhaps without levels that nobody has anywhere. */
function isOfProtocol({ codebook }: PooledFit, protocol: StudyProtocol): boolean {
  const own = sumsCodebook(protocol);
  const covariates = own.covariates.map((covariate, index) => {
    const given = codebook.covariates[index];
    if (covariate.kind !== 'categorical' || given?.kind !== 'categorical') return covariate;
    return { ...covariate, levels: covariate.levels.filter((level) => given.levels.includes(level)) };
  });
  return digestOf(codebook) === digestOf({ ...own, covariates });
}

function invalid(why: string): AgentError {
  return new AgentError(
    'HUB_REPLY_INVALID',
    `the pooled fit is not used: ${why}`,
    'pooled fit',
    'Nothing was changed here. Ask the coordinator what was changed at the hub.',
  );
}
