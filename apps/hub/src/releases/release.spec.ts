import type { MessageHeader, ReleaseKind, SiteRole } from '@concord/contracts';

import { newSite, type Site } from '../sites/site.js';
import { freezeStudy, newStudy, type StudyState } from '../studies/study.js';
import { TEST_PROTOCOL } from '../test-site.js';
import { decideRelease, waitingFor, wantedOf, type Release, type ReleaseFacts } from './release.js';

const at = new Date('2026-03-01T08:00:00Z');
const frozen = freezeStudy(
  { ...newStudy('trial', 'A trial', at), protocol: TEST_PROTOCOL },
  'A trial',
  ['site-a', 'site-b'],
  at,
);
const LOCK = 'e'.repeat(64);

function facts(
  role: SiteRole | null,
  state: StudyState,
  received: ReleaseKind[] = [],
  over: Partial<Site> = {},
): ReleaseFacts {
  const site = {
    ...newSite('trial', 'site-a', 'A'),
    role,
    joinedAt: at,
    signKey: 'k',
    sequence: received.length,
    ...over,
  };
  const releases = received.map((kind, index) => ({ kind, sequence: index + 1, siteCode: 'site-a' }) as Release);
  const isLocked = state === 'locked' || state === 'validated';
  return {
    study: { ...frozen, state },
    site,
    releases,
    lockDigest: isLocked ? LOCK : null,
    hasPredictions: isLocked,
    pooledDigest: null,
  };
}

const kinds = (given: ReleaseFacts) => wantedOf(given).map(({ kind, lockDigest }) => `${kind} ${lockDigest ?? 'open'}`);

describe('wantedOf', () => {
  it.each([
    ['development', 'draft', [], []],
    ['development', 'frozen', [], ['features open', 'outcomes open']],
    ['development', 'frozen', ['features'], ['outcomes open']],
    ['development', 'frozen', ['features', 'outcomes'], []],
    ['externalValidation', 'frozen', [], ['features open']],
    ['externalValidation', 'frozen', ['features'], []],
    ['externalValidation', 'locked', ['features'], [`outcomes ${LOCK}`]],
    ['externalValidation', 'locked', ['features', 'outcomes'], []],
    [null, 'frozen', [], []],
  ] as const)('of a %s site of a study that is %s and has %j is %j', (role, state, received, wanted) => {
    expect(kinds(facts(role, state, [...received]))).toEqual(wanted);
  });

  it('wants no outcome of a validation site while a lock is written but the study not locked', () => {
    expect(kinds({ ...facts('externalValidation', 'frozen', ['features']), lockDigest: LOCK })).toEqual([]);
  });
});

describe('waitingFor', () => {
  it('says it in words', () => {
    expect(waitingFor(facts('development', 'frozen', [], { joinedAt: null }))).toBe('to join');
    expect(waitingFor(facts('development', 'frozen'))).toBe('its features and outcomes');
    expect(waitingFor(facts('externalValidation', 'frozen', ['features']))).toBeNull();
  });
});

describe('decideRelease', () => {
  const header = (over: Partial<MessageHeader>): MessageHeader => ({
    format: 'concord.message/1',
    kind: 'features',
    studyId: 'trial',
    site: 'site-a',
    sequence: 1,
    protocolDigest: frozen.protocolDigest ?? '',
    lockDigest: null,
    certificateDigest: null,
    tableDigest: 'a'.repeat(64),
    tableByteCount: 1,
    rowCount: 12,
    ...over,
  });
  const decision = (over: Partial<MessageHeader>, given: ReleaseFacts) => {
    try {
      decideRelease(header(over), given);
      return 'ok';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('agrees with what is wanted: exactly that is let in, in its order', () => {
    for (const role of ['development', 'externalValidation', null] as const) {
      for (const state of ['draft', 'frozen', 'locked', 'validated'] as const) {
        for (const received of [[], ['features'], ['features', 'outcomes']] as ReleaseKind[][]) {
          const given = facts(role, state, received);
          const [next] = wantedOf(given);
          for (const kind of ['features', 'outcomes'] as const) {
            const lockDigest = kind === 'outcomes' ? given.lockDigest : null;
            const isIn = decision({ kind, sequence: received.length + 1, lockDigest }, given) === 'ok';
            expect([role, state, received, kind, isIn]).toEqual([role, state, received, kind, next?.kind === kind]);
          }
        }
      }
    }
  });

  it('names the first reason: replay, gap, draft, protocol, lock', () => {
    const given = facts('development', 'frozen', ['features']);
    expect(decision({ kind: 'outcomes', sequence: 1, protocolDigest: 'x' }, given)).toBe('MESSAGE_REPLAYED');
    expect(decision({ kind: 'outcomes', sequence: 3 }, given)).toBe('MESSAGE_MALFORMED');
    expect(decision({ kind: 'outcomes', sequence: 2, protocolDigest: 'x' }, given)).toBe('PROTOCOL_STALE');
    expect(decision({}, facts('development', 'draft'))).toBe('STUDY_STATE');
    const validation = facts('externalValidation', 'frozen');
    expect(decision({ kind: 'outcomes' }, validation)).toBe('OUTCOME_BEFORE_LOCK');
    expect(decision({ kind: 'outcomes', lockDigest: LOCK }, validation)).toBe('OUTCOME_BEFORE_LOCK');
    const locked = facts('externalValidation', 'locked', ['features']);
    expect(decision({ kind: 'outcomes', sequence: 2, lockDigest: 'f'.repeat(64) }, locked)).toBe('OUTCOME_BEFORE_LOCK');
    expect(decision({ kind: 'outcomes', sequence: 2, lockDigest: null }, locked)).toBe('OUTCOME_BEFORE_LOCK');
    const unpredicted = { ...locked, hasPredictions: false };
    expect(decision({ kind: 'outcomes', sequence: 2, lockDigest: LOCK }, unpredicted)).toBe('OUTCOME_BEFORE_LOCK');
    expect(decision({ kind: 'outcomes', sequence: 2, lockDigest: LOCK }, locked)).toBe('ok');
  });

  it('asks for no outcome of a validation site before its predictions are recorded', () => {
    const locked = facts('externalValidation', 'locked', ['features']);
    expect(kinds({ ...locked, hasPredictions: false })).toEqual([]);
    expect(kinds(locked)).toEqual([`outcomes ${LOCK}`]);
  });

  it('takes features from images only under the certificate in force', () => {
    const source = { kind: 'images' as const, regionName: 'tumour', extraction: { format: 'concord.extraction/2' } };
    const given = (certificate: Site['certificate']): ReleaseFacts => {
      const start = facts('development', 'frozen', [], { certificate });
      return { ...start, study: { ...start.study, protocol: { ...TEST_PROTOCOL, source } } };
    };
    const [digest, other] = ['c'.repeat(64), 'd'.repeat(64)];
    const certificate = { digest, objectDigest: other, concordVersion: '1.0.0', checkedCount: 310 };
    expect(decision({ certificateDigest: digest }, given(null))).toBe('CERTIFICATE_MISSING');
    expect(decision({ certificateDigest: null }, given(certificate))).toBe('CERTIFICATE_MISSING');
    expect(decision({ certificateDigest: other }, given(certificate))).toBe('CERTIFICATE_MISSING');
    expect(decision({ certificateDigest: digest }, given(certificate))).toBe('ok');
  });

  describe('of sums', () => {
    const sums = { kind: 'harmonization-sums' as const };
    const underSums = (given: ReleaseFacts): ReleaseFacts => ({
      ...given,
      study: { ...given.study, protocol: { ...TEST_PROTOCOL, sharing: 'sums' } },
    });

    it('takes them in place of features from a development site, and nothing of it after that', () => {
      expect(decision(sums, facts('development', 'frozen'))).toBe('ok');
      const shared = facts('development', 'frozen', ['harmonization-sums']);
      expect(kinds(shared)).toEqual([]);
      for (const kind of ['features', 'outcomes', 'harmonization-sums'] as const) {
        expect([kind, decision({ kind, sequence: 2 }, shared)]).toEqual([kind, 'RELEASE_NOT_WANTED']);
      }
    });

    it('takes none from a site that validates, or that has shared rows', () => {
      expect(decision(sums, facts('externalValidation', 'frozen'))).toBe('RELEASE_NOT_WANTED');
      expect(decision({ ...sums, sequence: 2 }, facts('development', 'frozen', ['features']))).toBe(
        'RELEASE_NOT_WANTED',
      );
    });

    it('asks for nothing else, and takes nothing else, under a protocol of sums', () => {
      const given = underSums(facts('development', 'frozen'));
      expect(kinds(given)).toEqual(['harmonization-sums open']);
      expect(waitingFor(given)).toBe('its sums');
      expect(kinds(underSums(facts('externalValidation', 'frozen')))).toEqual([]);
      expect(decision(sums, given)).toBe('ok');
      expect(decision({ kind: 'features' }, given)).toBe('RELEASE_NOT_WANTED');
    });
  });
});
