import { join } from 'node:path';
import { checkOnnx, digestOf, modelToOnnx, parseSignature, type OnnxSummary } from '@concord/models';
import type { Cli } from '../lib/cli.js';
import { naming, UsageError } from '../lib/errors.js';
import { assertOutputFree, readInput, readInputText, writeOutputs } from '../lib/files.js';
import { NotAModelError } from './errors.js';
import { jsonText, parseJson, type FitRecord, type ImportedModel, type StoredModel } from './model-folder.js';

export interface ImportOptions {
  readonly features?: readonly string[];
  readonly output?: string;
  readonly developmentSites?: readonly string[];
  readonly out: string;
  readonly force?: boolean;
}

/** Brings a model that others made into a folder like those that a fit writes: a published signature, or an ONNX file. */
export function importModel(path: string, options: ImportOptions, cli: Cli): void {
  assertOutputFree(join(options.out, 'model.json'), options.force);
  const isOnnx = /\.onnx$/i.test(path);
  const onnxBytes = isOnnx ? readInput(path) : null;
  const model: StoredModel =
    onnxBytes === null
      ? naming(path, () => parseSignature(parseJson(readInputText(path), path)))
      : importedOnnx(
          naming(path, () => checkOnnx(onnxBytes)),
          path,
          options,
        );
  const onnx = onnxBytes ?? (model.format === 'concord.onnx/1' ? new Uint8Array() : modelToOnnx(model).bytes);
  const json = jsonText(model);
  const record: FitRecord = {
    format: 'concord.fit/1',
    kind: isOnnx ? 'onnx' : 'signature',
    code: cli.version,
    seed: null,
    settings: {},
    tableDigest: null,
    patients: null,
    developmentSites: options.developmentSites ?? [],
    features: model.features,
    horizons: [],
    crossValidation: null,
    modelDigest: digestOf(json),
    onnxDigest: digestOf(onnx),
  };
  const files = new Map<string, string | Uint8Array>([
    ['model.json', json],
    ['model.onnx', onnx],
    ['fit.json', jsonText(record)],
  ]);
  writeOutputs(options.out, files, options.force);
  if (cli.isJson) cli.printJson(record);
  else cli.print(`${record.kind} of ${model.features.length} features: ${model.features.join(', ')}`);
}

function importedOnnx(summary: OnnxSummary, path: string, options: ImportOptions): ImportedModel {
  const [input, ...others] = summary.inputs;
  const wanted = input?.dims?.length === 2 ? input.dims[1] : null;
  if (others.length > 0 || wanted === null || (input.type !== 'float' && input.type !== 'double')) {
    const what = 'its input is not one table of float or double numbers, a row a patient';
    throw new NotAModelError(
      what,
      path,
      'See its inputs by concord model inspect; export it with one input [N, features].',
    );
  }
  const features = options.features ?? noted(summary.metadata['concord.features']);
  if (features?.length !== wanted) {
    throw new UsageError(
      `it takes ${wanted} features, and ${features?.length ?? 'none'} are named`,
      '--features',
      'Name them in the order of its input.',
    );
  }
  const output = options.output ?? summary.outputs[0].name;
  if (!summary.outputs.some(({ name }) => name === output)) {
    throw new UsageError(
      `it has no output ${output}`,
      '--output',
      `It has ${summary.outputs.map(({ name }) => name).join(', ')}.`,
    );
  }
  return {
    format: 'concord.onnx/1',
    features,
    input: { name: input.name, type: input.type },
    output,
    onnxDigest: summary.sha256,
  };
}

/** Names that Concord's own exports carry. */
function noted(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
