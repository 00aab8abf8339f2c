/**
 * Counts pairs of grey levels at one offset, in the direction of the offset only.
 *
 * @param levels grey level of each voxel of a grid padded by one voxel on every side: 1..levelCount, 0 outside the
 *   region; so that `voxel + offset` is always on the grid
 * @param voxels positions of the region's voxels in `levels`
 * @param voxelCount number of `voxels` to visit
 * @param offset distance between a voxel and its neighbour in `levels`, see `stepOffset`
 * @param levelCount number of grey levels
 * @param counts levelCount * levelCount numbers, row-major: `[(a - 1) * levelCount + b - 1]` is raised by one for each
 *   voxel of level a whose neighbour has level b; the caller clears it
 */
export function pairs(
  levels: Uint16Array,
  voxels: Int32Array,
  voxelCount: number,
  offset: number,
  levelCount: number,
  counts: Float64Array,
): void {
  const base = levelCount + 1; // (a - 1) * levelCount + (b - 1) = a * levelCount + b - base
  for (let n = 0; n < voxelCount; n++) {
    const voxel = voxels[n];
    const neighbour = levels[voxel + offset];
    if (neighbour !== 0) counts[levels[voxel] * levelCount + neighbour - base]++;
  }
}

/**
 * Counts runs of equal grey level along one offset. A run ends where the level changes or the region does.
 *
 * @param levels as in `pairs`
 * @param voxels positions of the region's voxels in `levels`
 * @param voxelCount number of `voxels` to visit
 * @param offset distance between a voxel and the next one along the run
 * @param longestRun largest run length the counts have room for: the grid's largest dimension is enough
 * @param counts levelCount * longestRun numbers, row-major: `[(a - 1) * longestRun + length - 1]` is raised by one for
 *   each run; the caller clears it
 */
export function runs(
  levels: Uint16Array,
  voxels: Int32Array,
  voxelCount: number,
  offset: number,
  longestRun: number,
  counts: Float64Array,
): void {
  for (let n = 0; n < voxelCount; n++) {
    const start = voxels[n];
    const level = levels[start];
    if (levels[start - offset] === level) continue; // not the first voxel of its run
    let next = start + offset;
    let length = 1;
    while (levels[next] === level) {
      length++;
      next += offset;
    }
    counts[(level - 1) * longestRun + length - 1]++;
  }
}
