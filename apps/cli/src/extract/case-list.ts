import type { MaskPolicy } from '@concord/imaging';
import type { Column, FeatureTable } from '@concord/tables';
import { dirname, resolve } from 'node:path';
import { UnsupportedFileError, type ErrorReport } from '../lib/errors.js';

/** How regions are taken, the same for all cases. */
export interface RegionOptions {
  /** What to do with a mask or segmentation on another grid than its image; refused unless told otherwise. */
  readonly grid?: MaskPolicy;
  /** The least volume of a connected part that counts as a lesion. */
  readonly minLesionMm3?: number;
}

/** Where the region of a case comes from. */
export type RegionSource =
  | ({ readonly kind: 'mask'; readonly path: string; readonly label: string | null } & RegionOptions)
  | { readonly kind: 'rtstruct'; readonly path: string; readonly roi: string | null }
  | ({ readonly kind: 'seg'; readonly path: string; readonly segment: string | null } & RegionOptions)
  /** A line of a list that names no image or no region: it is refused when its turn comes. */
  | { readonly kind: 'none'; readonly error: ErrorReport };

/** One image with a region to extract; plain data, so that it can go to a worker thread. */
export interface CaseSpec {
  readonly name: string;
  readonly image: string;
  readonly region: RegionSource;
}

export interface CaseList {
  readonly cases: readonly CaseSpec[];
  /** Further columns of the list, carried into the output. */
  readonly carried: readonly Column[];
}

const OWN_COLUMNS = new Set(['case', 'image', 'mask', 'label', 'roi', 'rtstruct', 'seg', 'segment']);

/**
 * Reads the cases of a list: `case, image` and one of `mask`, `rtstruct`, `seg`, with `label`, `roi`, `segment` where
 * needed. Headers may be capitalised as PyRadiomics writes them; paths are relative to the list.
 *
 * @throws {UnsupportedFileError} if there is no column image; a line without image or region is a case that is refused
 */
export function caseListFrom(table: FeatureTable, path: string, options: RegionOptions = {}): CaseList {
  const cell = (name: string, row: number): string | null => {
    const found = table.columns.find((column) => column.name.toLowerCase() === name);
    if (found === undefined) return null;
    if (found.kind === 'text') return found.values[row] || null;
    return Number.isNaN(found.values[row]) ? null : String(found.values[row]);
  };
  if (!table.columns.some((column) => column.name.toLowerCase() === 'image')) {
    throw new UnsupportedFileError(
      'the list of cases has no column image',
      path,
      'Name the columns case, image, mask.',
    );
  }
  const base = dirname(path);
  const cases = Array.from({ length: table.rowCount }, (_, row): CaseSpec => {
    const [image, mask, rtstruct, seg] = ['image', 'mask', 'rtstruct', 'seg'].map((name) => cell(name, row));
    const missing = (what: string, fix: string): RegionSource => ({
      kind: 'none',
      error: new UnsupportedFileError(`line ${row + 2} names no ${what}`, path, fix).toJSON(),
    });
    const region: RegionSource = !image
      ? missing('image', 'Fill the column image.')
      : mask
        ? { kind: 'mask', path: resolve(base, mask), label: cell('label', row), ...options }
        : rtstruct
          ? { kind: 'rtstruct', path: resolve(base, rtstruct), roi: cell('roi', row) }
          : seg
            ? { kind: 'seg', path: resolve(base, seg), segment: cell('segment', row), ...options }
            : missing('region', 'Fill one of mask, rtstruct, seg.');
    const name = cell('case', row) ?? (image ? caseNameOf(image) : `line ${row + 2}`);
    return { name, image: image ? resolve(base, image) : '', region };
  });
  const carried = table.columns.filter((column) => !OWN_COLUMNS.has(column.name.toLowerCase()));
  return { cases, carried };
}

/** `liver-012` for `images/liver-012.nii.gz` and for the folder `liver-012/`. */
export function caseNameOf(image: string): string {
  const name = image
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .at(-1)!; // split gives at least one part
  return name.replace(/\.(nii|nrrd|nhdr|dcm|gz)(?=(#\d+)?$)/gi, '').replace(/\.nii$/i, '') || 'case';
}
