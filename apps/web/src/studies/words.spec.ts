import { actionWords, ageWords, durationWords, stepTitle } from './words.js';

describe('words', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1 second'],
    [1234, '1.2 seconds'],
    [59_400, '59 seconds'],
    [59_600, '1 minute'],
    [90 * 60_000, '2 hours'],
    [23.6 * 3_600_000, '1 day'],
    [80 * 3_600_000, '3 days'],
  ])('says %d ms as %s', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });

  it('gives no negative age when the hub’s clock runs ahead', () => {
    expect(ageWords('2026-11-24T12:00:30Z', Date.parse('2026-11-24T12:00:00Z'))).toBe('just now');
  });

  it('names steps and actions, and shows unknown ones as they are', () => {
    expect(stepTitle('predict:site-d')).toBe('Predict risks, site-d');
    expect(stepTitle('new-kind:site-d')).toBe('new-kind, site-d');
    expect(actionWords('release.received')).toBe('table taken in');
    expect(actionWords('study.protocolWritten')).toBe('study protocol written');
  });
});
