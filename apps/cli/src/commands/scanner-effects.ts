import { numberValues } from '@concord/tables';
import { columnRoles, type RoleOptions } from '../harmonize/column-roles.js';
import { effectReport } from '../harmonize/effect-report.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { UnsupportedFileError } from '../lib/errors.js';
import { writeOutputs } from '../lib/files.js';
import { readTableFile } from '../lib/table-file.js';

interface ScannerEffectsOptions extends Omit<RoleOptions, 'batch'> {
  readonly batch: string;
  readonly after?: string;
  readonly out: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  command
    .description('Measure how features differ between batches, before and after harmonization.')
    .argument('<table>', 'CSV or Arrow, a row for each patient; - is stdin')
    .requiredOption('--batch <column>', 'scanner, protocol or site')
    .requiredOption('--out <folder>', 'report.html and report.json')
    .option('--after <table>', 'the same rows after harmonization')
    .option('--covariates <columns>', 'not features', collectList)
    .option('--outcome <columns>', 'not features', collectList)
    .option('--id <columns>', 'identifiers', collectList)
    .option('--features <patterns>', 'feature columns, * and ? allowed', collectList)
    .option('--force', 'replace existing output')
    .action(async (path: string, options: ScannerEffectsOptions) => {
      const table = readTableFile(path, cli);
      const roles = columnRoles(table, { ...options, batch: [options.batch] });
      const harmonized = options.after === undefined ? null : readTableFile(options.after, cli);
      if (harmonized !== null && harmonized.rowCount !== table.rowCount) {
        throw new UnsupportedFileError(
          `it has ${harmonized.rowCount} rows, the table before ${table.rowCount}`,
          options.after ?? '',
          'Give the result of harmonizing the same table.',
        );
      }
      const after = harmonized && roles.features.map(({ name }) => ({ name, values: numberValues(harmonized, name) }));
      const files = await effectReport({
        title: 'Scanner effects',
        batchColumn: options.batch,
        batch: roles.batches[0].labels,
        before: roles.features,
        after,
        notes: [],
        details: {},
        version: cli.version,
      });
      writeOutputs(options.out, files, options.force);
      const document = files.get('report.json') ?? '';
      if (cli.isJson) cli.print(document);
      else {
        const { before, after: left } = JSON.parse(document) as Record<'before' | 'after', EffectSummary | null>;
        for (const [state, effect] of [['before', before] as const, ['after', left] as const]) {
          if (effect) cli.print(`${after ? `${state}: ` : ''}${sentence(effect)}`);
        }
        cli.note(`report in ${options.out}`);
      }
    });
  addExamples(
    command,
    'npx concord scanner-effects docs/examples/three-scanners.csv --batch scanner --covariates age --outcome event --out effects',
    'npx concord scanner-effects docs/examples/three-scanners.csv --batch scanner --features "*Emphasis,entropy,contrast" --out some-effects',
  );
};

interface EffectSummary {
  readonly summary: {
    readonly testedCount: number;
    readonly anova: { readonly count: number };
    readonly kruskalWallis: { readonly count: number };
    readonly brownForsythe: { readonly count: number };
    readonly meanEtaSquared: number | null;
  };
}

function sentence({ summary }: EffectSummary): string {
  const { testedCount, anova, kruskalWallis, brownForsythe, meanEtaSquared } = summary;
  return (
    `${anova.count} of ${testedCount} features differ in location (ANOVA), ${kruskalWallis.count} (Kruskal-Wallis), ` +
    `${brownForsythe.count} in spread (Brown-Forsythe), mean eta2 ${meanEtaSquared?.toFixed(3) ?? '-'}`
  );
}
