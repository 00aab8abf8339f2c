import type { StudyReport } from '@concord/reports';
import { parseCombatModel } from '@concord/harmonization';
import {
  compareScannerEffects,
  measureFeatures,
  scannerEffectsFromSums,
  type BatchCloud,
  type FeatureEffect,
  type ScannerEffect,
} from '@concord/scanner-effects';

import type { StepResult, StepTask } from '../step.task.js';
import { blockFeatures, blocksOf, sitesOf } from '../run.graph.js';
import { allSums, isFromSums } from './step-sums.js';
import { featuresOf, jsonBytes, jsonIn, stack, tableIn } from './step-tables.js';

/** The scanner effect before and after; summaries only. */
export interface EffectsRecord {
  readonly format: 'concord.scanner-effects/1';
  readonly report: Omit<NonNullable<StudyReport['scannerEffect']>, 'digest'>;
}

/** What one block of features gave, feature by feature. */
interface BlockRecord {
  readonly format: 'concord.effects-block/1';
  readonly before: readonly FeatureEffect[];
  readonly after: readonly FeatureEffect[];
}

/** Measures one block of features; what needs all of them comes when every block is there. */
export function measureBlock(task: StepTask): StepResult {
  const { before, after, batch } = rowsOf(task, blockFeatures(task.protocol, task.site ?? ''));
  const record: BlockRecord = {
    format: 'concord.effects-block/1',
    before: measureFeatures({ features: before, batch }),
    after: measureFeatures({ features: after, batch }),
  };
  return { effects: jsonBytes(record) };
}

/** These features of all sites, as released and harmonized. */
function rowsOf(task: StepTask, names: readonly string[]) {
  const sites = task.protocol.sites.map((site) => site.code);
  const raw = sites.map((site) => tableIn(task, `features:${site}`));
  const harmonized = sites.map((site) => tableIn(task, `harmonized:${site}`));
  return {
    before: stack(raw.map((table) => featuresOf(table, names))),
    after: stack(harmonized.map((table) => featuresOf(table, names))),
    batch: sites.flatMap((site, index) => new Array<string>(raw[index]?.rowCount ?? 0).fill(site)),
  };
}

/** The scanner effect by what the sites shared: rows, or sums. */
export function measureEffects(task: StepTask): StepResult {
  return isFromSums(task) ? effectsOfSums(task) : effectsOfRows(task);
}

/** Of the development sites: with sums alone, no model is locked that another site could be brought to. */
function effectsOfSums(task: StepTask): StepResult {
  const sums = allSums(task, sitesOf(task.protocol, 'development'));
  const model = parseCombatModel(jsonIn(task, 'harmonization'));
  const { before, after, features, test } = scannerEffectsFromSums(sums, model);
  const record: EffectsRecord = {
    format: 'concord.scanner-effects/1',
    report: { test, before: summaryOf(before), after: summaryOf(after), features, pca: null },
  };
  return { effects: jsonBytes(record) };
}

/** Compares all sites' features as released with the same features harmonized: development by the fit, the rest by its rule. */
function effectsOfRows(task: StepTask): StepResult {
  const { protocol } = task;
  const blocks = blocksOf(protocol).map((block) => jsonIn<BlockRecord>(task, `effects:${block}`));
  const measured = {
    before: blocks.flatMap((block) => block.before),
    after: blocks.flatMap((block) => block.after),
  };
  const { before, after, features, test, plane } = compareScannerEffects(
    rowsOf(task, protocol.features),
    'anova',
    blocks.length === 0 ? undefined : measured,
  );
  const record: EffectsRecord = {
    format: 'concord.scanner-effects/1',
    report: {
      test,
      before: summaryOf(before),
      after: summaryOf(after),
      features,
      pca: plane && { explained: plane.explained, before: plane.before.map(cloudOf), after: plane.after.map(cloudOf) },
    },
  };
  return { effects: jsonBytes(record) };
}

type Summary = Pick<ScannerEffect['summary'], 'testedCount' | 'anova' | 'meanEtaSquared'>;

function summaryOf({ summary }: { readonly summary: Summary }) {
  const { testedCount, anova, meanEtaSquared } = summary;
  return { testedCount, affectedCount: anova.count, share: anova.share, meanEtaSquared };
}

/** An ellipse, not the patients: a report goes further than the tables. */
function cloudOf({ batch, patientCount, centre, covariance }: BatchCloud) {
  return { site: batch, patientCount, centre, covariance, points: null };
}
