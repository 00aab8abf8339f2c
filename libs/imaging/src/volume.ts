/** Three axes in the order i (column, fastest), j (row), k (slice). */
export type Triple = readonly [number, number, number];

/**
 * Where a grid lies: an affine from voxel index (i, j, k) to the patient frame, LPS, in mm.
 *
 * `affine` holds 16 numbers, row-major: `[x, y, z, 1] = affine * [i, j, k, 1]`; index (0, 0, 0) is the centre of the
 * first voxel.
 */
export interface GridGeometry {
  readonly shape: Triple;
  readonly affine: Float64Array;
}

/** How a voxel is spelled in a file. */
export type VoxelType =
  'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';

/** An image in the unit named, x-fastest: voxel (i, j, k) is `data[i + nx * (j + ny * k)]`. */
export interface Volume extends GridGeometry {
  readonly data: Int16Array | Float32Array | Float64Array;
  /** `HU`, `SUV`, or `arbitrary` */
  readonly unit: string;
  /** The type of number the file held (float64 if it was scaled), where that is known: `data` may be wider. */
  readonly storedAs?: VoxelType;
  readonly provenance: VolumeProvenance;
}

export interface VolumeProvenance {
  /** SHA-256 of each file read, hex, in the order of the slices. */
  readonly sourceDigests: readonly string[];
  readonly transferSyntax: string | null;
  readonly isLossy: boolean;
  /** Acquisition facts a protocol may name; never identifiers, dates or UIDs. */
  readonly acquisition: Acquisition;
  /** Sentences without any patient-level value. */
  readonly warnings: readonly string[];
}

export interface Acquisition {
  readonly modality: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly kernel: string | null;
  readonly sliceThicknessMm: number | null;
  readonly kvp: number | null;
}

/** A region on the grid of its image: 1 inside, 0 outside. */
export interface Mask extends GridGeometry {
  readonly data: Uint8Array;
  /** The region's name or label as its file gives it. */
  readonly label: string;
}
