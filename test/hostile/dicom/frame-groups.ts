import { element, item, short } from './bytes.js';

export function sequence(tag: number, ...items: readonly Buffer[]): Buffer {
  return element(tag, 'SQ', Buffer.concat(items.map((content) => item(content))));
}

/** Where a frame lies, for enhanced images and segmentations: along the axes of the patient, segment 1. */
export function frameGroups(position: string, spacing = '0.9\\0.8'): Buffer {
  return Buffer.concat([
    sequence(0x00209113, element(0x00200032, 'DS', position)),
    sequence(0x00209116, element(0x00200037, 'DS', '1\\0\\0\\0\\1\\0')),
    sequence(0x00289110, element(0x00280030, 'DS', spacing)),
    sequence(0x0062000a, element(0x0062000b, 'US', short(1))),
  ]);
}
