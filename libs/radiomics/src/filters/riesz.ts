import type { IndexBox } from '@concord/imaging';
import type { Kernels } from '@concord/kernels';
import { matrix, symmetricEigen } from '@concord/numeric';
import type { Filter, FilterGrid } from './filter.js';
import type { RieszFilter } from './filter-settings.js';
import { readBox, sourceBox, type ImagePart } from './image-part.js';
import { simoncelliTransfer } from './simoncelli.js';
import { gaussianFilter, laplacianOfGaussian } from './smooth.js';
import { filterSpectrum, spectralGrid, type Transfer } from './spectral.js';

type Order = readonly [number, number, number];

/**
 * Riesz transform of the response to a Laplacian of Gaussian or a Simoncelli wavelet: its spectrum times
 * `(-i)^L sqrt(L! / (a! b! c!)) x^a y^b z^c / |f|^L` for order (a, b, c), L their sum (Unser and Van De Ville, IEEE Trans.
 * Image Process. 19(3), 2010).
 *
 * Aligned, the axes of each voxel are turned first: to the eigenvectors of the structure tensor (the products of the
 * first-order transforms, averaged by a Gaussian), that of the largest eigenvalue first, each pointing where the
 * first-order transform along it is not negative. The turned transform is a mixture of those of the same L.
 */
export function rieszFilter(settings: RieszFilter, grid: FilterGrid): Filter {
  const { of, order, alignedBySigmaMm } = settings;
  const { dimension, boundary } = of;
  const laplacian = of.kind === 'laplacian-of-gaussian' ? laplacianOfGaussian(of, grid) : null;
  const base = of.kind === 'simoncelli' ? simoncelliTransfer(of.level) : null;
  const surroundings = (box: IndexBox) => spectralGrid(box, grid.shape, dimension, boundary);
  const transforms = (part: ImagePart, box: IndexBox, orders: readonly Order[], kernels: Kernels): Float64Array[] => {
    const around = surroundings(box);
    const values = laplacian?.respond(part, around, kernels) ?? readBox(part, around, boundary, kernels);
    return filterSpectrum(
      values,
      around,
      box,
      orders.map((own) => rieszTransfer(own, base)),
      kernels,
    );
  };
  if (alignedBySigmaMm === null) {
    return {
      needs: (box) => laplacian?.needs(surroundings(box)) ?? sourceBox(surroundings(box), grid.shape, boundary),
      respond: (part, box, kernels) => transforms(part, box, [order], kernels)[0],
    };
  }
  const average = gaussianFilter(
    { kind: 'gaussian', sigmaMm: alignedBySigmaMm, truncation: 4, dimension, boundary },
    grid,
  );
  return {
    needs: (box) => {
      const around = surroundings(average.needs(box));
      return laplacian?.needs(around) ?? sourceBox(around, grid.shape, boundary);
    },
    respond: (part, box, kernels) => {
      const wide = average.needs(box); // where products are averaged from
      const axes = dimension === '3D' ? 3 : 2;
      const sum = order[0] + order[1] + order[2];
      const orders = ordersOf(sum, axes);
      const first = transforms(part, wide, ordersOf(1, axes), kernels);
      const all = transforms(part, box, orders, kernels);
      const own = ordersOf(1, axes).map((_, axis) =>
        readBox({ ...part, ...wide, values: first[axis] }, box, 'zero', kernels),
      );
      const tensor = tensorOf(first, (values) => average.respond({ ...part, ...wide, values }, box, kernels));
      return aligned(order, orders, all, own, tensor, kernels);
    },
  };
}

/** Every order of a sum, along two or three axes; of sum 1 in the order of the axes. */
function ordersOf(sum: number, axes: number): Order[] {
  const orders: Order[] = [];
  for (let a = sum; a >= 0; a--) {
    for (let b = sum - a; b >= 0; b--) if (axes === 3 || a + b === sum) orders.push([a, b, sum - a - b]);
  }
  return orders;
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

function factorials([a, b, c]: Order): number {
  return factorial(a) * factorial(b) * factorial(c);
}

function rieszTransfer(order: Order, base: Transfer | null): Transfer {
  const [a, b, c] = order;
  const sum = a + b + c;
  const scale = Math.sqrt(factorial(sum) / factorials(order));
  // (-i)^L is 1, -i, -1, i in turn.
  const [re, im] = [
    [1, 0],
    [0, -1],
    [-1, 0],
    [0, 1],
  ][sum % 4];
  const own = new Float64Array([1, 0]); // of the base, which is real
  return (x, y, z, value) => {
    base?.(x, y, z, own);
    const frequency = Math.sqrt(x * x + y * y + z * z);
    const isNone = frequency === 0 || own[0] === 0;
    const direction = isNone ? 0 : power(x / frequency, a) * power(y / frequency, b) * power(z / frequency, c);
    const share = own[0] * scale * direction;
    value[0] = re * share;
    value[1] = im * share;
  };
}

/** Much faster than `**` for the small orders there are. */
function power(x: number, n: number): number {
  let product = 1;
  for (let k = 0; k < n; k++) product *= x;
  return product;
}

/** Averaged products of the first-order transforms: element (i, j) at `i * axes + j`. */
function tensorOf(first: readonly Float64Array[], average: (values: Float64Array) => Float64Array): Float64Array[] {
  const axes = first.length;
  const tensor: Float64Array[] = [];
  for (let i = 0; i < axes; i++) {
    for (let j = 0; j < axes; j++) {
      tensor.push(j < i ? tensor[j * axes + i] : average(first[i].map((x, n) => x * first[j][n])));
    }
  }
  return tensor;
}

/** Mixes the transforms of each voxel into that along the axes of its tensor. */
function aligned(
  order: Order,
  orders: readonly Order[],
  transforms: readonly Float64Array[],
  first: readonly Float64Array[],
  tensor: readonly Float64Array[],
  kernels: Kernels,
): Float64Array {
  const axes = first.length;
  const response = kernels.arena.f64(transforms[0].length);
  const scales = orders.map((own) => Math.sqrt(factorials(own) / factorials(order)));
  const mixture = mixtureAlong(order, axes);
  const own = matrix(axes, axes, new Float64Array(axes * axes));
  for (let n = 0; n < response.length; n++) {
    tensor.forEach((element, at) => (own.data[at] = element[n]));
    const vectors = symmetricEigen(own).vectors.data; // one after the other
    for (let start = 0; start < vectors.length; start += axes) {
      let along = 0;
      for (let axis = 0; axis < axes; axis++) along += vectors[start + axis] * first[axis][n];
      if (along < 0) for (let axis = 0; axis < axes; axis++) vectors[start + axis] *= -1;
    }
    const weights = mixture(vectors);
    for (let which = 0; which < orders.length; which++) {
      response[n] += scales[which] * weights[which] * transforms[which][n];
    }
  }
  return response;
}

/**
 * The coefficients of x^a y^b z^c, in the order of `ordersOf`, in the product of (vector . (x, y, z))^order over some
 * vectors that lie one after the other.
 */
function mixtureAlong(order: Order, axes: number): (vectors: Float64Array) => Float64Array {
  const factors = order.flatMap((power, which) => Array.from({ length: power }, () => which));
  // Where each term of a sum of powers goes when it is multiplied by x, y or z.
  const steps = factors.map((_, sum) => {
    const next = ordersOf(sum + 1, axes).map((own) => own.join());
    const raised = (own: Order): number[] =>
      Array.from({ length: axes }, (__, axis) => next.indexOf(own.map((n, a) => (a === axis ? n + 1 : n)).join()));
    return { length: next.length, targets: ordersOf(sum, axes).map(raised) };
  });
  return (vectors) => {
    let product = Float64Array.of(1);
    steps.forEach(({ length, targets }, sum) => {
      const next = new Float64Array(length);
      targets.forEach((own, term) =>
        own.forEach((target, axis) => (next[target] += product[term] * vectors[factors[sum] * axes + axis])),
      );
      product = next;
    });
    return product;
  };
}
