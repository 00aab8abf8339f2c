import { validateBinary } from '@concord/validation';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { assertOutputFree, writeOutputs } from '../lib/files.js';
import { readTableFile } from '../lib/table-file.js';
import { outcomeColumn, scoreColumn, siteColumn, thresholdsOf } from '../validate/prediction-columns.js';
import { join } from 'node:path';

interface ValidateOptions {
  readonly outcome: string;
  readonly positive?: string;
  readonly score: readonly string[];
  readonly threshold?: readonly string[];
  readonly site?: string;
  readonly out: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  command
    .description('Validate locked scores against a binary outcome, by site and pooled; nothing is fitted to them.')
    .argument('<predictions>', 'CSV or Arrow, a row for each patient; - is stdin')
    .requiredOption('--outcome <column>', 'the outcome, 1 for an event and 0 for none')
    .option('--positive <value>', 'the value of the outcome that is an event')
    .requiredOption('--score <columns>', 'scores or risks, higher means more risk', collectList)
    .option('--threshold <column=value>', 'as locked: positive if score >= value', collectList)
    .option('--site <column>', 'the institution of each patient')
    .requiredOption('--out <folder>', 'report.html, report.json and figures')
    .option('--force', 'replace existing output')
    .action(async (path: string, options: ValidateOptions) => {
      assertOutputFree(join(options.out, 'report.json'), options.force);
      const thresholds = thresholdsOf(options.threshold ?? [], options.score);
      const table = await cli.timed('reading', () => readTableFile(path, cli));
      const outcomes = outcomeColumn(table, options.outcome, options.positive);
      const sites = options.site === undefined ? undefined : siteColumn(table, options.site);
      const scores = await cli.timed('validation', () =>
        options.score.map((score) => ({
          score,
          result: validateBinary({
            scores: scoreColumn(table, score),
            outcomes,
            sites,
            threshold: thresholds.get(score) ?? null,
          }),
        })),
      );
      const { validationReport } = await import('../validate/validation-report.js');
      const input = { outcome: options.outcome, scores, version: cli.version };
      const files = await cli.timed('figures', () => validationReport(input));
      writeOutputs(options.out, files, options.force);
      if (cli.isJson) {
        cli.print(files.get('report.json') ?? '');
        return;
      }
      const { estimateWords } = await import('@concord/figures');
      for (const { score, result } of scores) {
        const { auc, calibration, n, events } = result.pooled;
        cli.print(
          `${score}: AUC ${estimateWords(auc.logit)}, calibration slope ${estimateWords(calibration.slope)}, ` +
            `O:E ${estimateWords(calibration.observedExpected)}; ${n} patients, ${events} events`,
        );
      }
      cli.note(`report in ${options.out}`);
    });
  addExamples(
    command,
    'npx concord validate docs/examples/predictions.csv --outcome mvi --score risk --site site --out validation',
    'npx concord validate docs/examples/predictions.csv --outcome mvi --score risk --threshold risk=0.3 --out mvi',
  );
};
