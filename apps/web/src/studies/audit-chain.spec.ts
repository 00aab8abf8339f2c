import { brokenLink } from './audit-chain.js';

const chain = [1, 2, 3, 4].map((sequence) => ({ sequence, hash: `h${sequence}`, previousHash: `h${sequence - 1}` }));

describe('brokenLink', () => {
  it('holds for a page that begins anywhere in the log', () => {
    expect(brokenLink(chain)).toBeNull();
    expect(brokenLink(chain.slice(2))).toBeNull();
    expect(brokenLink([])).toBeNull();
  });

  it('finds an entry that was changed, dropped or moved', () => {
    const changed = chain.map((entry) => (entry.sequence === 2 ? { ...entry, hash: 'other' } : entry));
    expect(brokenLink(changed)).toBe(3);
    expect(brokenLink(chain.filter((entry) => entry.sequence !== 3))).toBe(4);
    expect(brokenLink(chain.map((entry) => (entry.sequence === 4 ? { ...entry, sequence: 5 } : entry)))).toBe(5);
    expect(brokenLink([...chain.slice(0, 1), ...chain.slice(2, 3), ...chain.slice(1, 2)])).toBe(3);
  });
});
