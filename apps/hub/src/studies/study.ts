import { ContractError, parseProtocol, protocolDigest, type Digest, type StudyProtocol } from '@concord/contracts';

import { HubError } from '../errors/hub-error.js';

export type StudyState = 'draft' | 'frozen' | 'locked' | 'validated';

export interface Study {
  readonly id: string;
  readonly title: string;
  readonly state: StudyState;
  readonly protocol: StudyProtocol | null;
  /** Null until the study is frozen. */
  readonly protocolDigest: Digest | null;
  /** Rises by one with every change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly frozenAt: Date | null;
}

/** @throws {HubError} INPUT_INVALID */
export function newStudy(id: string, title: string, createdAt: Date): Study {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) {
    throw new HubError(
      'INPUT_INVALID',
      'a study id has lower-case letters, digits and dashes, 63 at most',
      'input.id',
      'Choose another id, for example hcc-2026.',
    );
  }
  if (title.trim() === '' || title.length > 300) {
    throw new HubError('INPUT_INVALID', 'the title is empty or longer than 300', 'input.title', 'Give it a title.');
  }
  const empty = { protocol: null, protocolDigest: null, frozenAt: null, version: 0 };
  return { id, title: title.trim(), state: 'draft', createdAt, ...empty };
}

/**
 * @throws {HubError} STUDY_CHANGED if somebody wrote since the caller read it
 * @throws {ContractError} STUDY_STATE if it is frozen; PROTOCOL_INVALID
 */
export function withProtocol(study: Study, protocol: unknown, expectedVersion: number): Study {
  requireDraft(study, 'its protocol cannot change any more');
  if (study.version !== expectedVersion) throw studyChanged(study.id);
  const parsed = parseProtocol(protocol);
  if (parsed.studyId !== study.id) {
    throw new ContractError(
      'PROTOCOL_INVALID',
      `studyId: the protocol is of study ${parsed.studyId}`,
      `study ${study.id}`,
      'Write the id of this study into the protocol.',
    );
  }
  return { ...study, protocol: parsed };
}

/**
 * Binds everybody to the protocol; there is no way back.
 *
 * @param siteCodes the sites that were invited
 * @throws {ContractError} STUDY_STATE if it is frozen already; PROTOCOL_INVALID without a protocol or with a site that
 *   was not invited
 * @throws {HubError} TITLE_NOT_CONFIRMED
 */
export function freezeStudy(study: Study, confirmTitle: string, siteCodes: readonly string[], at: Date): Study {
  requireDraft(study, 'it is frozen already');
  if (confirmTitle !== study.title) {
    throw new HubError(
      'TITLE_NOT_CONFIRMED',
      'the title typed is not the title of the study',
      `study ${study.id}`,
      'Freezing cannot be undone: type the whole title of the study to confirm it.',
    );
  }
  const { protocol } = study;
  if (protocol === null) {
    throw new ContractError('PROTOCOL_INVALID', 'there is no protocol', `study ${study.id}`, 'Write one first.');
  }
  const absent = protocol.sites.map((site) => site.code).filter((code) => !siteCodes.includes(code));
  if (absent.length > 0) {
    throw new ContractError(
      'PROTOCOL_INVALID',
      `sites of the protocol were not invited: ${absent.join(', ')}`,
      `study ${study.id}`,
      'Invite them, or take them out of the protocol.',
    );
  }
  return { ...study, state: 'frozen', protocolDigest: protocolDigest(protocol), frozenAt: at };
}

export function studyUnknown(id: string): HubError {
  return new HubError('STUDY_UNKNOWN', 'there is no such study', `study ${id}`, 'Look its id up in the list.');
}

export function studyExists(id: string): HubError {
  return new HubError('STUDY_EXISTS', 'there is a study of that id', `study ${id}`, 'Choose another id.');
}

export function studyChanged(id: string): HubError {
  return new HubError(
    'STUDY_CHANGED',
    'somebody changed the study since you read it',
    `study ${id}`,
    'Read it again and repeat your change.',
  );
}

function requireDraft(study: Study, consequence: string): void {
  if (study.state !== 'draft') {
    throw new ContractError(
      'STUDY_STATE',
      `the study is ${study.state}: ${consequence}`,
      `study ${study.id}`,
      'Make a new study for another protocol.',
    );
  }
}
