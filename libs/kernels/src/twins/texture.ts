// All grids here are padded by at least one voxel on every side, x fastest, and hold 0 outside the region. `spans` are
// stretches of neighbouring voxels along x, ascending: [first voxel, number of voxels] each. Compiled kernels read up to
// eight voxels beyond the grid: take arrays of that many more.

/**
 * Counts pairs of grey levels at some offsets, each in the direction of the offset only.
 *
 * @param ranks number of each voxel's grey level, from 1
 * @param offsets distances between a voxel and its neighbour in the grid, see `stepOffset`
 * @param levelCount highest rank
 * @param counts for each offset (levelCount + 1)^2 numbers, row-major: `[a * (levelCount + 1) + b]` is raised by one for
 *   each voxel of rank a whose neighbour has rank b, 0 when that is outside; the caller clears it
 */
export function pairs(
  ranks: Uint16Array,
  spans: Int32Array,
  spanCount: number,
  offsets: Int32Array,
  offsetCount: number,
  levelCount: number,
  counts: Uint32Array,
): void {
  const width = levelCount + 1;
  for (let d = 0; d < offsetCount; d++) {
    const own = counts.subarray(d * width * width);
    for (let s = 0; s < spanCount; s++) {
      const end = spans[2 * s] + spans[2 * s + 1];
      for (let voxel = spans[2 * s]; voxel < end; voxel++) own[ranks[voxel] * width + ranks[voxel + offsets[d]]]++;
    }
  }
}

/**
 * Counts runs of equal grey level along some offsets. A run ends where the level changes or the region does.
 *
 * @param ranks as in `pairs`
 * @param offsets distances between a voxel and the next one of its run, positive
 * @param levelCount as in `pairs`
 * @param longestRun largest run length the counts have room for: the grid's largest dimension is enough
 * @param before scratch, as large as the grid, of any content
 * @param counts for each offset levelCount * longestRun numbers, row-major: `[(a - 1) * longestRun + length - 1]` is the
 *   number of runs of rank a; the caller clears it
 */
export function runs(
  ranks: Uint16Array,
  spans: Int32Array,
  spanCount: number,
  offsets: Int32Array,
  offsetCount: number,
  levelCount: number,
  longestRun: number,
  before: Uint16Array,
  counts: Uint32Array,
): void {
  for (let d = 0; d < offsetCount; d++) {
    const own = counts.subarray(d * levelCount * longestRun);
    for (let s = 0; s < spanCount; s++) {
      const end = spans[2 * s] + spans[2 * s + 1];
      for (let voxel = spans[2 * s]; voxel < end; voxel++) {
        const back = voxel - offsets[d];
        before[voxel] = ranks[back] === ranks[voxel] ? before[back] + 1 : 0;
        own[(ranks[voxel] - 1) * longestRun + before[voxel]]++;
      }
    }
    // Every run was counted at each length up to its own.
    for (let row = 0; row < levelCount; row++) {
      const last = (row + 1) * longestRun - 1;
      for (let n = row * longestRun; n < last && own[n] !== 0; n++) own[n] -= own[n + 1];
    }
  }
}

/**
 * Finds zones: voxels of equal grey level that touch, by a face, edge or corner.
 *
 * @param ranks as in `pairs`
 * @param isSpatial 1 for zones in space, 0 for zones within slices
 * @param distances of each voxel; empty unless `hasDistances` is 1
 * @param _scratch 96 bytes, for the compiled kernel
 * @param parents scratch, as large as the grid, of any content
 * @param zoneRanks rank of each zone, in the order of their first voxels; room for as many as there are voxels, as in
 *   the two that follow
 * @param zoneSizes voxels of each zone; the caller clears it
 * @param zoneDistances least of the distances in each zone; the caller clears it
 * @param zoneCount one number, the zones found
 */
export function zones(
  ranks: Uint16Array,
  spans: Int32Array,
  spanCount: number,
  nx: number,
  sliceSize: number,
  isSpatial: number,
  distances: Uint16Array,
  hasDistances: number,
  _scratch: Uint16Array,
  parents: Int32Array,
  zoneRanks: Uint16Array,
  zoneSizes: Uint32Array,
  zoneDistances: Uint16Array,
  zoneCount: Int32Array,
): void {
  const rows = isSpatial === 1 ? [-nx, -sliceSize - nx, -sliceSize, -sliceSize + nx] : [-nx];
  const before = [-1, ...rows.flatMap((row) => [row - 1, row, row + 1])];
  let count = 0;
  const each = (visit: (voxel: number) => void): void => {
    for (let s = 0; s < spanCount; s++) for (let n = 0; n < spans[2 * s + 1]; n++) visit(spans[2 * s] + n);
  };
  each((voxel) => {
    parents[voxel] = voxel;
    for (const offset of before) {
      if (ranks[voxel + offset] !== ranks[voxel]) continue;
      const [one, other] = [rootOf(parents, voxel), rootOf(parents, voxel + offset)];
      parents[Math.max(one, other)] = Math.min(one, other);
    }
  });
  each((voxel) => {
    const parent = parents[voxel];
    const zone = parent === voxel ? count++ : ~parents[parent];
    parents[voxel] = ~zone; // a parent comes before its children: it holds its zone by now
    zoneRanks[zone] = ranks[voxel];
    zoneSizes[zone]++;
    if (hasDistances === 1 && (parent === voxel || distances[voxel] < zoneDistances[zone])) {
      zoneDistances[zone] = distances[voxel];
    }
  });
  zoneCount[0] = count;
}

function rootOf(parents: Int32Array, voxel: number): number {
  let root = voxel;
  while (parents[root] !== root) root = parents[root];
  for (let at = voxel; at !== root;) {
    const above = parents[at];
    parents[at] = root;
    at = above;
  }
  return root;
}

/**
 * Steps from each voxel of a mask to the nearest voxel outside, through faces: 1 at the border, 0 outside.
 *
 * @param mask 1 inside
 * @param size voxels of the grid
 * @param isSpatial 1 for steps in space, 0 for steps within slices
 */
export function borderDistances(
  mask: Uint8Array,
  nx: number,
  sliceSize: number,
  size: number,
  isSpatial: number,
  distances: Uint16Array,
): void {
  for (let n = 0; n < size; n++) distances[n] = mask[n] === 1 ? 65535 : 0;
  const steps = isSpatial === 1 ? [1, nx, sliceSize] : [1, nx];
  for (let n = sliceSize; n < size - sliceSize; n++) {
    for (const step of steps) distances[n] = Math.min(distances[n], distances[n - step] + 1);
  }
  for (let n = size - sliceSize - 1; n >= sliceSize; n--) {
    for (const step of steps) distances[n] = Math.min(distances[n], distances[n + step] + 1);
  }
}

/**
 * Compares each voxel with its neighbours inside the region, for grey tone differences and dependences. The sums are of
 * whole numbers, so that they are exact and may be added up in any order.
 *
 * @param levels grey level of each voxel, from 1
 * @param ranks as in `pairs`
 * @param isSpatial 1 for the 26 neighbours in space, 0 for the 8 within the slice
 * @param coarseness neighbours depend on a voxel whose level differs by this at most
 * @param _scratch 64 bytes, for the compiled kernel
 * @param toneCounts 27 numbers a rank: `[(rank - 1) * 27 + k]` is the number of voxels with k neighbours; the caller
 *   clears it, as the two that follow
 * @param toneSums 27 numbers a rank: sum of |k level - sum of the neighbours' levels| over these voxels
 * @param dependences 27 numbers a rank: `[(rank - 1) * 27 + k]` is the number of voxels on which k neighbours depend
 */
export function neighbours(
  levels: Uint16Array,
  ranks: Uint16Array,
  spans: Int32Array,
  spanCount: number,
  nx: number,
  sliceSize: number,
  isSpatial: number,
  coarseness: number,
  _scratch: Uint16Array,
  toneCounts: Uint32Array,
  toneSums: Float64Array,
  dependences: Uint32Array,
): void {
  const depth = isSpatial;
  for (let s = 0; s < spanCount; s++) {
    const end = spans[2 * s] + spans[2 * s + 1];
    for (let voxel = spans[2 * s]; voxel < end; voxel++) {
      const level = levels[voxel];
      let count = -1; // the voxel itself is met on the way
      let sum = -level;
      let like = -1;
      for (let z = -depth; z <= depth; z++)
        for (let y = -1; y <= 1; y++)
          for (let x = -1; x <= 1; x++) {
            const other = levels[voxel + x + y * nx + z * sliceSize];
            if (other === 0) continue;
            count++;
            sum += other;
            if (Math.abs(other - level) <= coarseness) like++;
          }
      const row = (ranks[voxel] - 1) * 27;
      toneCounts[row + count]++;
      toneSums[row + count] += Math.abs(count * level - sum);
      dependences[row + like]++;
    }
  }
}
