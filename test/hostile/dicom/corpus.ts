import { slice } from './bytes.js';
import { maskFiles, nifti, niftiFiles, nrrdFiles } from './format-files.js';
import { deflatedFiles, metaFiles, structureFiles, valueFiles } from './header-files.js';
import type { HostileFile } from './hostile-file.js';
import { codecFiles, fragmentFiles, sizeFiles, tableFiles, threeFrames } from './pixel-files.js';
import { segmentationFiles, structureSetFiles } from './region-files.js';

/** Every hostile file, the same bytes each time. */
export const CORPUS: readonly HostileFile[] = [
  metaFiles,
  structureFiles,
  deflatedFiles,
  valueFiles,
  sizeFiles,
  tableFiles,
  codecFiles,
  fragmentFiles,
  structureSetFiles,
  segmentationFiles,
  niftiFiles,
  nrrdFiles,
  maskFiles,
].flat();

/** The files that hostile ones are made of by a change: these must be read. */
export const BASES = { 'base.dcm': slice, 'base.nii': nifti, 'enhanced.dcm': threeFrames } as const;
