import { InvalidArgumentError } from 'commander';
import type { CombatModel } from '@concord/harmonization';
import { numberValues, textValues } from '@concord/tables';
import { columnRoles, type RoleOptions } from '../harmonize/column-roles.js';
import { effectReport } from '../harmonize/effect-report.js';
import { methodModel } from '../harmonize/model-facts.js';
import { readModel } from '../harmonize/outputs.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { UnsupportedFileError, UsageError } from '../lib/errors.js';
import { writeOutputs } from '../lib/files.js';
import { readTableFile } from '../lib/table-file.js';

interface ScannerEffectsOptions extends Omit<RoleOptions, 'batch'> {
  readonly batch: string;
  readonly after?: string;
  readonly model?: string;
  readonly factors?: readonly string[];
  readonly permutations: number;
  readonly seed: number;
  readonly out: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  command
    .description('Measure how features differ between batches, before and after harmonization.')
    .argument('<table>', 'CSV or Arrow, a row for each patient; - is stdin')
    .requiredOption('--batch <column>', 'scanner, protocol or site')
    .requiredOption('--out <folder>', 'report.html, report.json, features.csv and figures')
    .option('--after <table>', 'the same rows after harmonization')
    .option('--model <file>', 'the model.json that made them')
    .option('--covariates <columns>', 'effects to look after', collectList)
    .option('--categorical <columns>', 'covariates coded by level though numeric', collectList)
    .option('--outcome <columns>', 'not features; the first, of two values, is looked after', collectList)
    .option('--subject <column>', 'who was measured in several batches: adds repeatability')
    .option('--factors <columns>', 'kernel, slice thickness …: their shares of variance', collectList)
    .option('--id <columns>', 'identifiers', collectList)
    .option('--features <patterns>', 'feature columns, * and ? allowed', collectList)
    .option('--permutations <count>', 'shuffles of the batch for p-values', wholeNumber, 19)
    .option('--seed <number>', 'of shuffles and folds', wholeNumber, 1)
    .option('--force', 'replace existing output')
    .action(async (path: string, options: ScannerEffectsOptions) => {
      const table = await cli.timed('reading', () => readTableFile(path, cli));
      const others = options.factors ?? [];
      const roles = columnRoles(table, { ...options, batch: [options.batch], others });
      const after = options.after === undefined ? null : readAfter(options.after, table.rowCount);
      const labelled = (name: string) => ({ name, labels: textValues(table, name) });
      const outcome = options.outcome?.[0];
      const files = await cli.timed('measuring', () =>
        effectReport({
          title: 'Scanner effects',
          batch: roles.batches[0],
          before: roles.features,
          after: after && roles.features.map(({ name }) => ({ name, values: numberValues(after, name) })),
          covariates: roles.covariates,
          outcome: outcome === undefined ? null : labelled(outcome),
          subject: roles.subject ?? null,
          factors: others.map(labelled),
          model: options.model === undefined ? null : combatIn(options.model),
          seed: options.seed,
          permutations: options.permutations,
          notes: [],
          details: {},
          version: cli.version,
        }),
      );
      writeOutputs(options.out, files, options.force);
      const document = files.get('report.json') ?? '';
      if (cli.isJson) cli.print(document);
      else {
        const { before, after: left, verdict } = JSON.parse(document) as EffectDocument;
        for (const [state, effect] of [['before', before] as const, ['after', left] as const]) {
          if (effect) cli.print(`${after ? `${state}: ` : ''}${sentence(effect)}`);
        }
        cli.print(verdict.sentences[2]);
        cli.note(`report in ${options.out}`);
      }
    });
  addExamples(
    command,
    'npx concord scanner-effects docs/examples/three-scanners.csv --batch scanner --covariates age --outcome event --out effects',
    'npx concord scanner-effects docs/examples/three-scanners.csv --batch scanner --features "*Emphasis,entropy,contrast" --out some-effects',
  );

  function readAfter(path: string, rowCount: number) {
    const harmonized = readTableFile(path, cli);
    if (harmonized.rowCount === rowCount) return harmonized;
    throw new UnsupportedFileError(
      `it has ${harmonized.rowCount} rows, the table before ${rowCount}`,
      path,
      'Give the result of harmonizing the same table.',
    );
  }
};

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function combatIn(file: string): CombatModel {
  const model = methodModel(readModel(file));
  if (model.format === 'concord.combat/2') return model;
  throw new UsageError('only the corrections of plain ComBat can be drawn', '--model', 'Leave it out.');
}

interface EffectSummary {
  readonly summary: {
    readonly testedCount: number;
    readonly anova: { readonly count: number };
    readonly kruskalWallis: { readonly count: number };
    readonly brownForsythe: { readonly count: number };
    readonly meanEtaSquared: number | null;
  };
}

interface EffectDocument {
  readonly before: EffectSummary;
  readonly after: EffectSummary | null;
  readonly verdict: { readonly sentences: readonly string[] };
}

function sentence({ summary }: EffectSummary): string {
  const { testedCount, anova, kruskalWallis, brownForsythe, meanEtaSquared } = summary;
  return (
    `${anova.count} of ${testedCount} features differ in location (ANOVA), ${kruskalWallis.count} (Kruskal-Wallis), ` +
    `${brownForsythe.count} in spread (Brown-Forsythe), mean eta2 ${meanEtaSquared?.toFixed(3) ?? '-'}`
  );
}
