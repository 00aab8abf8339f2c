import { agoWords, dateWords, durationWords, printable, textTable } from './words.js';

const now = new Date('2026-11-23T14:05:30Z');

it.each([
  [0, '0 seconds'],
  [999, '0 seconds'],
  [1000, '1 second'],
  [59_999, '59 seconds'],
  [60_000, '1 minute'],
  [7_200_000, '2 hours'],
  [86_400_000, '1 day'],
])('says %d ms as %s', (ms, words) => expect(durationWords(ms)).toBe(words));

it('says when something was, never for what was not, and does not look into the future', () => {
  expect(agoWords('2026-11-23T14:02:30Z', now)).toBe('3 minutes ago');
  expect(agoWords(null, now)).toBe('never');
  expect(agoWords('2026-11-23T14:09:30Z', now)).toBe('just now');
});

it('writes dates for people, in UTC whatever the machine’s zone is', () => {
  expect(dateWords('2026-09-03T23:59:00Z')).toBe('3 Sep 2026, 23:59 UTC');
  expect(dateWords(null)).toBe('–');
});

it('lines columns up by their widest cell', () => {
  expect(
    textTable(
      ['site', 'cases'],
      [
        ['a', '10'],
        ['long-one', '2'],
      ],
    ),
  ).toBe('site      cases\na         10\nlong-one  2');
});

it('lets no text of another machine steer the terminal', () => {
  expect(printable('H\u001b[2Jospital\r\u202eX')).toBe('H?[2Jospital??X');
  expect(textTable(['name'], [['a\nb']])).toBe('name\na?b');
});
