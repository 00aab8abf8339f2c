import type { StudyProtocol } from '@concord/contracts';
import { VECTOR_DEFAULTS } from '@concord/privacy';
import { PRESETS, featureCatalogue } from '@concord/radiomics';
import { textValues, type FeatureTable } from '@concord/tables';

import { DemoInputError } from './demo.errors.js';

export interface DemoSite {
  readonly code: string;
  readonly name: string;
}

const HOSPITALS = ['Alder', 'Birch', 'Cedar', 'Durmast', 'Elm', 'Fir', 'Ginkgo', 'Hazel'];

/** Invented hospitals, one a letter. */
export function imageSites(count: number): DemoSite[] {
  return Array.from({ length: count }, (_, index) => {
    const letter = String.fromCharCode(97 + index);
    return { code: `site-${letter}`, name: `${HOSPITALS[index % HOSPITALS.length]} University Hospital` };
  });
}

/** Study on the synthetic consortium: agents extract CT features; all but the last two sites develop the model. */
export function imageProtocol(sites: readonly DemoSite[], seed: number): StudyProtocol {
  const extraction = PRESETS['ct-hcc'];
  const developing = sites.length - 2;
  return {
    ...commonProtocol(seed),
    studyId: 'hcc-mvi-ct',
    title: 'Microvascular invasion of hepatocellular carcinoma from CT',
    source: { kind: 'images', regionName: 'tumour', extraction: { ...extraction } },
    features: featureCatalogue(extraction).map((feature) => feature.name),
    acquisition: ['modality', 'manufacturer', 'model', 'kernel', 'sliceThicknessMm', 'kvp'],
    outcome: {
      target: 'mvi',
      columns: [
        { name: 'mvi', role: 'binary' },
        { name: 'time_to_recurrence_months', role: 'time' },
        { name: 'recurrence', role: 'event' },
      ],
    },
    sites: sites.map((site, index) => ({
      ...site,
      role: index < developing ? ('development' as const) : ('externalValidation' as const),
    })),
  };
}

/**
 * Study on a feature table: each batch is a site, the two largest develop the model.
 *
 * @throws {DemoInputError} if batch or outcome cannot make a study
 */
export function tableProtocol(table: FeatureTable, batch: string, outcome: string, seed: number): StudyProtocol {
  const counts = new Map<string, number>();
  for (const value of textOf(table, batch)) counts.set(value, (counts.get(value) ?? 0) + 1);
  checkSites(counts, batch);
  checkOutcome(table, outcome);
  const bySize = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  const features = table.columns
    .filter(({ kind, name }) => kind === 'number' && name !== batch && name !== outcome && !/_id$|^id$/i.test(name))
    .map(({ name }) => name);
  return {
    ...commonProtocol(seed),
    studyId: 'table-study',
    title: `${outcome} from ${features.length} features, ${counts.size} hospitals`,
    source: { kind: 'table' },
    features,
    acquisition: [],
    outcome: { target: outcome, columns: [{ name: outcome, role: 'binary' }] },
    sites: bySize.map((name, index) => ({
      code: siteCode(name),
      name,
      role: index < 2 ? ('development' as const) : ('externalValidation' as const),
    })),
  };
}

function checkSites(counts: ReadonlyMap<string, number>, batch: string): void {
  if (counts.size < 3) {
    throw new DemoInputError(
      `column ${batch} names ${counts.size} sites`,
      '--batch',
      'Give a column with at least three: two develop the model, the rest validate it.',
    );
  }
  const { minimumRows } = VECTOR_DEFAULTS;
  const small = [...counts].filter(([, count]) => count < minimumRows).map(([name, count]) => `${name} (${count})`);
  if (small.length > 0) {
    throw new DemoInputError(
      `no agent lets a table of fewer than ${minimumRows} patients out: ${small.join(', ')}`,
      `column ${batch}`,
      'Leave the rows of these sites out, or join sites.',
    );
  }
  const codes = [...counts.keys()].map(siteCode);
  const unclear = [...counts.keys()].filter((_, index) => {
    const code = codes[index] ?? '';
    return code === '' || codes.indexOf(code) !== index;
  });
  if (unclear.length > 0) {
    throw new DemoInputError(
      `these names give no code of their own in letters, digits and dashes: ${unclear.map((name) => `"${name}"`).join(', ')}`,
      `column ${batch}`,
      'Name every site of every row differently, with letters or digits.',
    );
  }
}

function checkOutcome(table: FeatureTable, outcome: string): void {
  const values = new Set(textOf(table, outcome));
  if (values.has('0') && values.has('1') && [...values].every((value) => ['0', '1', ''].includes(value))) return;
  throw new DemoInputError(
    'the outcome must be 0 or 1, and both must occur',
    `column ${outcome}`,
    'Name a column of zeros and ones with --outcome.',
  );
}

export function siteCode(batch: string): string {
  return batch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** A column as text, missing as empty. */
export function textOf(table: FeatureTable, name: string): string[] {
  return textValues(table, name).map((value) => value ?? '');
}

function commonProtocol(seed: number) {
  return {
    format: 'concord.protocol/1',
    harmonization: { method: 'combat', batch: 'site', empiricalBayes: 'parametric', stop: 'exact' },
    model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 5 },
    threshold: { rule: 'youden-development' },
    metrics: ['auc', 'calibration', 'classification', 'decision-curve', 'brier'],
    leakAuditReplicates: 50,
    seed,
  } as const satisfies Partial<StudyProtocol>;
}
