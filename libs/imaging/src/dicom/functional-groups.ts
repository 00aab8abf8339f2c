import { corrupt, tagName, textOf, valueBytes, type DicomDataset } from './dataset.js';
import { itemsOf } from './read-dicom.js';

const SHARED_GROUPS = 0x52009229;
const FRAME_GROUPS = 0x52009230;

/** Where the attributes of one frame of a multi-frame object are found. */
export interface FrameGroups {
  /** The item of a functional group: of the frame, else the one that all share. */
  group(tag: number): DicomDataset | undefined;
}

/** The functional groups of each frame of an enhanced object; none for an object without them. */
export function frameGroupsOf(dataset: DicomDataset): FrameGroups[] {
  const shared = itemsOf(dataset, SHARED_GROUPS)[0];
  return itemsOf(dataset, FRAME_GROUPS).map((frame) => ({
    group: (tag) => itemsOf(frame, tag)[0] ?? (shared && itemsOf(shared, tag)[0]),
  }));
}

/** Whether an object says where its frames lie frame by frame. */
export function isEnhanced(dataset: DicomDataset): boolean {
  return dataset.elements.has(FRAME_GROUPS);
}

/** Values of an element of FD (doubles); none if it is absent. @throws {ImagingError} `CORRUPT` if it holds others */
export function doublesOf(dataset: DicomDataset, tag: number): number[] {
  const bytes = valueBytes(dataset, tag);
  if (!bytes) return [];
  if (!['FD', '', 'UN'].includes(dataset.elements.get(tag)?.vr ?? '') || bytes.length % 8 !== 0) {
    throw corrupt(`element ${tagName(tag)} holds no doubles, where they are due`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length >> 3 }, (_, n) => view.getFloat64(8 * n, dataset.syntax.isLittleEndian));
}

/** The first text among the functional groups named, as `[group, tag]`. */
export function groupText(groups: FrameGroups, places: readonly (readonly [number, number])[]): string | null {
  for (const [groupTag, tag] of places) {
    const item = groups.group(groupTag);
    const text = item && textOf(item, tag);
    if (text) return text;
  }
  return null;
}
