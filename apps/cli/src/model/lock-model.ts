import { join } from 'node:path';
import { digestOf, lockRecord } from '@concord/models';
import type { Cli } from '../lib/cli.js';
import { UsageError } from '../lib/errors.js';
import { readInput, writeOutput } from '../lib/files.js';
import { jsonText, readFitRecord, readModel } from './model-folder.js';

export interface LockOptions {
  readonly threshold: string;
  readonly harmonization?: string;
  readonly protocol?: string;
  readonly developmentSites?: readonly string[];
  readonly out: string;
  readonly force?: boolean;
}

/**
 * Writes the lock of a model: digests of `model.json`, harmonization and protocol, threshold, features, sites, horizons, and
 * the time.
 */
export function lockModel(folder: string, options: LockOptions, cli: Cli): void {
  const { model, bytes } = readModel(folder);
  const fit = readFitRecord(folder);
  const sites = options.developmentSites ?? fit.developmentSites;
  if (sites.length === 0) {
    throw new UsageError(
      'it is not known where the model was developed',
      '--development-sites',
      'Name the sites: their patients cannot validate the model. Or fit with --site.',
    );
  }
  const record = lockRecord({
    modelDigest: digestOf(bytes),
    harmonizationDigest: options.harmonization === undefined ? null : digestOf(readInput(options.harmonization)),
    // Without a protocol the plan is how the model was fitted.
    protocolDigest: digestOf(readInput(options.protocol ?? join(folder, 'fit.json'))),
    threshold: thresholdOf(options.threshold, fit.crossValidation?.threshold ?? null),
    features: model.features,
    developmentSites: sites,
  });
  const horizons = fit.horizons.length > 0 ? { horizons: fit.horizons } : {};
  const lock = { ...record, ...horizons, lockedAt: new Date().toISOString() };
  const text = jsonText(lock);
  writeOutput(options.out, text, options.force);
  if (cli.isJson) cli.printJson({ ...lock, digest: digestOf(text) });
  else cli.print(`locked ${digestOf(text)}`);
}

function thresholdOf(text: string, youden: number | null): { value: number; rule: 'youden' | 'fixed' } {
  const cut = text.lastIndexOf('=');
  const given = text.slice(cut + 1).trim();
  if (given === 'youden' && youden !== null) return { value: youden, rule: 'youden' };
  const value = Number(given);
  if (given !== '' && Number.isFinite(value)) return { value, rule: 'fixed' };
  const what = given === 'youden' ? 'the fit has no threshold of Youden' : `${text} is not COLUMN=NUMBER`;
  throw new UsageError(what, '--threshold', 'Write it like --threshold risk=0.31, or risk=youden.');
}
