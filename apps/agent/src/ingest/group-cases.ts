import { dirname, sep } from 'node:path';

import { sha256 } from '@concord/contracts';

import type { Problem } from '../agent-errors.js';
import type { FileFacts } from './file-facts.js';

/** A file below the source folder, its header read. */
export interface SourceFile {
  readonly path: string;
  readonly byteCount: number;
  readonly digest: string;
  readonly facts: FileFacts;
}

/** One patient: the files that are measured, or why that is not possible. */
export interface ImageCase {
  readonly caseKey: string;
  readonly patientId: string | null;
  readonly place: string;
  readonly imagePaths: readonly string[];
  readonly region: { readonly path: string; readonly format: 'SEG' | 'RTSTRUCT' } | null;
  readonly byteCount: number;
  /** Digest of every file that is measured: the same files give the same numbers. */
  readonly inputDigest: string;
  readonly problem: Problem | null;
}

type Of<K extends FileFacts['kind']> = SourceFile & { readonly facts: Extract<FileFacts, { kind: K }> };

/**
 * Makes one case of every patient: one image series, one region drawn on it. A broken file makes the patient whose
 * folder it lies in a refused case; where no patient is known, the folder itself is one.
 */
export function groupCases(files: readonly SourceFile[]): ImageCase[] {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const owned = sorted.filter((file): file is Of<'image'> | Of<'region'> =>
    ['image', 'region'].includes(file.facts.kind),
  );
  const byPatient = new Map<string, (Of<'image'> | Of<'region'>)[]>();
  const nameless = new Map<string, SourceFile[]>();
  for (const file of owned) {
    const { patientId } = file.facts;
    if (patientId === null) pushTo(nameless, dirname(file.path), file);
    else pushTo(byPatient, patientId, file);
  }
  const broken = new Map<string, Of<'broken'>[]>();
  const homeless = new Map<string, Of<'broken'>[]>();
  for (const file of sorted) {
    if (!isBroken(file)) continue;
    const patientId = patientOfFolder(dirname(file.path), byPatient);
    if (patientId === null) pushTo(homeless, dirname(file.path), file);
    else pushTo(broken, patientId, file);
  }
  return [
    ...[...byPatient].map(([patientId, own]) => caseOf(patientId, own, broken.get(patientId) ?? [])),
    ...[...homeless].map(([folder, own]) => refusedFolder(folder, own[0].facts.problem, own[0].path)),
    ...[...nameless].map(([folder, own]) =>
      refusedFolder(
        folder,
        problem('CASE_NO_PATIENT', 'its files name no patient', 'Fill in the patient’s id.'),
        own[0].path,
      ),
    ),
  ];
}

function caseOf(
  patientId: string,
  files: readonly (Of<'image'> | Of<'region'>)[],
  broken: readonly Of<'broken'>[],
): ImageCase {
  const place = commonFolder(files.map(({ path }) => path));
  const base = {
    caseKey: sha256(`patient ${patientId}`),
    patientId,
    place,
    imagePaths: [],
    region: null,
    byteCount: 0,
  };
  const refuse = (why: Problem): ImageCase => ({
    ...base,
    inputDigest: digestOf(files),
    problem: { ...why, where: why.where || place },
  });
  const [firstBroken] = broken;
  if (firstBroken !== undefined) return refuse({ ...firstBroken.facts.problem, where: firstBroken.path });
  const images = files.filter((file): file is Of<'image'> => file.facts.kind === 'image');
  const regions = files.filter((file): file is Of<'region'> => file.facts.kind === 'region');
  if (images.length === 0) {
    return refuse(problem('CASE_NO_IMAGE', 'there is a region and no image', 'Add the series it was drawn on.'));
  }
  const [region] = regions;
  if (region === undefined) {
    return refuse(problem('CASE_NO_REGION', 'there is no region (SEG or RTSTRUCT)', 'Add the segmentation.'));
  }
  if (regions.length > 1) {
    const what = `there are ${regions.length} regions, and it is not clear which one counts`;
    return refuse(problem('CASE_MANY_REGIONS', what, 'Leave one SEG or RTSTRUCT file in the source folder.'));
  }
  const series = chooseSeries(images, region.facts.seriesUids);
  if (typeof series === 'number') {
    const what = `there are ${series} image series, and the region does not say which one it was drawn on`;
    return refuse(problem('CASE_MANY_IMAGES', what, 'Leave one series in the source folder.'));
  }
  return {
    ...base,
    imagePaths: series.map(({ path }) => path),
    region: { path: region.path, format: region.facts.format },
    byteCount: [...series, region].reduce((sum, file) => sum + file.byteCount, 0),
    inputDigest: digestOf([...series, region]),
    problem: null,
  };
}

/** The series to measure, or how many there are to choose from. */
function chooseSeries(images: readonly Of<'image'>[], referenced: readonly string[]): Of<'image'>[] | number {
  const bySeries = new Map<string, Of<'image'>[]>();
  for (const file of images) pushTo(bySeries, file.facts.seriesUid, file);
  const [only] = bySeries.values();
  if (bySeries.size === 1) return only;
  const named = [...bySeries].filter(([uid]) => referenced.includes(uid));
  return named.length === 1 ? named[0][1] : bySeries.size;
}

function refusedFolder(folder: string, why: Problem, path: string): ImageCase {
  const place = folder === '.' ? path : folder;
  return {
    ...{ caseKey: sha256(`folder ${folder}`), patientId: null, place, imagePaths: [], region: null, byteCount: 0 },
    inputDigest: sha256(path),
    problem: { ...why, where: path },
  };
}

/** The one patient with files in this folder, or in the nearest folder above it with any. */
function patientOfFolder(folder: string, byPatient: ReadonlyMap<string, readonly SourceFile[]>): string | null {
  for (let at = folder; at !== '.' && at !== ''; at = dirname(at)) {
    const inside = [...byPatient].filter(([, files]) => files.some(({ path }) => path.startsWith(at + sep)));
    if (inside.length > 0) return inside.length === 1 ? inside[0][0] : null;
  }
  return null;
}

function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => dirname(path).split(sep));
  const [first] = folders;
  let depth = 0;
  while (depth < first.length && folders.every((folder) => folder[depth] === first[depth])) depth++;
  return first.slice(0, depth).join(sep) || paths[0];
}

function digestOf(files: readonly SourceFile[]): string {
  return sha256(
    files
      .map(({ digest }) => digest)
      .sort()
      .join('\n'),
  );
}

function problem(code: string, what: string, fix: string): Problem {
  return { code, what, where: '', fix };
}

function isBroken(file: SourceFile): file is Of<'broken'> {
  return file.facts.kind === 'broken';
}

function pushTo<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list) list.push(item);
  else map.set(key, [item]);
}
