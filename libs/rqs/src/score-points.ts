import { answeredIds, readAnswers, type QualityRecord, type ScoredItem } from './answers.js';
import { InvalidRecordError, NotApplicableError } from './errors.js';
import type { PointsScheme, SchemeItem } from './scheme.js';

export interface PointsScore {
  readonly scheme: string;
  readonly version: string;
  readonly total: number;
  readonly maxPoints: number;
  /** 100 × max(0, total) / maximum, one decimal. */
  readonly percent: number;
  readonly items: readonly ScoredItem[];
  /** Domains, or levels of readiness. */
  readonly groups: readonly GroupScore[];
  readonly checkpoints: readonly { id: number; points: number; max: number }[];
  /** RQS 2.0: what was asked about, and how far every item of every level has a point. */
  readonly readiness?: {
    readonly track: 'handcrafted' | 'deep-learning';
    readonly level: number;
    readonly completeThrough: number;
  };
}

export interface GroupScore {
  readonly id: string;
  readonly title: string;
  readonly points: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Adds up a record of a scheme with points.
 *
 * @throws {IllegalOptionError | SingleChoiceError | MissingItemError | InvalidRecordError} see `readAnswers`
 * @throws {NotApplicableError} if a deep-learning record has points on items about hand-crafted features
 */
export function scorePoints(scheme: PointsScheme, record: QualityRecord): PointsScore {
  const { track = 'handcrafted', level = scheme.groups.length } = record;
  if (!scheme.hasLevels && (record.track !== undefined || record.level !== undefined)) {
    throw new InvalidRecordError(`${scheme.title} has no levels`, 'level, track', 'Leave them out.');
  }
  if (!Number.isInteger(level) || level < 1 || level > scheme.groups.length) {
    throw new InvalidRecordError(`there is no level ${level}`, 'level', `Give one from 1 to ${scheme.groups.length}.`);
  }
  const groups = scheme.hasLevels ? scheme.groups.slice(0, level) : scheme.groups;
  const applies = (item: SchemeItem): boolean => track === 'handcrafted' || !item.isHandcraftedOnly;
  refuseInapplicable(scheme, record, applies);
  const inLevel = new Set(groups.map((group) => group.id));
  const asked = scheme.items.filter((item) => applies(item) && inLevel.has(item.group));
  const items = readAnswers(scheme, asked, record);
  const sum = (numbers: readonly (number | string)[]): number =>
    items.reduce((total, item) => total + (numbers.includes(item.number) ? item.points : 0), 0);
  const total = items.reduce((points, item) => points + item.points, 0);
  const maxPoints = asked.reduce((points, item) => points + item.maxPoints, 0);
  return {
    scheme: scheme.id,
    version: scheme.version,
    total,
    maxPoints,
    percent: Math.round((1000 * Math.max(0, total)) / maxPoints) / 10,
    items,
    groups: groups.map(({ id, title, items: numbers, min }) => ({
      ...{ id, title, min, points: sum(numbers) },
      max: asked.reduce((points, item) => points + (item.group === id ? item.maxPoints : 0), 0),
    })),
    checkpoints: scheme.checkpoints.map(({ id, items: numbers, max }) => ({ id, points: sum(numbers), max })),
    ...(scheme.hasLevels ? { readiness: { track, level, completeThrough: completeThrough(groups, items) } } : {}),
  };
}

function refuseInapplicable(scheme: PointsScheme, record: QualityRecord, applies: (item: SchemeItem) => boolean): void {
  const answered = new Set(answeredIds(scheme, record));
  const wrong = scheme.items.filter((item) => answered.has(item.id) && !applies(item));
  if (wrong.length > 0)
    throw new NotApplicableError(
      wrong.map((item) => item.id),
      'a study of deep learning',
    );
}

/** The highest level up to which every item has a point; 0 for none. */
function completeThrough(groups: PointsScheme['groups'], items: readonly ScoredItem[]): number {
  const first = groups.findIndex((group) =>
    items.some((item) => group.items.includes(item.number) && item.points === 0),
  );
  return first < 0 ? groups.length : first;
}
