import type { LogisticCoefficients } from './prediction.js';
import { GRAPH } from './onnx-numbers.js';
import { doubles, node, onnxModel, valueInfo, wholes } from './onnx-writer.js';
import { bytesField } from './protobuf.js';

/**
 * Features that the ONNX form of a model takes, in the order of its input's columns: those with a coefficient, or the
 * first one where none has (an input cannot be empty).
 */
export function onnxFeatures(model: Pick<LogisticCoefficients, 'features' | 'coefficients'>): string[] {
  const used = model.features.filter((_, j) => model.coefficients[j] !== 0);
  return used.length > 0 ? used : model.features.slice(0, 1);
}

/**
 * The model as an ONNX file: input `features`, double [N, p] in the order of `onnxFeatures`; output `probability`,
 * double [N]. The same model gives the same bytes; the feature names are in the metadata as JSON.
 */
export function logisticToOnnx(model: LogisticCoefficients): Uint8Array {
  const features = onnxFeatures(model);
  const weights = features.map((name) => model.coefficients[model.features.indexOf(name)]);
  const count = features.length;
  const graph = [
    node('MatMul', ['features', 'coefficients'], 'product'),
    node('Add', ['product', 'intercept'], 'logit'),
    node('Sigmoid', ['logit'], 'risk'),
    node('Reshape', ['risk', 'shape'], 'probability'),
    bytesField(GRAPH.name, 'concord-logistic'),
    doubles('coefficients', [count, 1], weights),
    doubles('intercept', [1, 1], [model.intercept]),
    wholes('shape', [-1]),
    bytesField(GRAPH.input, valueInfo('features', ['N', count])),
    bytesField(GRAPH.output, valueInfo('probability', ['N'])),
  ];
  return onnxModel(graph, { 'concord.features': JSON.stringify(features), 'concord.format': model.format });
}
