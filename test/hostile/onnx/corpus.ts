import { boundFiles, workFiles } from './size-files.js';
import { brokenFiles, outsideFiles, structureFiles } from './structure-files.js';
import type { Bytes } from './bytes.js';

/** A model that must not give an answer: how Concord refuses it, or ends it. */
export interface HostileModel {
  readonly name: string;
  readonly code: string;
  readonly bytes: () => Bytes;
}

/** Every hostile model, the same bytes each time. */
export const CORPUS: readonly HostileModel[] = [
  outsideFiles,
  structureFiles,
  brokenFiles,
  boundFiles,
  workFiles,
].flatMap((entries) => entries.map(([name, code, bytes]) => ({ name: `${name}.onnx`, code, bytes })));
