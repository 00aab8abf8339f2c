import { wholeBox, type IndexBox } from '@concord/imaging';
import { inParts, type Kernels } from '@concord/kernels';
import { centred, correlate, type Grid } from './correlate.js';
import type { Filter, FilterGrid } from './filter.js';
import type { GradientFilter, IntensityFilter } from './filter-settings.js';
import { evenReach, readBox, sourceBox, triple, withReach, type ImagePart } from './image-part.js';

/** What becomes of an intensity, given the largest absolute one of the image; 0 stays 0 but for the exponential. */
const FUNCTIONS: Readonly<Record<IntensityFilter['kind'], (x: number, largest: number) => number>> = {
  square: (x, largest) => (x * x) / largest,
  'square-root': (x, largest) => Math.sign(x) * Math.sqrt(largest * Math.abs(x)),
  logarithm: (x, largest) => (Math.sign(x) * Math.log(Math.abs(x) + 1) * largest) / Math.log(largest + 1),
  exponential: (x, largest) => Math.exp((x * Math.log(largest)) / largest),
};

/**
 * A function of each voxel's intensity with PyRadiomics' scales, so that the largest absolute intensity m of the whole
 * image is mapped to itself: x^2 / m, sign(x) sqrt(m |x|), sign(x) log(|x| + 1) m / log(m + 1), exp(x log(m) / m). An image
 * of zeros stays as it is.
 */
export function intensityFilter({ kind }: IntensityFilter, { shape }: FilterGrid): Filter {
  return {
    needs: () => wholeBox(shape),
    respond: (part, box, kernels) => {
      let largest = 0;
      for (let n = 0; n < part.values.length; n++) largest = Math.max(largest, Math.abs(part.values[n]));
      const values = readBox(part, box, 'nearest', kernels);
      if (largest === 0) return values;
      const apply = FUNCTIONS[kind];
      for (let n = 0; n < values.length; n++) values[n] = apply(values[n], largest);
      return values;
    },
  };
}

/** Length of the gradient in intensity per mm, by central differences; beyond the edge its value holds. */
export function gradientFilter({ dimension }: GradientFilter, { shape, spacingMm }: FilterGrid): Filter {
  const axes = dimension === '3D' ? [0, 1, 2] : [0, 1];
  const reach = evenReach(triple((axis) => (axes.includes(axis) ? 1 : 0)));
  return {
    needs: (box) => sourceBox(withReach(box, reach), shape, 'nearest'),
    respond: (part: ImagePart, box: IndexBox, kernels: Kernels) => {
      const along = axes.map((axis) => {
        const around = withReach(box, evenReach(triple((other) => (other === axis ? 1 : 0))));
        const grid: Grid = { ...around, values: readBox(part, around, 'nearest', kernels) };
        const taps = centred(Float64Array.of(-0.5, 0, 0.5).map((weight) => weight / spacingMm[axis]));
        return correlate(grid, axis, taps, box, kernels).values;
      });
      return along.reduce((a, b) => lengths(a, b, kernels));
    },
  };
}

function lengths(a: Float64Array, b: Float64Array, kernels: Kernels): Float64Array {
  const to = kernels.arena.f64(a.length);
  kernels.run(
    inParts(to.length, 1024, (first, last) => kernels.call('filters', 'addModulus', a, b, to, 1, first, last)),
  );
  return to;
}
