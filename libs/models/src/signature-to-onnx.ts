import { DOUBLE, GRAPH } from './onnx-numbers.js';
import { doubles, integerAttribute, node, onnxModel, valueInfo, wholes, type OnnxExport } from './onnx-writer.js';
import { bytesField } from './protobuf.js';
import type { SignatureModel, SignatureTransform } from './signature.js';

/**
 * A signature as ONNX: every term is taken from its column, transformed, and weighed. The output is `score`, or the risks
 * by its link.
 */
export function signatureToOnnx(model: SignatureModel): OnnxExport {
  const { terms, features, link } = model;
  const parts = terms.flatMap(({ feature, transform }, t) => [
    node('Gather', ['features', `column${t}`], `value${t}`, [integerAttribute('axis', 1)]),
    wholes(`column${t}`, [features.indexOf(feature)]),
    ...transformNodes(transform, `value${t}`, `term${t}`),
  ]);
  const { nodes, output, dims, columns } = linkNodes(link);
  const graph = [
    ...parts,
    node(
      'Concat',
      terms.map((_, t) => `term${t}`),
      'terms',
      [integerAttribute('axis', 1)],
    ),
    node('MatMul', ['terms', 'coefficients'], 'sum'),
    node('Add', ['sum', 'intercept'], 'total'),
    ...nodes,
    bytesField(GRAPH.name, 'concord-signature'),
    doubles(
      'coefficients',
      [terms.length, 1],
      terms.map(({ coefficient }) => coefficient),
    ),
    doubles('intercept', [1, 1], [model.intercept]),
    bytesField(GRAPH.input, valueInfo('features', ['N', features.length])),
    bytesField(GRAPH.output, valueInfo(output, dims)),
  ];
  const notes = { 'concord.features': JSON.stringify(features), 'concord.format': model.format };
  return { bytes: onnxModel(graph, notes), features, output, columns };
}

function transformNodes(transform: SignatureTransform, from: string, to: string): Uint8Array[] {
  const constant = (value: number) => doubles(`${to}constant`, [1, 1], [value]);
  if (typeof transform !== 'string') {
    if ('above' in transform) {
      const flag = node('Greater', [from, `${to}constant`], `${to}flag`);
      return [flag, node('Cast', [`${to}flag`], to, [integerAttribute('to', DOUBLE)]), constant(transform.above)];
    }
    return [
      node('Sub', [from, `${to}mean`], `${to}centred`),
      node('Div', [`${to}centred`, `${to}constant`], to),
      doubles(`${to}mean`, [1, 1], [transform.mean]),
      constant(transform.sd),
    ];
  }
  switch (transform) {
    case 'none':
      return [node('Identity', [from], to)];
    case 'log':
      return [node('Log', [from], to)];
    case 'sqrt':
      return [node('Sqrt', [from], to)];
    case 'square':
      return [node('Mul', [from, from], to)];
    case 'log2':
    case 'log10':
      return [
        node('Log', [from], `${to}natural`),
        node('Div', [`${to}natural`, `${to}constant`], to),
        constant(transform === 'log2' ? Math.LN2 : Math.LN10),
      ];
  }
}

function linkNodes(link: SignatureModel['link']) {
  const vector = (name: string, from: string) => [node('Reshape', [from, 'shape'], name), wholes('shape', [-1])];
  if (link === 'none') return { nodes: vector('score', 'total'), output: 'score', dims: ['N'], columns: ['score'] };
  if (link === 'logit') {
    const nodes = [node('Sigmoid', ['total'], 'risk'), ...vector('probability', 'risk')];
    return { nodes, output: 'probability', dims: ['N'], columns: ['risk'] };
  }
  const { survival } = link;
  const nodes = [
    node('Exp', ['total'], 'ratio'),
    node('Mul', ['ratio', 'logSurvival'], 'logs'),
    node('Exp', ['logs'], 'survival'),
    node('Sub', ['one', 'survival'], 'risk'),
    doubles('one', [1, 1], [1]),
    doubles(
      'logSurvival',
      [1, survival.length],
      survival.map(({ value }) => Math.log(value)),
    ),
  ];
  const columns = survival.map(({ horizon }) => `risk_${horizon}`);
  return { nodes, output: 'risk', dims: ['N', survival.length], columns };
}
