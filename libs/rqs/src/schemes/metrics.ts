import type { WeightedScheme } from '../scheme.js';
import json from './data/metrics.json' with { type: 'json' };
import { readItem } from './read-scheme.js';

/**
 * METhodological RadiomICs Score (Kocak 2024, doi:10.1186/s13244-023-01572-w): 30 weighted items in nine categories,
 * five conditions that take items out of the denominator, five bands.
 */
export const metrics: WeightedScheme = {
  kind: 'weights',
  id: json.id,
  title: json.title,
  version: json.version,
  items: json.items.map((item) => readItem(item, item.category)),
  groups: json.categories.map(({ id, title, items, weight }) => ({ id, title, items, min: 0, max: weight })),
  conditions: json.conditions.map(({ id, title, requires }) => ({ id, title, requires: requires ?? null })),
  bands: json.scoring.bands.map(({ label, min }) => ({ label, min })),
  source: json.source,
};
