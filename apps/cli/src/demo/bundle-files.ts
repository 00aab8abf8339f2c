import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundleObjects, parseBundle, type BundleManifest } from '@concord/contracts';

import { DemoInputError } from './demo.errors.js';
import type { HubClient } from './hub-client.js';

/** A bundle on disk: `bundle.json` and `objects/DIGEST`. */
export interface SavedBundle {
  readonly folder: string;
  readonly manifest: BundleManifest;
  /** An object by the step and role that made it. */
  output(step: string, role: string): Uint8Array;
  object(digest: string): Uint8Array;
}

/** Fetches a study's bundle from the hub, and its report beside it for people to open. */
export async function saveBundle(hub: HubClient, studyId: string, out: string): Promise<SavedBundle> {
  const folder = join(out, 'bundle');
  mkdirSync(join(folder, 'objects'), { recursive: true });
  const text = await hub.bytes(`/studies/${encodeURIComponent(studyId)}/bundle`);
  const manifest = parseBundle(JSON.parse(Buffer.from(text).toString('utf8')));
  for (const digest of bundleObjects(manifest).keys()) {
    writeFileSync(join(folder, 'objects', digest), await hub.object(digest));
  }
  writeFileSync(join(folder, 'bundle.json'), text);
  const bundle = readBundle(folder);
  for (const [role, name] of [
    ['html', 'report.html'],
    ['report', 'report.json'],
  ] as const) {
    writeFileSync(join(out, name), bundle.output('report', role));
  }
  return bundle;
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
