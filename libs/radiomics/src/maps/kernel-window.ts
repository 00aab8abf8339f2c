import type { Triple } from '@concord/imaging';
import type { Levels } from '../pyradiomics/bins.js';
import type { Roi } from '../pyradiomics/roi.js';
import type { PyradiomicsSettings } from '../pyradiomics/settings.js';
import type { TextureInput } from '../pyradiomics/texture-input.js';

/** What a voxel's neighbourhood holds, ready for the feature classes. */
export interface Kernel {
  readonly intensities: Float64Array;
  /** Levels that occur in the neighbourhood; `highest` is that of the whole region. */
  readonly input: TextureInput;
}

/** Cuts the neighbourhoods of voxels out of a region: cubes of `2 radius + 1` voxels, or squares where it is flat. */
export class KernelWindow {
  /** Numbers of the levels and intensities, on the padded cut-out of the region; rank 0 is outside. */
  private readonly ranks: Uint16Array;
  private readonly intensities: Float64Array;
  private readonly reach: Triple;
  private readonly padding: number;
  private readonly shape: Triple;

  /** @param roi padded by at least the radius */
  constructor(
    private readonly roi: Roi,
    intensities: Float64Array,
    private readonly levels: Levels,
    private readonly settings: PyradiomicsSettings,
    radius: number,
  ) {
    this.ranks = new Uint16Array(roi.mask.length);
    this.intensities = new Float64Array(roi.mask.length);
    for (let n = 0; n < roi.voxels.length; n++) {
      this.ranks[roi.voxels[n]] = levels.ranks[n];
      this.intensities[roi.voxels[n]] = intensities[n];
    }
    const flatAxis = settings.force2D ? 2 - settings.force2Ddimension : -1; // x, y, z here; PyRadiomics counts from z
    const reachAlong = (axis: number): number => (axis === flatAxis ? 0 : radius);
    this.reach = [reachAlong(0), reachAlong(1), reachAlong(2)];
    this.padding = Math.max(...settings.distances);
    const [x, y, z] = this.reach.map((n) => 2 * n + 1 + 2 * this.padding);
    this.shape = [x, y, z];
  }

  /** The neighbourhood of a voxel of the cut-out, or null where it holds none of the region. */
  at(voxel: number): Kernel | null {
    const [rx, ry, rz] = this.reach;
    const { ranks, padding, shape } = this;
    const [nx, ny] = this.roi.shape;
    const places: number[] = [];
    const sources: number[] = [];
    for (let dz = -rz; dz <= rz; dz++) {
      for (let dy = -ry; dy <= ry; dy++) {
        for (let dx = -rx; dx <= rx; dx++) {
          const source = voxel + dx + nx * (dy + ny * dz);
          if (ranks[source] === 0) continue;
          sources.push(source);
          places.push(dx + rx + padding + shape[0] * (dy + ry + padding + shape[1] * (dz + rz + padding)));
        }
      }
    }
    return sources.length === 0 ? null : this.kernelOf(places, sources);
  }

  private kernelOf(places: readonly number[], sources: readonly number[]): Kernel {
    const { levels, settings, shape, padding } = this;
    const present = [...new Set(sources.map((source) => this.ranks[source]))].sort((a, b) => a - b);
    const rankOf = new Map(present.map((rank, n) => [rank, n + 1]));
    const ownRanks = Uint16Array.from(sources, (source) => rankOf.get(this.ranks[source])!); // all are present
    const grid = new Uint16Array(shape[0] * shape[1] * shape[2]);
    places.forEach((place, n) => (grid[place] = ownRanks[n]));
    const [x, y, z] = shape.map((n) => n - 2 * padding);
    return {
      intensities: Float64Array.from(sources, (source) => this.intensities[source]),
      input: {
        levels: {
          ranks: ownRanks,
          levelOf: Float64Array.from(present, (rank) => levels.levelOf[rank - 1]),
          highest: levels.highest,
        },
        grid,
        shape,
        voxels: Int32Array.from(places),
        size: [x, y, z],
        spacingMm: this.roi.spacingMm,
        settings,
        flatAxis: settings.force2D ? settings.force2Ddimension : null,
      },
    };
  }
}
