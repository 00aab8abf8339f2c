import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundleObjects, parseBundle, sha256, type BundleManifest, type Digest } from '@concord/contracts';
import { verifierUrl, verifyBundle } from '@concord/contracts/verify-bundle';

import { assertOutputFree, writeOutput } from '../lib/files.js';
import type { HubClient } from './hub-client.js';
import { FetchedBundleError, ReportNotReadyError } from './hub.errors.js';
import { readStudy } from './study-records.js';

export interface FetchedReport {
  readonly studyId: string;
  readonly bundle: string;
  readonly html: string;
  readonly report: string;
  readonly objectCount: number;
  readonly byteCount: number;
  readonly signatureCount: number;
  readonly auditEntryCount: number;
}

/**
 * Fetches a study's bundle and report. Every object is checked against its digest before it is written, the whole
 * against signatures and audit log before `bundle.json` and the report are: what is not whole has no `bundle.json`.
 * Objects that an interrupted fetch left are not fetched again.
 *
 * @param say gets the bytes fetched so far and the objects left
 * @throws {ReportNotReadyError} before the study is validated
 * @throws {FetchedBundleError} if what came is not what it says; nothing of it is written
 */
export async function fetchReport(
  hub: HubClient,
  studyId: string,
  out: string,
  force: boolean,
  say: (line: string) => void,
): Promise<FetchedReport> {
  const study = await readStudy(hub, studyId);
  if (study.report === null) {
    throw new ReportNotReadyError(
      `the study is ${study.state}: it has no report yet`,
      `study ${studyId}`,
      'See what it waits for: concord run show, concord site list.',
    );
  }
  const files = {
    manifest: join(out, 'bundle', 'bundle.json'),
    html: join(out, 'report.html'),
    report: join(out, 'report.json'),
    verifier: join(out, 'bundle', 'verify-bundle.mjs'),
  };
  for (const file of [files.manifest, files.html, files.report]) assertOutputFree(file, force);
  const text = await hub.bytes(`/studies/${encodeURIComponent(studyId)}/bundle`);
  const manifest = readManifest(text, studyId);
  const objects = join(out, 'bundle', 'objects');
  const byteCount = await fetchObjects(hub, [...bundleObjects(manifest).keys()], objects, say);
  const check = await verifyBundle(async (name) =>
    // An older verifier in the folder is replaced below.
    name === 'bundle.json' ? text : name.startsWith('objects/') ? readIfThere(join(out, 'bundle', name)) : null,
  );
  const [problem] = check.problems;
  if (problem !== undefined) throw notWhole(problem.what, problem.where);
  writeOutput(files.html, outputOf(manifest, 'html', study.report.htmlDigest, objects), force);
  writeOutput(files.report, outputOf(manifest, 'report', study.report.digest, objects), force);
  writeOutput(files.verifier, readFileSync(new URL(verifierUrl)), true);
  writeOutput(files.manifest, text, force);
  const { objectCount, signatureCount, auditEntryCount } = check;
  return {
    studyId,
    bundle: join(out, 'bundle'),
    html: files.html,
    report: files.report,
    objectCount,
    byteCount,
    signatureCount,
    auditEntryCount,
  };
}

/** Digests become names of files: `parseBundle` lets nothing else through. */
function readManifest(text: Uint8Array, studyId: string): BundleManifest {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text).toString('utf8'));
  } catch (error) {
    throw notWhole('the bundle is not JSON', `study ${studyId}`, error);
  }
  const manifest = parseBundle(value);
  if (manifest.studyId !== studyId) throw notWhole('it is the bundle of another study', `study ${studyId}`);
  return manifest;
}

/** @returns bytes of all objects together */
async function fetchObjects(
  hub: HubClient,
  digests: readonly Digest[],
  folder: string,
  say: (line: string) => void,
): Promise<number> {
  let byteCount = 0;
  let saidAt = performance.now();
  for (const [index, digest] of digests.entries()) {
    const file = join(folder, digest);
    const kept = readIfThere(file);
    const isKept = kept !== null && sha256(kept) === digest;
    const bytes = isKept ? kept : await hub.object(digest);
    if (!isKept) {
      if (sha256(bytes) !== digest) throw notWhole('the object that came is not the one asked for', `object ${digest}`);
      writeOutput(file, bytes, true);
    }
    byteCount += bytes.length;
    if (performance.now() - saidAt > 1000) {
      saidAt = performance.now();
      say(`fetched ${index + 1} of ${digests.length} objects, ${byteCount} bytes`);
    }
  }
  return byteCount;
}

/** The bytes that the report step wrote; the hub's answer to the study and its bundle must name the same ones. */
function outputOf(manifest: BundleManifest, role: string, expected: string, objects: string): Uint8Array {
  const digest = manifest.steps.find((step) => step.name === 'report')?.outputs[role];
  if (digest !== expected) throw notWhole(`the bundle holds another report than the study (${role})`, 'step report');
  return readFileSync(join(objects, digest));
}

function readIfThere(file: string): Uint8Array | null {
  return existsSync(file) ? readFileSync(file) : null;
}

function notWhole(what: string, where: string, cause?: unknown): FetchedBundleError {
  return new FetchedBundleError(
    what,
    where,
    'Fetch it again; if it stays, the hub or the way to it changes what it sends.',
    {
      cause,
    },
  );
}
