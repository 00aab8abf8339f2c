import type { StackFacts } from './slice.js';
import type { SlicePlacement } from './plan-grid.js';

/** Something with a place and with facts; the place is null where the header gives none. */
export interface Placed {
  readonly placement: SlicePlacement | null;
  readonly facts: StackFacts;
}

/** Slices that make one volume, and what sets them apart from the others of their series. */
export interface Stack<T> {
  /** `echo time 4.6`; empty if the series is a single volume. */
  readonly label: string;
  readonly members: readonly T[];
}

/** In this order slices that lie at one place are told apart. */
const NAMES: readonly (readonly [keyof StackFacts, string])[] = [
  ['stack', 'stack'],
  ['temporalPosition', 'temporal position'],
  ['echoTime', 'echo time'],
  ['bValue', 'b-value'],
  ['imageType', 'image type'],
  ['acquisition', 'acquisition'],
  ['triggerTime', 'trigger time'],
];
const DIRECTION_TOLERANCE = 1e-3;

/**
 * Sorts slices into volumes: those that differ in orientation, matrix or pixel spacing are never one volume; those that
 * lie at the same places are told apart by the first facts that do so. Facts that differ between slices at different
 * places split nothing. The order of the members is kept.
 */
export function splitStacks<T extends Placed>(slices: readonly T[]): Stack<T>[] {
  const clusters: { first: T; members: T[] }[] = [];
  for (const slice of slices) {
    const known = clusters.find(({ first }) => isSameGeometry(first.placement, slice.placement));
    if (known) known.members.push(slice);
    else clusters.push({ first: slice, members: [slice] });
  }
  return clusters.flatMap(({ first, members }) => {
    const label = clusters.length > 1 ? geometryLabel(first.placement) : '';
    return splitByFacts({ label, members }, 0);
  });
}

function splitByFacts<T extends Placed>(stack: Stack<T>, from: number): Stack<T>[] {
  if (from === NAMES.length || !hasCollision(stack.members)) return [stack];
  const [key, name] = NAMES[from];
  const byValue = new Map<string, T[]>();
  for (const member of stack.members) {
    const value = member.facts[key] ?? 'none';
    const known = byValue.get(value);
    if (known) known.push(member);
    else byValue.set(value, [member]);
  }
  if (byValue.size === 1) return splitByFacts(stack, from + 1);
  return [...byValue].flatMap(([value, members]) => {
    const label = [stack.label, `${name} ${value}`].filter(Boolean).join(', ');
    return splitByFacts({ label, members }, from + 1);
  });
}

function hasCollision(members: readonly Placed[]): boolean {
  const places = members.map(({ placement }) => placement?.position.map((value) => value.toFixed(2)).join());
  return new Set(places).size < places.length;
}

function isSameGeometry(a: SlicePlacement | null, b: SlicePlacement | null): boolean {
  if (!a || !b) return a === b;
  const isClose = (x: number, y: number): boolean => Math.abs(x - y) <= 1e-4 * Math.max(x, y);
  const isParallel = (key: 'columnDirection' | 'rowDirection'): boolean =>
    a[key].every((value, axis) => Math.abs(value - b[key][axis]) <= DIRECTION_TOLERANCE);
  return (
    a.rows === b.rows &&
    a.columns === b.columns &&
    isClose(a.rowSpacingMm, b.rowSpacingMm) &&
    isClose(a.columnSpacingMm, b.columnSpacingMm) &&
    isParallel('columnDirection') &&
    isParallel('rowDirection')
  );
}

function geometryLabel(placement: SlicePlacement | null): string {
  if (!placement) return 'without a place in space';
  const { columns, rows, columnDirection, rowDirection } = placement;
  const [x, y, z] = [0, 1, 2].map((axis) => {
    const [b, c] = [(axis + 1) % 3, (axis + 2) % 3];
    return Math.abs(columnDirection[b] * rowDirection[c] - columnDirection[c] * rowDirection[b]);
  });
  const plane = z >= Math.max(x, y) ? 'axial' : y >= x ? 'coronal' : 'sagittal';
  return `${plane} ${columns} × ${rows}`;
}
