// Texture matrices; the twins in src/twins/texture.ts say what each array holds.

// @ts-ignore: decorator
@inline
function u16At(array: usize, n: i32): i32 {
  return <i32>load<u16>(array + ((<usize>n) << 1));
}

// @ts-ignore: decorator
@inline
function addOne(counts: usize, n: i32): void {
  const at = counts + ((<usize>n) << 3);
  store<f64>(at, load<f64>(at) + 1.0);
}

export function pairs(levels: usize, voxels: usize, voxelCount: i32, offset: i32, levelCount: i32, counts: usize): void {
  const base = levelCount + 1;
  for (let n = 0; n < voxelCount; n++) {
    const voxel = load<i32>(voxels + ((<usize>n) << 2));
    const neighbour = u16At(levels, voxel + offset);
    if (neighbour !== 0) addOne(counts, u16At(levels, voxel) * levelCount + neighbour - base);
  }
}

export function runs(levels: usize, voxels: usize, voxelCount: i32, offset: i32, longestRun: i32, counts: usize): void {
  for (let n = 0; n < voxelCount; n++) {
    const start = load<i32>(voxels + ((<usize>n) << 2));
    const level = u16At(levels, start);
    if (u16At(levels, start - offset) === level) continue;
    let next = start + offset;
    let length = 1;
    while (u16At(levels, next) === level) {
      length++;
      next += offset;
    }
    addOne(counts, (level - 1) * longestRun + length - 1);
  }
}
