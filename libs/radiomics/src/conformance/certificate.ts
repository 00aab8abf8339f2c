import { createHash } from 'node:crypto';
import { KERNEL_DIGESTS, type Kernels } from '@concord/kernels';

/** One value beside its reference. */
export interface CheckedValue {
  readonly name: string;
  readonly family: string;
  readonly value: number | null;
  readonly reference: number;
  /** Absolute. */
  readonly tolerance: number;
  readonly holds: boolean;
}

export interface FamilyCount {
  /** Concord's name for a family, or IBSI's for one that is not computed yet. */
  readonly family: string;
  readonly holding: number;
  readonly checked: number;
  /** Reference values of features that Concord does not compute. */
  readonly notComputed: number;
}

/**
 * The value farthest from its reference, as a share of the reference, or of a hundred tolerances where that is more: for
 * what lies near 0, and for response maps, whose tolerance is 1 % of their range.
 */
export interface WorstValue {
  readonly name: string;
  readonly deviation: number;
}

/** A reference case: voxels, settings, and values that somebody else computed. */
export interface ConformanceCase {
  readonly name: string;
  readonly source: string;
  /** SHA-256 of the files it was read from. */
  readonly digests: Readonly<Record<string, string>>;
  readonly settingsDigest: string;
  /** Whether there are values and all of them hold. */
  readonly holds: boolean;
  readonly families: readonly FamilyCount[];
  readonly worst: WorstValue | null;
  readonly values: readonly CheckedValue[];
}

/** What `concord conformance --out` writes. The same code and data give the same bytes. */
export interface ConformanceCertificate {
  readonly format: 'concord.conformance/1';
  readonly concordVersion: string;
  /** What computed it: compiled kernels or their TypeScript twins, and the digest of their sources. */
  readonly engine: { readonly kernels: Kernels['kind']; readonly kernelsDigest: string };
  /** Whether every value that is computed agrees with its reference. */
  readonly holds: boolean;
  /** Over all cases. */
  readonly families: readonly FamilyCount[];
  readonly worst: WorstValue | null;
  readonly cases: readonly ConformanceCase[];
}

export function certificateOf(
  cases: readonly ConformanceCase[],
  concordVersion: string,
  kernels: Kernels,
): ConformanceCertificate {
  return {
    format: 'concord.conformance/1',
    concordVersion,
    engine: { kernels: kernels.kind, kernelsDigest: sha256(JSON.stringify(Object.entries(KERNEL_DIGESTS).sort())) },
    holds: cases.length > 0 && cases.every(({ holds }) => holds),
    families: sumsOf(cases),
    worst: cases.reduce<WorstValue | null>((worst, { worst: own }) => worseOf(worst, own), null),
    cases,
  };
}

/** @param notComputed families of reference values that nothing was computed for */
export function caseOf(
  about: Pick<ConformanceCase, 'name' | 'source' | 'digests' | 'settingsDigest'>,
  values: readonly CheckedValue[],
  notComputed: readonly string[] = [],
): ConformanceCase {
  return {
    ...about,
    holds: values.length > 0 && values.every(({ holds }) => holds),
    families: countsOf(values, notComputed),
    worst: values.reduce<WorstValue | null>((worst, one) => worseOf(worst, deviationOf(one)), null),
    values,
  };
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function deviationOf({ name, value, reference, tolerance }: CheckedValue): WorstValue | null {
  if (value === null) return null;
  const distance = Math.abs(value - reference);
  return { name, deviation: distance === 0 ? 0 : distance / Math.max(Math.abs(reference), 100 * tolerance) };
}

function worseOf(one: WorstValue | null, other: WorstValue | null): WorstValue | null {
  if (one === null || other === null) return one ?? other;
  return other.deviation > one.deviation ? other : one;
}

function countsOf(values: readonly CheckedValue[], notComputed: readonly string[]): FamilyCount[] {
  const families = [...new Set([...values.map(({ family }) => family), ...notComputed])];
  return families.map((family) => {
    const own = values.filter((value) => value.family === family);
    return {
      family,
      holding: own.filter(({ holds }) => holds).length,
      checked: own.length,
      notComputed: notComputed.filter((name) => name === family).length,
    };
  });
}

function sumsOf(cases: readonly ConformanceCase[]): FamilyCount[] {
  const sums = new Map<string, FamilyCount>();
  for (const count of cases.flatMap(({ families }) => families)) {
    const known = sums.get(count.family) ?? { family: count.family, holding: 0, checked: 0, notComputed: 0 };
    sums.set(count.family, {
      family: count.family,
      holding: known.holding + count.holding,
      checked: known.checked + count.checked,
      notComputed: known.notComputed + count.notComputed,
    });
  }
  return [...sums.values()];
}
