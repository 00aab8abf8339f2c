import { inspectOnnx, type OnnxPort, type OnnxSummary } from '@concord/models';
import type { Command } from 'commander';
import type { Cli } from '../lib/cli.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { EXIT, naming } from '../lib/errors.js';
import { readInput } from '../lib/files.js';
import { addFitOptions, numberList, type FitOptions } from '../model/fit-options.js';
import type { ImportOptions } from '../model/import-model.js';
import type { LockOptions } from '../model/lock-model.js';
import type { PredictOptions } from '../model/predict-table.js';

export const configure: Configure = (command, cli) => {
  command.description('Fit, lock and apply models; say what foreign ones would do before they are run.');
  addFit(command, cli);
  addImport(command, cli);
  addNomogram(command, cli);
  addLock(command, cli);
  addPredict(command, cli);
  addInspect(command, cli);
  addExamples(
    command,
    'npx concord model fit docs/examples/three-scanners.csv --kind elastic-net --outcome event --features entropy,contrast,volume --out model',
    'npx concord model inspect docs/examples/risk.onnx',
  );
};

function addFit(command: Command, cli: Cli): void {
  const fit = command
    .command('fit')
    .description('fit a model to development patients, and cross-validate the whole way');
  addFitOptions(fit);
  fit.action(async (path: string, options: FitOptions) => {
    const { fitTable } = await import('../model/fit-table.js');
    await fitTable(path, options, cli);
  });
}

function addImport(command: Command, cli: Cli): void {
  command
    .command('import')
    .description('bring in a published signature (JSON: formula and cut-off) or an ONNX file')
    .argument('<file>', 'a .json or an .onnx file')
    .option('--features <names>', 'of an ONNX file, in the order of its input', collectList)
    .option('--output <name>', 'of an ONNX file; default: the first')
    .option('--development-sites <names>', 'whose patients the model was developed on', collectList)
    .requiredOption('--out <folder>', 'model.json, model.onnx, fit.json')
    .option('--force', 'replace existing output')
    .action(async (path: string, options: ImportOptions) => {
      const { importModel } = await import('../model/import-model.js');
      importModel(path, options, cli);
    });
}

function addNomogram(command: Command, cli: Cli): void {
  command
    .command('nomogram')
    .description('print the points of a logistic or Cox model')
    .argument('<folder>', 'as concord model fit wrote it')
    .action(async (folder: string) => {
      const { printNomogram } = await import('../model/nomogram.js');
      printNomogram(folder, cli);
    });
}

function addLock(command: Command, cli: Cli): void {
  command
    .command('lock')
    .description('fix a model with all that belongs to it, before outcomes of other sites are opened')
    .argument('<folder>', 'as concord model fit wrote it')
    .requiredOption('--threshold <column=value>', 'positive if score >= value; risk=youden takes the one of the fit')
    .option('--harmonization <file>', 'the harmonization model that features went through')
    .option('--protocol <file>', 'the analysis plan; default: how the model was fitted')
    .option('--development-sites <names>', 'whose patients the model was developed on', collectList)
    .requiredOption('--out <file>', 'lock.json')
    .option('--force', 'replace existing output')
    .action(async (folder: string, options: LockOptions) => {
      const { lockModel } = await import('../model/lock-model.js');
      lockModel(folder, options, cli);
    });
}

function addPredict(command: Command, cli: Cli): void {
  command
    .command('predict')
    .description('predict the patients of a table, changing nothing of the model')
    .argument('<folder>', 'as concord model fit or import wrote it')
    .argument('<table>', 'CSV or Arrow, a row for each patient; - is stdin')
    .option('--lock <file>', 'refuse (exit 5) a model that is not the locked one')
    .option('--horizons <times>', 'of a Cox model; default: those of the fit', numberList)
    .requiredOption('--out <file>', 'the table without features of the model, with predictions')
    .option('--force', 'replace existing output')
    .action(async (folder: string, path: string, options: PredictOptions) => {
      const { predictTable } = await import('../model/predict-table.js');
      await predictTable(folder, path, options, cli);
    });
}

function addInspect(command: Command, cli: Cli): void {
  command
    .command('inspect')
    .description('say what an ONNX file would do, without running it; exit 3 if Concord would not run it')
    .argument('<file>', 'an .onnx file')
    .action((path: string) => {
      const summary = naming(path, () => inspectOnnx(readInput(path)));
      if (cli.isJson) cli.printJson(summary);
      else cli.print(inWords(summary));
      if (summary.refusals.length > 0) cli.exitCode = EXIT.inputRefused;
    });
}

function inWords(summary: OnnxSummary): string {
  const { refusals, operators, opsets, metadata } = summary;
  return [
    `sha256     ${summary.sha256}`,
    `size       ${summary.fileBytes} bytes, constants ${summary.constantBytes} bytes`,
    ...(refusals.length === 0
      ? [`memory     ${summary.memoryBytes} bytes for the inputs and results of one patient`]
      : []),
    `made by    ${summary.producer || 'not said'}, IR version ${summary.irVersion}`,
    `needs      ${opsets.map(({ domain, version }) => `${domain || 'ai.onnx'} ${version}`).join(', ')}`,
    ...summary.inputs.map((input) => `input      ${portWords(input)}`),
    ...summary.outputs.map((output) => `output     ${portWords(output)}`),
    `operators  ${operators.map(({ name, count }) => `${name} × ${count}`).join(', ')}`,
    ...Object.entries(metadata).map(([key, value]) => `says       ${key}: ${value}`),
    ...(refusals.length === 0 ? ['Concord runs it.'] : refusals.map((reason) => `refused: ${reason}`)),
  ].join('\n');
}

function portWords({ name, type, dims }: OnnxPort): string {
  return `${name}: ${type} [${dims?.join(', ') ?? 'any shape'}]`;
}
