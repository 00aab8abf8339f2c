// Texture matrices; the twins in src/twins/texture.ts say what each array holds.

// @ts-ignore: decorator
@inline
function u16At(array: usize, n: i32): i32 {
  return <i32>load<u16>(array + ((<usize>n) << 1));
}

// @ts-ignore: decorator
@inline
function i32At(array: usize, n: i32): i32 {
  return load<i32>(array + ((<usize>n) << 2));
}

// @ts-ignore: decorator
@inline
function setI32(array: usize, n: i32, value: i32): void {
  store<i32>(array + ((<usize>n) << 2), value);
}

// @ts-ignore: decorator
@inline
function addOne(counts: usize, n: i32): void {
  setI32(counts, n, i32At(counts, n) + 1);
}

export function pairs(
  ranks: usize,
  spans: usize,
  spanCount: i32,
  offsets: usize,
  offsetCount: i32,
  levelCount: i32,
  counts: usize,
): void {
  const width = levelCount + 1;
  const size = width * width;
  // Two directions at once: the voxel's own row of the counts is found once. The last one of an odd number goes alone.
  for (let d = 0; d < offsetCount; d += 2) {
    const isLast = d + 1 === offsetCount;
    const step = (<usize>i32At(offsets, d)) << 1;
    const other = (<usize>i32At(offsets, isLast ? d : d + 1)) << 1;
    const first = counts + ((<usize>(d * size)) << 2);
    const second = first + ((<usize>size) << 2);
    for (let s = 0; s < spanCount; s++) {
      let voxel = ranks + ((<usize>i32At(spans, 2 * s)) << 1);
      const end = voxel + ((<usize>i32At(spans, 2 * s + 1)) << 1);
      if (isLast) {
        for (; voxel < end; voxel += 2) addOne(first, <i32>load<u16>(voxel) * width + <i32>load<u16>(voxel + step));
      } else {
        for (; voxel < end; voxel += 2) {
          const row = <i32>load<u16>(voxel) * width;
          addOne(first, row + <i32>load<u16>(voxel + step));
          addOne(second, row + <i32>load<u16>(voxel + other));
        }
      }
    }
  }
}

function runsAlong(
  ranks: usize,
  spans: usize,
  spanCount: i32,
  offset: i32,
  levelCount: i32,
  longestRun: i32,
  before: usize,
  counts: usize,
): void {
  const one = i16x8.splat(1);
  for (let s = 0; s < spanCount; s++) {
    const start = i32At(spans, 2 * s);
    const end = start + i32At(spans, 2 * s + 1);
    // How many voxels of the same run lie before each one. Eight at once needs that none of them precedes another.
    if (offset >= 8) {
      for (let n = start; n < end; n += 8) {
        const here = (<usize>n) << 1;
        const back = (<usize>(n - offset)) << 1;
        const isSame = i16x8.eq(v128.load(ranks + here), v128.load(ranks + back));
        v128.store(before + here, v128.and(i16x8.add(v128.load(before + back), one), isSame));
      }
    } else {
      for (let n = start; n < end; n++) {
        const back = n - offset;
        const length = u16At(ranks, back) === u16At(ranks, n) ? u16At(before, back) + 1 : 0;
        store<u16>(before + ((<usize>n) << 1), <u16>length);
      }
    }
    for (let n = start; n < end; n++) addOne(counts, (u16At(ranks, n) - 1) * longestRun + u16At(before, n));
  }
  // Every run was counted at each length up to its own.
  for (let row = 0; row < levelCount; row++) {
    const last = (row + 1) * longestRun - 1;
    for (let n = row * longestRun; n < last && i32At(counts, n) !== 0; n++) {
      setI32(counts, n, i32At(counts, n) - i32At(counts, n + 1));
    }
  }
}

export function runs(
  ranks: usize,
  spans: usize,
  spanCount: i32,
  offsets: usize,
  offsetCount: i32,
  levelCount: i32,
  longestRun: i32,
  before: usize,
  counts: usize,
): void {
  for (let d = 0; d < offsetCount; d++) {
    const own = counts + ((<usize>(d * levelCount * longestRun)) << 2);
    runsAlong(ranks, spans, spanCount, i32At(offsets, d), levelCount, longestRun, before, own);
  }
}

// @ts-ignore: decorator
@inline
function find(parents: usize, voxel: i32): i32 {
  let parent = i32At(parents, voxel);
  while (parent !== voxel) {
    const above = i32At(parents, parent);
    setI32(parents, voxel, above);
    voxel = above;
    parent = i32At(parents, voxel);
  }
  return voxel;
}

// @ts-ignore: decorator
@inline
function join(parents: usize, root: i32, voxel: i32): i32 {
  const other = find(parents, voxel);
  if (other === root) return root;
  if (other < root) {
    setI32(parents, root, other);
    return other;
  }
  setI32(parents, other, root);
  return root;
}

// Which of the thirteen neighbours before a voxel have its level and are not known to be connected by another one that
// has: bit n stands for the n-th of `before`. Eight voxels at once.
// @ts-ignore: decorator
@inline
function neededNeighbours(here: usize, nx: i32, sliceSize: i32, isSpatial: i32): v128 {
  const own = v128.load(here);
  const above = here - ((<usize>nx) << 1);
  const left = i16x8.eq(own, v128.load(here - 2));
  const up = i16x8.eq(own, v128.load(above));
  const upLeft = i16x8.eq(own, v128.load(above - 2));
  const upRight = i16x8.eq(own, v128.load(above + 2));
  let needed = bit(up, 1);
  needed = v128.or(needed, bit(v128.andnot(left, up), 0));
  needed = v128.or(needed, bit(v128.andnot(v128.andnot(upLeft, up), left), 2));
  needed = v128.or(needed, bit(v128.andnot(upRight, up), 3));
  if (isSpatial === 0) return needed;
  const below = here - ((<usize>sliceSize) << 1);
  const back = below - ((<usize>nx) << 1);
  const front = below + ((<usize>nx) << 1);
  const same = i16x8.eq(own, v128.load(below));
  // The middle of the slice before touches all others.
  needed = v128.or(v128.andnot(needed, same), bit(same, 4));
  const hasLeft = v128.or(left, same);
  const hasUp = v128.or(up, same);
  const isLeft = i16x8.eq(own, v128.load(below - 2));
  const isRight = i16x8.eq(own, v128.load(below + 2));
  needed = v128.or(needed, bit(v128.andnot(isLeft, v128.or(hasLeft, hasUp)), 5));
  needed = v128.or(needed, bit(v128.andnot(isRight, hasUp), 6));
  const isBack = i16x8.eq(own, v128.load(back));
  const isBackLeft = i16x8.eq(own, v128.load(back - 2));
  const isBackRight = i16x8.eq(own, v128.load(back + 2));
  needed = v128.or(needed, bit(v128.andnot(isBack, v128.or(hasLeft, hasUp)), 7));
  needed = v128.or(needed, bit(v128.andnot(v128.andnot(isBackLeft, isBack), v128.or(hasLeft, hasUp)), 8));
  needed = v128.or(needed, bit(v128.andnot(v128.andnot(isBackRight, isBack), hasUp), 9));
  const isFront = i16x8.eq(own, v128.load(front));
  const isFrontLeft = i16x8.eq(own, v128.load(front - 2));
  const isFrontRight = i16x8.eq(own, v128.load(front + 2));
  needed = v128.or(needed, bit(v128.andnot(isFront, hasLeft), 10));
  needed = v128.or(needed, bit(v128.andnot(v128.andnot(isFrontLeft, isFront), hasLeft), 11));
  return v128.or(needed, bit(v128.andnot(v128.andnot(isFrontRight, isFront), same), 12));
}

// @ts-ignore: decorator
@inline
function bit(where: v128, n: i32): v128 {
  const value: i32 = 1 << n;
  return v128.and(where, i16x8.splat(<i16>value));
}

// @ts-ignore: decorator
@inline
function setOffsets(before: usize, nx: i32, sliceSize: i32): void {
  setI32(before, 0, -1);
  setI32(before, 1, -nx);
  setI32(before, 2, -nx - 1);
  setI32(before, 3, -nx + 1);
  setI32(before, 4, -sliceSize);
  setI32(before, 5, -sliceSize - 1);
  setI32(before, 6, -sliceSize + 1);
  for (let n = 0; n < 3; n++) {
    const column = n === 0 ? 0 : 2 * n - 3; // 0, -1, 1
    setI32(before, 7 + n, -sliceSize - nx + column);
    setI32(before, 10 + n, -sliceSize + nx + column);
  }
}

function joinZones(
  ranks: usize,
  spans: usize,
  spanCount: i32,
  nx: i32,
  sliceSize: i32,
  isSpatial: i32,
  scratch: usize,
  parents: usize,
): void {
  const before = scratch + 16;
  setOffsets(before, nx, sliceSize);
  for (let s = 0; s < spanCount; s++) {
    const start = i32At(spans, 2 * s);
    const end = start + i32At(spans, 2 * s + 1);
    for (let first = start; first < end; first += 8) {
      v128.store(scratch, neededNeighbours(ranks + ((<usize>first) << 1), nx, sliceSize, isSpatial));
      const last = min(first + 8, end);
      for (let voxel = first; voxel < last; voxel++) {
        let needed = u16At(scratch, voxel - first);
        if (needed === 0) {
          setI32(parents, voxel, voxel);
          continue;
        }
        // Of a single one the parent is taken as it is: the second pass finds the root.
        const one = voxel + i32At(before, ctz(needed));
        setI32(parents, voxel, i32At(parents, one));
        needed &= needed - 1;
        if (needed === 0) continue;
        let root = find(parents, one);
        for (; needed !== 0; needed &= needed - 1) root = join(parents, root, voxel + i32At(before, ctz(needed)));
      }
    }
  }
}

export function zones(
  ranks: usize,
  spans: usize,
  spanCount: i32,
  nx: i32,
  sliceSize: i32,
  isSpatial: i32,
  distances: usize,
  hasDistances: i32,
  scratch: usize,
  parents: usize,
  zoneRanks: usize,
  zoneSizes: usize,
  zoneDistances: usize,
  zoneCount: usize,
): void {
  joinZones(ranks, spans, spanCount, nx, sliceSize, isSpatial, scratch, parents);
  let count = 0;
  for (let s = 0; s < spanCount; s++) {
    const start = i32At(spans, 2 * s);
    const end = start + i32At(spans, 2 * s + 1);
    for (let voxel = start; voxel < end; voxel++) {
      const parent = i32At(parents, voxel);
      let zone = count;
      if (parent === voxel) {
        store<u16>(zoneRanks + ((<usize>count) << 1), <u16>u16At(ranks, voxel));
        count++;
      } else zone = ~i32At(parents, parent);
      setI32(parents, voxel, ~zone); // a parent comes before its children: it holds its zone by now
      addOne(zoneSizes, zone);
      if (hasDistances !== 0) {
        const distance = u16At(distances, voxel);
        const nearest = u16At(zoneDistances, zone);
        if (nearest === 0 || distance < nearest) store<u16>(zoneDistances + ((<usize>zone) << 1), <u16>distance);
      }
    }
  }
  setI32(zoneCount, 0, count);
}

// @ts-ignore: decorator
@inline
function relax(distances: usize, voxel: i32, nx: i32, sliceSize: i32, isSpatial: i32): void {
  const own = u16At(distances, voxel);
  if (own === 0) return;
  let least = min(u16At(distances, voxel + nx), u16At(distances, voxel + (nx > 0 ? 1 : -1)));
  if (isSpatial !== 0) least = min(least, u16At(distances, voxel + sliceSize));
  if (least < own) store<u16>(distances + ((<usize>voxel) << 1), <u16>min(own, least + 1));
}

export function borderDistances(mask: usize, nx: i32, sliceSize: i32, size: i32, isSpatial: i32, distances: usize): void {
  for (let n = 0; n < size; n++) {
    store<u16>(distances + ((<usize>n) << 1), load<u8>(mask + <usize>n) !== 0 ? 65535 : 0);
  }
  for (let n = sliceSize; n < size - sliceSize; n++) relax(distances, n, -nx, -sliceSize, isSpatial);
  for (let n = size - sliceSize - 1; n >= sliceSize; n--) relax(distances, n, nx, sliceSize, isSpatial);
}

export function neighbours(
  levels: usize,
  ranks: usize,
  spans: usize,
  spanCount: i32,
  nx: i32,
  sliceSize: i32,
  isSpatial: i32,
  coarseness: i32,
  scratch: usize,
  toneCounts: usize,
  toneSums: usize,
  dependences: usize,
): void {
  const alpha = i16x8.splat(<i16>coarseness);
  const zero = i16x8.splat(0);
  const depth = isSpatial !== 0 ? 1 : 0;
  for (let s = 0; s < spanCount; s++) {
    const start = i32At(spans, 2 * s);
    const end = start + i32At(spans, 2 * s + 1);
    for (let first = start; first < end; first += 8) {
      const here = levels + ((<usize>first) << 1);
      const own = v128.load(here);
      let low = i32x4.splat(0);
      let high = i32x4.splat(0);
      let inside = zero; // minus one for each neighbour inside
      let like = zero; // minus one for each voxel of a like level, this one included
      for (let z = -depth; z <= depth; z++) {
        for (let y = -1; y <= 1; y++) {
          const row = here + (<usize>(z * sliceSize + y * nx)) * 2;
          for (let x = -2; x <= 2; x += 2) {
            const level = v128.load(row + <usize>x);
            const isInside = i16x8.ne(level, zero);
            const difference = v128.or(i16x8.sub_sat_u(level, own), i16x8.sub_sat_u(own, level));
            const isLike = i16x8.eq(i16x8.sub_sat_u(difference, alpha), zero);
            low = i32x4.add(low, i32x4.extend_low_i16x8_u(level));
            high = i32x4.add(high, i32x4.extend_high_i16x8_u(level));
            inside = i16x8.add(inside, isInside);
            like = i16x8.add(like, v128.and(isInside, isLike));
          }
        }
      }
      v128.store(scratch, low);
      v128.store(scratch, high, 16);
      v128.store(scratch, i16x8.neg(inside), 32);
      v128.store(scratch, i16x8.neg(like), 48);
      const lanes = min(8, end - first);
      for (let lane = 0; lane < lanes; lane++) {
        const level = u16At(levels, first + lane);
        const row = (u16At(ranks, first + lane) - 1) * 27;
        const count = u16At(scratch, 16 + lane) - 1;
        const at = row + count;
        addOne(toneCounts, at);
        const sum = toneSums + ((<usize>at) << 3);
        store<f64>(sum, load<f64>(sum) + <f64>abs(level * count + level - i32At(scratch, lane)));
        addOne(dependences, row + u16At(scratch, 24 + lane) - 1);
      }
    }
  }
}
