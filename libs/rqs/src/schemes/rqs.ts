import type { PointsScheme } from '../scheme.js';
import first from './data/rqs1.json' with { type: 'json' };
import second from './data/rqs2.json' with { type: 'json' };
import { readItem } from './read-scheme.js';

/**
 * Radiomics Quality Score 1.0 (Lambin 2017): 16 items, -8 to 36 points, percent of 36 with negative totals as 0.
 * Item facts agree in four independent sources; the grouping in six domains is that of systematic reviews
 * (10.1007/s00330-024-10594-x Table 1, 10.1186/s13018-023-03863-w Table 3).
 */
export const rqs1: PointsScheme = {
  kind: 'points',
  id: first.id,
  title: first.title,
  version: first.version,
  range: first.range,
  items: first.items.map((item) => readItem(item, `domain ${item.domain}`)),
  groups: first.domains.map(({ id, title, items, min, max }) => ({ id: `domain ${id}`, title, items, min, max })),
  hasLevels: false,
  checkpoints: first.checkpoints,
  source: first.source,
};

/**
 * Radiomics Quality Score 2.0 (Lambin 2025): 42 items in nine levels of readiness, 56 points for hand-crafted features,
 * 52 for deep learning, no negative points. When a level counts as reached is not published (see the data file).
 */
export const rqs2: PointsScheme = {
  kind: 'points',
  id: second.id,
  title: second.title,
  version: second.version,
  range: { min: 0, max: second.scoring.maxHandcrafted },
  items: second.items.map((item) => readItem(item, `level ${item.readinessLevel}`)),
  groups: second.levels.map(({ level, title, items, maxHandcrafted }) => ({
    ...{ id: `level ${level}`, title, items, min: 0, max: maxHandcrafted },
  })),
  hasLevels: true,
  checkpoints: [],
  source: second.source,
};
