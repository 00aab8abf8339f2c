/** Buckets that values are sorted into; ten of them at most are looked into. */
const BUCKETS = 4096;

/**
 * Quantiles without sorting, in linear time: values go into buckets of equal width, and only buckets that hold a wanted
 * rank are looked into. Linear interpolation at position p (n - 1), which reproduces every percentile among IBSI's
 * reference values.
 *
 * @param values at least one finite number
 * @param shares each from 0 to 1
 */
export function quantiles(values: Float64Array, shares: readonly number[]): number[] {
  const positions = shares.map((share) => share * (values.length - 1));
  const at = valuesAtRanks(
    values,
    new Set(positions.flatMap((position) => [Math.floor(position), Math.ceil(position)])),
  );
  return positions.map((position) => {
    const [below, above] = [at.get(Math.floor(position))!, at.get(Math.ceil(position))!]; // every rank was asked for
    return below + (position - Math.floor(position)) * (above - below);
  });
}

/** The values of some ranks, from 0 for the smallest. */
function valuesAtRanks(values: Float64Array, ranks: ReadonlySet<number>): Map<number, number> {
  const { bucketOf, counts } = intoBuckets(values);
  const starts = new Map<number, number>(); // rank of the first value of each bucket that is looked into
  const ascending = [...ranks].sort((a, b) => a - b);
  const buckets = new Map<number, number>();
  let bucket = 0;
  let before = 0;
  for (const rank of ascending) {
    while (before + counts[bucket] <= rank) before += counts[bucket++];
    starts.set(bucket, before);
    buckets.set(rank, bucket);
  }
  const members = membersOf(values, bucketOf, counts, starts);
  const found = new Map<number, number>();
  for (const rank of ascending) {
    const own = buckets.get(rank)!; // set above
    const inside = members.get(own)!;
    const within = rank - starts.get(own)!;
    selectInPlace(inside, 0, inside.length - 1, within);
    found.set(rank, inside[within]);
  }
  return found;
}

/** Each step of the arithmetic keeps the order of values, so buckets are in order whatever is rounded. */
function intoBuckets(values: Float64Array): { bucketOf: Uint16Array; counts: Uint32Array } {
  let low = values[0];
  let high = values[0];
  for (let n = 1; n < values.length; n++) {
    const x = values[n];
    if (x < low) low = x;
    else if (x > high) high = x;
  }
  const bucketOf = new Uint16Array(values.length);
  const counts = new Uint32Array(BUCKETS);
  // In one bucket where all are equal, and where the range is too small or large for a scale.
  const scale = (BUCKETS - 1) / (high - low);
  if (!(scale > 0 && scale < Infinity)) {
    counts[0] = values.length;
    return { bucketOf, counts };
  }
  for (let n = 0; n < values.length; n++) {
    const bucket = ((values[n] - low) * scale) | 0;
    bucketOf[n] = bucket;
    counts[bucket]++;
  }
  return { bucketOf, counts };
}

/** The values in some buckets, in the order they come. */
function membersOf(
  values: Float64Array,
  bucketOf: Uint16Array,
  counts: Uint32Array,
  wanted: ReadonlyMap<number, number>,
): Map<number, Float64Array> {
  const isWanted = new Uint8Array(BUCKETS);
  const members = new Map<number, Float64Array>();
  for (const bucket of wanted.keys()) {
    isWanted[bucket] = 1;
    members.set(bucket, new Float64Array(counts[bucket]));
  }
  const filled = new Uint32Array(BUCKETS);
  for (let n = 0; n < values.length; n++) {
    const bucket = bucketOf[n];
    if (isWanted[bucket] === 1) members.get(bucket)![filled[bucket]++] = values[n];
  }
  return members;
}

/** Brings the value of this rank to its place: none before it is larger, none behind it smaller (Hoare's FIND). */
function selectInPlace(values: Float64Array, low: number, high: number, rank: number): void {
  while (low < high) {
    const pivot = medianOfThree(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swap = values[i];
      values[i++] = values[j];
      values[j--] = swap;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
