import type { Checklist } from '../scheme.js';
import clearJson from './data/clear.json' with { type: 'json' };
import ibsiJson from './data/ibsi-reporting.json' with { type: 'json' };
import tripodJson from './data/tripod-ai.json' with { type: 'json' };
import { groupsBySection, readItem, type ItemJson } from './read-scheme.js';

interface ChecklistJson {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly items: readonly (ItemJson & { readonly section: string })[];
  readonly source: { readonly primary: string; readonly crossChecked?: readonly string[] };
}

function checklist({ id, title, version, items, source }: ChecklistJson): Checklist {
  const read = items.map((item) => readItem(item, item.section));
  const { primary, crossChecked = [] } = source;
  return { kind: 'checklist', id, title, version, items: read, groups: groupsBySection(read), source: { primary, crossChecked } }; // prettier-ignore
}

/** CheckList for EvaluAtion of Radiomics research (Kocak 2023, doi:10.1186/s13244-023-01415-8): 58 items. */
export const clear = checklist(clearJson);

/** TRIPOD+AI (Collins 2024, doi:10.1136/bmj-2023-078378): 27 items, 52 with their parts. */
export const tripodAi = checklist(tripodJson);

/** IBSI’s guideline on reporting image processing and feature extraction: 104 entries. */
export const ibsiReporting = checklist(ibsiJson);
