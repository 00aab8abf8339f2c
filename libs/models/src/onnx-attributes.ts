import type { OnnxAttribute, OnnxNode } from './onnx-file.js';
import { ATTRIBUTE } from './onnx-numbers.js';
import { readText } from './protobuf.js';

/** An attribute of a node by its name. */
export function attributeOf(node: OnnxNode, name: string): OnnxAttribute | undefined {
  return node.attributes.find((attribute) => attribute.name === name);
}

/** Whole numbers of an attribute; null where the node has none of that name. */
export function integersOf(node: OnnxNode, name: string): number[] | null {
  const attribute = attributeOf(node, name);
  return attribute === undefined ? null : attribute.integers().map(Number);
}

/** One whole number of an attribute, or what stands for it where the node has none. */
export function integerOf(node: OnnxNode, name: string, otherwise: number): number {
  return integersOf(node, name)?.[0] ?? otherwise;
}

/** Text of an attribute, empty where the node has none. */
export function textOf(node: OnnxNode, name: string): string {
  const field = attributeOf(node, name)?.fields.find(({ field }) => field === ATTRIBUTE.text);
  return field === undefined ? '' : readText(field.bytes);
}

/** How many whole numbers and texts an attribute lists. */
export function lengthOf(node: OnnxNode, name: string): number {
  const attribute = attributeOf(node, name);
  if (attribute === undefined) return 0;
  const texts = attribute.fields.filter(({ field }) => field === ATTRIBUTE.texts).length;
  return texts + attribute.integers().length;
}
