import { inspectOnnx, type OnnxPort, type OnnxSummary } from '@concord/models';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT, naming } from '../lib/errors.js';
import { readInput } from '../lib/files.js';

export const configure: Configure = (command, cli) => {
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
  addExamples(
    command,
    'npx concord model inspect docs/examples/risk.onnx',
    'npx concord model inspect docs/examples/risk.onnx --json',
  );
};

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
