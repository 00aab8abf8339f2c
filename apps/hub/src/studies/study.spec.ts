import { TEST_PROTOCOL } from '../test-site.js';
import { freezeStudy, newStudy, withProtocol, type Study } from './study.js';

const at = new Date('2026-03-01T08:00:00Z');
const draft = newStudy('trial', '  A trial ', at);
const written: Study = { ...draft, protocol: TEST_PROTOCOL };

/** The code of the error that is thrown, or null. */
function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('newStudy', () => {
  it('begins as a draft of version 0, its title without spaces around it', () => {
    expect(draft).toMatchObject({ state: 'draft', version: 0, title: 'A trial', protocol: null, createdAt: at });
  });

  it.each(['', 'Trial', '-trial', 'a b', 'x'.repeat(64), 'a/b', 'a~b'])('refuses the id "%s"', (id) => {
    expect(codeOf(() => newStudy(id, 'A trial', at))).toBe('INPUT_INVALID');
  });

  it.each(['', '   ', 'x'.repeat(301)])('refuses the title "%s"', (title) => {
    expect(codeOf(() => newStudy('trial', title, at))).toBe('INPUT_INVALID');
  });
});

describe('withProtocol', () => {
  it.each(['frozen', 'locked', 'validated'] as const)('changes nothing of a study that is %s', (state) => {
    expect(codeOf(() => withProtocol({ ...draft, state }, TEST_PROTOCOL, 0))).toBe('STUDY_STATE');
  });

  it('refuses a protocol of another study, an invalid one, and one written on an older version', () => {
    expect(codeOf(() => withProtocol(draft, { ...TEST_PROTOCOL, studyId: 'other' }, 0))).toBe('PROTOCOL_INVALID');
    expect(codeOf(() => withProtocol(draft, { ...TEST_PROTOCOL, seed: 'x' }, 0))).toBe('PROTOCOL_INVALID');
    expect(codeOf(() => withProtocol({ ...draft, version: 3 }, TEST_PROTOCOL, 2))).toBe('STUDY_CHANGED');
    expect(withProtocol({ ...draft, version: 3 }, TEST_PROTOCOL, 3).protocol).toEqual(TEST_PROTOCOL);
  });
});

describe('freezeStudy', () => {
  const sites = ['site-a', 'site-b'];

  it('fixes the digest of the protocol and the time', () => {
    const frozen = freezeStudy(written, 'A trial', sites, at);
    expect(frozen).toMatchObject({ state: 'frozen', frozenAt: at });
    // SHA-256 of the canonical JSON, computed by Python's json and hashlib from the same protocol.
    expect(frozen.protocolDigest).toBe('2641125e5bdd172b78c04be031d3a2b7221b2055b5a60a514448d9af23f6feb6');
  });

  it('refuses a second time, a wrong title, a missing protocol, and sites that were not invited', () => {
    expect(codeOf(() => freezeStudy({ ...written, state: 'frozen' }, 'A trial', sites, at))).toBe('STUDY_STATE');
    expect(codeOf(() => freezeStudy(written, 'A trial ', sites, at))).toBe('TITLE_NOT_CONFIRMED');
    expect(codeOf(() => freezeStudy(draft, 'A trial', sites, at))).toBe('PROTOCOL_INVALID');
    expect(codeOf(() => freezeStudy(written, 'A trial', ['site-a'], at))).toBe('PROTOCOL_INVALID');
    expect(codeOf(() => freezeStudy(written, 'A trial', [...sites, 'site-z'], at))).toBeNull();
  });
});
