import { assessMetrics, assessRqs1, assessRqs2, staleItems } from './index.js';
import type { StudyFacts } from './index.js';
import { statedStudy } from './study-facts.fixture.js';

const before = assessRqs1(statedStudy, 'strict');

describe('staleItems', () => {
  it('finds none while every record is as it was', () => {
    for (const assessed of [before, assessRqs2(statedStudy, 'strict'), assessMetrics(statedStudy, 'lenient')]) {
      expect(staleItems(assessed, statedStudy)).toEqual([]);
    }
  });

  it('names the items that stood on a record that changed, and what it is now', () => {
    const lock = statedStudy.lock && { ...statedStudy.lock, digest: 'another' };
    const stale = staleItems(before, { ...statedStudy, lock });
    expect(stale.map(({ number }) => number)).toEqual([8, 12]);
    expect(stale[0]?.records).toEqual([{ kind: 'lock', id: '1', digest: 'sha256-lock-1', now: 'another' }]);
    expect(assessRqs1({ ...statedStudy, lock }, 'strict').total).toBeLessThan(before.total);
  });

  it('names the items that stood on a statement that was withdrawn, and the score drops at once', () => {
    const claims = statedStudy.claims.map((c) => (c.item === 'rqs1.13' ? { ...c, state: 'withdrawn' as const } : c));
    const facts: StudyFacts = { ...statedStudy, claims };
    const [stale, ...others] = staleItems(before, facts);
    expect([stale?.id, stale?.records[0]?.now, others]).toEqual(['rqs1.13', null, []]);
    expect(assessRqs1(facts, 'strict').total).toBe(before.total - 2);
  });
});
