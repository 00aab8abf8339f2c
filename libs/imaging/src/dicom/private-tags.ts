import { textOf, type DicomDataset } from './dataset.js';

/**
 * The tag of a private element, found by the name its maker reserved the block with; null if that name is not there.
 *
 * @param element 0x00 to 0xff, within the block
 */
export function privateTag(dataset: DicomDataset, group: number, creator: string, element: number): number | null {
  for (let block = 0x10; block <= 0xff; block++) {
    if (!dataset.elements.has(group * 0x10000 + block)) continue;
    if (textOf(dataset, group * 0x10000 + block) === creator) return group * 0x10000 + block * 0x100 + element;
  }
  return null;
}
