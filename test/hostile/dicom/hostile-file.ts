/** A file that must be refused, and by which code. */
export interface HostileFile {
  /** Its name in a folder, unique. */
  readonly name: string;
  readonly code: string;
  readonly bytes: () => Buffer;
  /** How it reaches the reader: as an image, or as the region of an image that is right. */
  readonly as: 'image' | 'seg' | 'rtstruct' | 'mask';
}

type Entry = readonly [name: string, code: string, bytes: () => Buffer];

export function hostile(folder: string, extension: string, entries: readonly Entry[], as: HostileFile['as'] = 'image') {
  return entries.map(([name, code, bytes]): HostileFile => ({
    name: `${folder}-${name}${extension}`,
    code,
    bytes,
    as,
  }));
}
