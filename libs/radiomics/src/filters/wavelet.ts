import type { IndexBox } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { waveletFilters } from '../pyradiomics/wavelet-filters.js';
import type { Taps } from './correlate.js';
import type { Filter, FilterGrid } from './filter.js';
import type { WaveletFilter } from './filter-settings.js';
import { sourceBox, union, withReach, type ImagePart } from './image-part.js';
import { emptyPool, pool, poolTurns, reachOfAll, rotationsOf, turnedTaps, type TurnedTaps } from './rotations.js';

/**
 * A band of the stationary wavelet transform (IBSI 25BO), a filter along each axis: undecimated, with kernels spread by
 * zeros at deeper levels, which act on the low pass of the level before. The boundary's rule holds anew at every level.
 * Rotations are pooled last.
 */
export function waveletFilter(settings: WaveletFilter, grid: FilterGrid): Filter {
  const { dimension, boundary, pooling, rotationInvariant, level, band } = settings;
  const { low, high } = waveletFilters(settings.wavelet === 'haar' ? 'db1' : settings.wavelet);
  const kernelsOf = (passes: string, gap: number) => (axis: number) =>
    axis < passes.length ? bothWays(passes[axis] === 'L' ? low : high, gap) : null;
  const rotations = rotationsOf(dimension, rotationInvariant);
  const oneLevel = (turns: readonly TurnedTaps[]): Filter => {
    const reach = reachOfAll(turns);
    return {
      needs: (box) => sourceBox(withReach(box, reach), grid.shape, boundary),
      respond: (part, box, kernels) => poolTurns(part, box, turns, pooling, boundary, kernels),
    };
  };
  if (level === 1) return oneLevel(turnedTaps(rotations, kernelsOf(band, 1)));
  const approximation = 'L'.repeat(band.length);
  const levels = Array.from({ length: level }, (_, n) => kernelsOf(n === level - 1 ? band : approximation, 2 ** n));
  const chains = new Map<string, { filter: Filter; count: number }>();
  for (const rotation of rotations) {
    const turns = levels.map((kernel) => turnedTaps([rotation], kernel));
    const key = turns.map(([turn]) => turn.key).join(' then ');
    const filter = chains.get(key)?.filter ?? turns.map(oneLevel).reduce(chained);
    chains.set(key, { filter, count: (chains.get(key)?.count ?? 0) + 1 });
  }
  return pooledOver([...chains.values()], pooling);
}

/** One filter after the other. */
function chained(first: Filter, second: Filter): Filter {
  return {
    needs: (box) => first.needs(second.needs(box)),
    respond: (part, box, kernels) => {
      const around = second.needs(box);
      return second.respond({ ...part, ...around, values: first.respond(part, around, kernels) }, box, kernels);
    },
  };
}

function pooledOver(
  chains: readonly { readonly filter: Filter; readonly count: number }[],
  pooling: WaveletFilter['pooling'],
): Filter {
  const total = chains.reduce((sum, { count }) => sum + count, 0);
  return {
    needs: (box) => union(chains.map(({ filter }) => filter.needs(box))),
    respond: (part: ImagePart, box: IndexBox, kernels: Kernels) => {
      const pooled = emptyPool(box, pooling, kernels);
      for (const { filter, count } of chains) {
        kernels.arena.scope(() => pool(filter.respond(part, box, kernels), pooled, pooling, 1, count / total, kernels));
      }
      return pooled;
    },
  };
}

/** The taps of a convolution with a kernel of even length, centred before its second half, and of its mirror image. */
function bothWays(kernel: Float64Array, gap: number): { forwards: Taps; mirrored: Taps } {
  const half = kernel.length / 2;
  return {
    forwards: { weights: kernel.toReversed(), before: gap * (half - 1), gap },
    mirrored: { weights: kernel, before: gap * half, gap },
  };
}
