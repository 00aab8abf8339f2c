import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseBundle, type BundleManifest } from '@concord/contracts';

import { fetchReport } from '../hub/fetch-report.js';
import type { HubClient } from '../hub/hub-client.js';
import { DemoInputError } from './demo.errors.js';

/** A bundle on disk: `bundle.json` and `objects/DIGEST`. */
export interface SavedBundle {
  readonly folder: string;
  readonly manifest: BundleManifest;
  /** An object by the step and role that made it. */
  output(step: string, role: string): Uint8Array;
  object(digest: string): Uint8Array;
}

/** Fetches a study's bundle from the hub, checked as it comes, and its report beside it for people to open. */
export async function saveBundle(hub: HubClient, studyId: string, out: string): Promise<SavedBundle> {
  const { bundle } = await fetchReport(hub, studyId, out, true, () => undefined);
  return readBundle(bundle);
}

/**
 * @throws {DemoInputError} if the folder holds no bundle, or one that is no JSON
 * @throws {ContractError} BUNDLE_INVALID if it is not as a hub writes it
 */
export function readBundle(folder: string): SavedBundle {
  const file = join(folder, 'bundle.json');
  if (!existsSync(file)) {
    throw new DemoInputError('this folder holds no bundle.json', folder, 'Give the folder named bundle of a report.');
  }
  const manifest = readManifest(file);
  const object = (digest: string) => new Uint8Array(readFileSync(join(folder, 'objects', digest)));
  const output = (step: string, role: string) => {
    const digest = manifest.steps.find(({ name }) => name === step)?.outputs[role];
    if (digest === undefined)
      throw new DemoInputError(`step ${step} wrote no ${role}`, file, 'Fetch the bundle again.');
    return object(digest);
  };
  return { folder, manifest, output, object };
}

function readManifest(file: string): BundleManifest {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new DemoInputError('it is not JSON: it was changed or cut', file, 'Fetch the bundle again.', {
      cause: error,
    });
  }
  return parseBundle(value);
}
