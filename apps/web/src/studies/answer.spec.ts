import type { Site, Step } from '../api/study-query.js';
import { answerOf, isSilent, type StudyFacts } from './answer.js';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - 1000 * seconds).toISOString();

function site(code: string, changes: Partial<Site> = {}): Site {
  return {
    code,
    name: code,
    role: 'development',
    state: 'joined',
    joinedAt: ago(9000),
    lastContactAt: ago(2),
    phase: 'idle',
    caseCount: 24,
    doneCount: 24,
    refusedCount: 0,
    waitingFor: null,
    releases: [],
    ...changes,
  };
}
const step = (name: string, state: Step['state'], error: Step['error'] = null) => ({ name, state, error });
const study = (changes: Partial<StudyFacts>): StudyFacts => ({ state: 'frozen', sites: [], run: null, ...changes });

describe('answerOf', () => {
  it('names first the site that was silent for longest, since when, and whom to ask', () => {
    const sites = [
      site('site-a', { waitingFor: 'its features', lastContactAt: ago(20) }),
      site('site-b', { waitingFor: 'its features', lastContactAt: ago(3 * 3600) }),
      site('site-c'),
    ];
    expect(answerOf(study({ sites }), NOW)).toEqual({
      tone: 'waiting',
      sentence: 'The study waits for site-b (its features, last seen 3 hours ago); site-a (its features, in contact).',
      advice: 'Ask site-b whether the agent is running: it has not been in contact for 3 hours.',
    });
  });

  it('names sites that stand alike together', () => {
    const sites = ['site-b', 'site-a', 'site-c'].map((code, index) =>
      site(code, { waitingFor: 'its features and outcomes', lastContactAt: ago(index) }),
    );
    expect(answerOf(study({ sites }), NOW).sentence).toBe(
      'The study waits for site-a, site-b and site-c (their features and outcomes, in contact).',
    );
  });

  it('asks for a site that never joined in its own words', () => {
    const sites = [site('site-d', { state: 'invited', lastContactAt: null, waitingFor: 'to join' })];
    expect(answerOf(study({ sites }), NOW).sentence).toBe('The study waits for site-d to join.');
  });

  it('does not wait for a site that the protocol does not name', () => {
    const sites = [site('site-x', { role: null, waitingFor: 'its features' })];
    expect(answerOf(study({ sites }), NOW).sentence).toContain('the run has not been started');
  });

  it('puts a failed step before everything else, with the mend', () => {
    const run = {
      steps: [
        step('lock', 'done'),
        step('predict:site-d', 'failed', { what: 'the model has no input', where: 'model', fix: 'Lock it again.' }),
        step('validate', 'queued'),
      ],
    };
    const answer = answerOf(study({ state: 'locked', run, sites: [site('a', { waitingFor: 'its features' })] }), NOW);
    expect(answer).toEqual({
      tone: 'failed',
      sentence: '“Predict risks, site-d” failed: the model has no input.',
      advice: 'Lock it again.',
    });
  });

  it('says what the hub computes, how far it is, and who is missing meanwhile', () => {
    const run = { steps: [step('harmonize-development', 'done'), step('fit', 'queued'), step('lock', 'waiting')] };
    const sites = [site('site-d', { waitingFor: 'its features' })];
    expect(answerOf(study({ run, sites }), NOW).sentence).toBe(
      'The hub fits the model; 1 of 3 steps are done. It also waits for site-d.',
    );
  });

  it('counts who joined while the protocol is a draft', () => {
    const sites = [site('a'), site('b', { state: 'invited' })];
    expect(answerOf(study({ state: 'draft', sites }), NOW).sentence).toBe(
      'The protocol is still being written; 1 of 2 sites have joined.',
    );
  });

  it('holds a site for silent after ten minutes, not before', () => {
    expect(isSilent(site('a', { lastContactAt: ago(599) }), NOW)).toBe(false);
    expect(isSilent(site('a', { lastContactAt: ago(601) }), NOW)).toBe(true);
  });
});
