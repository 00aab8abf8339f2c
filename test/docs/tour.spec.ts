import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(ROOT, 'docs/tour.md'), 'utf8');

/** What the page says: `| words | value | \`place\` |`. */
const claims = [...page.matchAll(/^\| .* \| +(\S+) +\| `([\w.]+)` +\|$/gm)].map(([, said, place]) => ({ said, place }));

function valueAt(document: unknown, place: string): unknown {
  return place
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], document);
}

/** A number is said with as many decimals as the page likes; everything else is said whole. */
function asSaid(value: unknown, said: string): string {
  if (typeof value !== 'number') return String(value);
  return value.toFixed(said.split('.')[1]?.length ?? 0);
}

describe('docs/tour.md', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['docs/tour/run.mjs'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const printed: unknown = status === 0 ? JSON.parse(stdout) : null;

  it('is printed again by docs/tour/run.mjs', () => {
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('says at every station what is printed there', () => {
    expect(claims.length).toBeGreaterThan(45);
    const printedAs = claims.map(({ said, place }) => `${place}: ${asSaid(valueAt(printed, place), said)}`);
    expect(printedAs).toEqual(claims.map(({ said, place }) => `${place}: ${said}`));
  });

  it('visits every station', () => {
    const visited = new Set(claims.map(({ place }) => place.split('.')[0]));
    const stations = Object.keys(printed as object).filter((station) => station !== 'report');
    expect([...visited]).toEqual(stations);
  });

  it('quotes the sentence of the report', () => {
    expect(page).toContain(`> ${String(valueAt(printed, 'report.sentence'))}`);
  });

  it('computes by hand what ComBat computed', () => {
    const said = (place: string): number => Number(claims.find((claim) => claim.place === place)?.said);
    const [mean, sd] = [said('harmonization.grandMean'), said('harmonization.pooledSd')];
    const shift = said('harmonization.gammaStar') * sd;
    const byHand = (said('release.value') - mean - shift) / Math.sqrt(said('harmonization.deltaStar')) + mean;
    expect(byHand.toFixed(4)).toBe(said('harmonization.value').toFixed(4));
  });
});
