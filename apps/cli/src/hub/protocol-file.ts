import { parseProtocol, type StudyProtocol } from '@concord/contracts';
import { parse, stringify } from 'yaml';

import { imageProtocol, imageSites } from '../demo/protocols.js';
import { naming, UnsupportedFileError } from '../lib/errors.js';
import { readInputText } from '../lib/files.js';

export const TEMPLATES = ['images', 'table'] as const;
export type Template = (typeof TEMPLATES)[number];

/**
 * Reads a protocol from YAML or JSON and checks it as the hub will.
 *
 * @throws {UnsupportedFileError} for text that is neither
 * @throws {ConcordError} PROTOCOL_INVALID naming every field that is wrong
 */
export function readProtocolFile(path: string): StudyProtocol {
  const text = readInputText(path);
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    const what = `it is neither YAML nor JSON (${(error as Error).message.split('\n')[0]})`;
    throw new UnsupportedFileError(what, path, 'Start from concord study protocol --template images.', {
      cause: error,
    });
  }
  return naming(path, () => parseProtocol(value));
}

/** A whole protocol to start from: what it says is valid, but ids, names and outcomes are examples. */
export function templateProtocol(template: Template): StudyProtocol {
  const images = imageProtocol(imageSites(4), 1);
  const named = { ...images, studyId: 'my-study', title: 'What the study is to show' };
  if (template === 'images') return named;
  return {
    ...named,
    source: { kind: 'table' },
    features: ['feature_1', 'feature_2'],
    acquisition: [],
    outcome: { target: 'outcome', columns: [{ name: 'outcome', role: 'binary' }] },
  };
}

/** The template as YAML with a word on each part that must be changed. */
export function templateText(template: Template): string {
  const lines = stringify(templateProtocol(template), { lineWidth: 110 });
  const notes = [
    '# Protocol of a study. Once it is frozen it binds every site and cannot be changed.',
    '# Change: studyId, title, the outcome and its columns, the sites (invite each under its code).',
    template === 'images'
      ? '# regionName is the name of the outlined region (ROI or segment) at every site.'
      : '# features are columns of the sites’ own tables; no other column but the outcomes leaves a site.',
    '# Every role must occur: development sites fit the model, externalValidation sites only test it.',
  ];
  return `${notes.join('\n')}\n${lines}`;
}
