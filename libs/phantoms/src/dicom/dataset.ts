import type { Keyword, ValueRepresentation } from './dictionary.js';

/** What an element may hold; an empty string or array is an empty (type 2) value. */
export type DicomValue = string | number | readonly string[] | readonly number[] | Uint8Array | readonly Dataset[];

/** An element outside the public dictionary, or one whose value representation differs from it. */
export interface ExtraElement {
  readonly tag: number;
  readonly vr: ValueRepresentation;
  readonly value: DicomValue;
}

/** A data set: values by keyword, and `extra` for private elements. The writer sorts by tag. */
export type Dataset = { readonly [K in Keyword]?: DicomValue } & { readonly extra?: readonly ExtraElement[] };

/** Item of a code sequence: value, scheme and meaning of PS3.3 section 8. */
export function code(value: string, scheme: string, meaning: string): Dataset {
  return { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning };
}
