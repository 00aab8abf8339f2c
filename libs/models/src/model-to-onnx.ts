import { logisticToOnnx, onnxFeatures } from './logistic-to-onnx.js';
import type { CoxModel } from './cox-model.js';
import type { NamedColumn } from './logistic-model.js';
import type { SvmModel } from './linear-svm.js';
import { ModelInputError } from './errors.js';
import { standardizedRows } from './clusters/standardize.js';
import { DOUBLE, GRAPH, INT64 } from './onnx-numbers.js';
import {
  doubles,
  doublesAttribute,
  integerAttribute,
  integersAttribute,
  ML_DOMAIN,
  node,
  onnxModel,
  textAttribute,
  textsAttribute,
  valueInfo,
  wholes,
  type OnnxExport,
} from './onnx-writer.js';
import { columnsOf, logHazards, type ClusterModel, type PredictionModel } from './prediction.js';
import { bytesField } from './protobuf.js';
import { signatureToOnnx } from './signature-to-onnx.js';
import type { ForestModel } from './trees/random-forest.js';
import type { SurvivalForestModel } from './trees/survival-forest.js';
import type { Tree } from './trees/tree.js';

/**
 * Writes a model as ONNX, in double precision but for the last step of forests (the runtime sums trees to float).
 *
 * Features go in as they are, or standardised in double beforehand where the model holds a standardisation (support vector
 * machine, clusters); metadata say which: `concord.features`, `concord.standardization`, `concord.horizons`.
 *
 * @param horizons of a Cox model
 * @throws {ModelInputError} for a Cox model without horizons
 */
export function modelToOnnx(model: PredictionModel, horizons: readonly number[] = []): OnnxExport {
  switch (model.format) {
    case 'concord.logistic/1':
    case 'concord.logistic-fit/1':
      return exported(logisticToOnnx(model), usedFeatures(model), 'probability', ['risk']);
    case 'concord.cox/1':
      return coxToOnnx(model, horizons);
    case 'concord.svm/1':
      return svmToOnnx(model);
    case 'concord.forest/1':
      return forestToOnnx(model, model.trees, 1, 'probability', ['risk']);
    case 'concord.survival-forest/1':
      return survivalForestToOnnx(model);
    case 'concord.clusters/1':
      return clustersToOnnx(model);
    case 'concord.signature/1':
      return signatureToOnnx(model);
  }
}

/**
 * The input `features` of a model's ONNX form, row after row.
 *
 * @throws {ModelFeatureError} if a feature is absent or missing for a patient
 */
export function onnxInput(
  model: PredictionModel,
  columns: readonly NamedColumn[],
): { data: Float64Array; dims: [number, number] } {
  const rows = columns[0]?.values.length ?? 0;
  if ('standardization' in model) {
    return { data: standardizedRows(model.standardization, columns), dims: [rows, model.features.length] };
  }
  const used = columnsOf(usedFeatures(model), columns);
  const data = new Float64Array(rows * used.length);
  used.forEach((values, j) => {
    for (let i = 0; i < rows; i++) data[i * used.length + j] = values[i];
  });
  return { data, dims: [rows, used.length] };
}

function usedFeatures(model: PredictionModel): readonly string[] {
  return 'coefficients' in model && !('standardization' in model) ? onnxFeatures(model) : model.features;
}

function exported(
  bytes: Uint8Array,
  features: readonly string[],
  output: string,
  columns: readonly string[],
): OnnxExport {
  return { bytes, features, output, columns };
}

const input = (count: number) => bytesField(GRAPH.input, valueInfo('features', ['N', count]));
const output = (name: string, dims: readonly (string | number)[], element = DOUBLE) =>
  bytesField(GRAPH.output, valueInfo(name, dims, element));
const graphName = (name: string) => bytesField(GRAPH.name, name);
const notesOf = (model: PredictionModel, features: readonly string[]) => ({
  'concord.features': JSON.stringify(features),
  'concord.format': model.format,
  ...('standardization' in model && { 'concord.standardization': JSON.stringify(model.standardization) }),
});

function coxToOnnx(model: CoxModel, horizons: readonly number[]): OnnxExport {
  if (horizons.length === 0) {
    throw new ModelInputError('no horizon was given', 'modelToOnnx(horizons)', 'Name the times that risks are for.');
  }
  const features = onnxFeatures(model);
  const weights = features.map((name) => model.coefficients[model.features.indexOf(name)]);
  const graph = [
    node('MatMul', ['features', 'coefficients'], 'lp'),
    node('Add', ['lp', 'logHazards'], 'logs'),
    node('Exp', ['logs'], 'hazards'),
    node('Neg', ['hazards'], 'negative'),
    node('Exp', ['negative'], 'survival'),
    node('Sub', ['one', 'survival'], 'risk'),
    graphName('concord-cox'),
    doubles('coefficients', [features.length, 1], weights),
    doubles('logHazards', [1, horizons.length], logHazards(model, horizons)),
    doubles('one', [1, 1], [1]),
    input(features.length),
    output('risk', ['N', horizons.length]),
    output('lp', ['N', 1]),
  ];
  const notes = { ...notesOf(model, features), 'concord.horizons': JSON.stringify(horizons) };
  return exported(
    onnxModel(graph, notes),
    features,
    'risk',
    horizons.map((time) => `risk_${time}`),
  );
}

function svmToOnnx(model: SvmModel): OnnxExport {
  const { slope, intercept } = model.calibration;
  const count = model.features.length;
  const logit = model.coefficients.map((coefficient) => slope * coefficient);
  const graph = [
    node('MatMul', ['features', 'coefficients'], 'product'),
    node('Add', ['product', 'intercept'], 'logit'),
    node('Sigmoid', ['logit'], 'risk'),
    node('Reshape', ['risk', 'shape'], 'probability'),
    graphName('concord-svm'),
    doubles('coefficients', [count, 1], logit),
    doubles('intercept', [1, 1], [slope * model.intercept + intercept]),
    wholes('shape', [-1]),
    input(count),
    output('probability', ['N']),
  ];
  return exported(onnxModel(graph, notesOf(model, model.features)), model.features, 'probability', ['risk']);
}

/** |x - c|² less |x|²: the centre of the least is the nearest. */
function clustersToOnnx(model: ClusterModel): OnnxExport {
  const { centres, features } = model;
  const turned = features.flatMap((_, j) => centres.map((centre) => -2 * centre[j]));
  const squares = centres.map((centre) => centre.reduce((sum, value) => sum + value * value, 0));
  const graph = [
    node('MatMul', ['features', 'centres'], 'product'),
    node('Add', ['product', 'squares'], 'distances'),
    node('ArgMin', ['distances'], 'nearest', [integerAttribute('axis', 1), integerAttribute('keepdims', 0)]),
    node('Add', ['nearest', 'one'], 'cluster'),
    graphName('concord-clusters'),
    doubles('centres', [features.length, centres.length], turned),
    doubles('squares', [1, centres.length], squares),
    wholes('one', [1]),
    input(features.length),
    output('cluster', ['N'], INT64),
  ];
  return exported(onnxModel(graph, notesOf(model, features)), features, 'cluster', ['cluster']);
}

function survivalForestToOnnx(model: SurvivalForestModel): OnnxExport {
  const { horizons } = model;
  // The mortality, the first value of a leaf, stays out: sums of hundreds do not fit a float to 1e-6.
  const trees = model.trees.map((tree) => {
    const values = tree.values.filter((_, i) => i % (1 + horizons.length) !== 0);
    return {
      ...tree,
      values,
      leaf: tree.leaf.map((at) => (at < 0 ? at : (at / (1 + horizons.length)) * horizons.length)),
    };
  });
  return forestToOnnx(
    model,
    trees,
    horizons.length,
    'risk',
    horizons.map((time) => `risk_${time}`),
  );
}

function forestToOnnx(
  model: ForestModel | SurvivalForestModel,
  trees: readonly Tree[],
  width: number,
  name: string,
  columns: readonly string[],
): OnnxExport {
  const { features } = model;
  const isVector = width === 1 && model.format === 'concord.forest/1';
  const graph = [
    node('TreeEnsembleRegressor', ['features'], 'means', forestAttributes(trees, width), ML_DOMAIN),
    node('Cast', ['means'], isVector ? 'wide' : name, [integerAttribute('to', DOUBLE)]),
    ...(isVector ? [node('Reshape', ['wide', 'shape'], name), wholes('shape', [-1])] : []),
    graphName('concord-forest'),
    input(features.length),
    output(name, isVector ? ['N'] : ['N', width]),
  ];
  const horizons: Record<string, string> =
    'horizons' in model ? { 'concord.horizons': JSON.stringify(model.horizons) } : {};
  return exported(onnxModel(graph, { ...notesOf(model, features), ...horizons }, true), features, name, columns);
}

function forestAttributes(trees: readonly Tree[], width: number): Uint8Array[] {
  const nodes = trees.flatMap((tree, treeId) =>
    tree.feature.map((feature, nodeId) => ({ tree, treeId, feature, nodeId })),
  );
  const ids = (pick: (entry: (typeof nodes)[number]) => number) => nodes.map(pick);
  const targets = nodes
    .filter(({ feature }) => feature < 0)
    .flatMap(({ tree, treeId, nodeId }) =>
      Array.from({ length: width }, (_, k) => ({ treeId, nodeId, k, value: tree.values[tree.leaf[nodeId] + k] })),
    );
  return [
    integersAttribute(
      'nodes_treeids',
      ids(({ treeId }) => treeId),
    ),
    integersAttribute(
      'nodes_nodeids',
      ids(({ nodeId }) => nodeId),
    ),
    integersAttribute(
      'nodes_featureids',
      ids(({ feature }) => Math.max(feature, 0)),
    ),
    doublesAttribute(
      'nodes_values_as_tensor',
      ids(({ tree, nodeId }) => tree.threshold[nodeId]),
    ),
    textsAttribute(
      'nodes_modes',
      nodes.map(({ feature }) => (feature < 0 ? 'LEAF' : 'BRANCH_LEQ')),
    ),
    integersAttribute(
      'nodes_truenodeids',
      ids(({ tree, nodeId }) => Math.max(tree.left[nodeId], 0)),
    ),
    integersAttribute(
      'nodes_falsenodeids',
      ids(({ tree, nodeId }) => Math.max(tree.right[nodeId], 0)),
    ),
    integersAttribute(
      'target_treeids',
      targets.map(({ treeId }) => treeId),
    ),
    integersAttribute(
      'target_nodeids',
      targets.map(({ nodeId }) => nodeId),
    ),
    integersAttribute(
      'target_ids',
      targets.map(({ k }) => k),
    ),
    doublesAttribute(
      'target_weights_as_tensor',
      targets.map(({ value }) => value),
    ),
    integerAttribute('n_targets', width),
    textAttribute('aggregate_function', 'AVERAGE'),
  ];
}
