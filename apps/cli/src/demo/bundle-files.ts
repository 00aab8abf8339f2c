import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { ContractError, parseBundle, type BundleManifest } from '@concord/contracts';

import { fetchReport } from '../hub/fetch-report.js';
import type { HubClient } from '../hub/hub-client.js';
import { FileNotReadableError, naming } from '../lib/errors.js';
import { readInput, readInputText } from '../lib/files.js';

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
 * @throws {FileNotReadableError} if there is no such folder, or it holds no bundle
 * @throws {ConcordError} BUNDLE_INVALID if the bundle is no JSON, or not as a hub writes it
 */
export function readBundle(folder: string): SavedBundle {
  const file = join(folder, 'bundle.json');
  if (!existsSync(folder)) throw new FileNotReadableError('there is no such folder', folder, 'Check the path.');
  if (!existsSync(file)) {
    throw new FileNotReadableError('it holds no bundle.json', folder, 'Give the folder named bundle of a report.');
  }
  const manifest = readManifest(file);
  const object = (digest: string) => new Uint8Array(readInput(join(folder, 'objects', digest)));
  const output = (step: string, role: string) => {
    const digest = manifest.steps.find(({ name }) => name === step)?.outputs[role];
    if (digest === undefined) throw invalid(`step ${step} wrote no ${role}`, file);
    return object(digest);
  };
  return { folder, manifest, output, object };
}

function readManifest(file: string): BundleManifest {
  const text = readInputText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid('it is not JSON: it was changed or cut', file, error);
  }
  return naming(file, () => parseBundle(value));
}

function invalid(what: string, file: string, cause?: unknown): ContractError {
  return new ContractError('BUNDLE_INVALID', what, file, 'Fetch the bundle again.', { cause });
}
