import type { FigureDocument } from '@concord/figures';
import { assessStudy } from '@concord/rqs';
import { parseHTML } from 'linkedom';
import type { Context } from './blocks.js';
import { qualityAppendices } from './quality-appendices.js';
import { Records } from './records.js';
import { qualitySection } from './section-quality.js';
import { facts, sample } from './study-report.fixture.js';
import type { StudyReport } from './study-report.js';

interface TestElement {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): TestElement | null;
  querySelectorAll(selector: string): Iterable<TestElement>;
}
// linkedom's own types want a DOM library.
const parse = (html: string) => (parseHTML as unknown as (text: string) => { document: TestElement })(html).document;

function pageOf(rqs: StudyReport['rqs']): TestElement {
  const document = parse('<html></html>') as unknown as FigureDocument;
  const context: Context = { report: { ...sample, rqs }, records: new Records(), document };
  const section = qualitySection(context).markup + (qualityAppendices(context)?.markup ?? '');
  return parse(`<!doctype html><html><body>${section}${context.records.table().markup}</body></html>`);
}
const words = (node: TestElement | null | undefined) => (node?.textContent ?? '').replace(/\s+/g, ' ').trim();
const rowsOf = (page: TestElement, caption: string) => {
  const table = [...page.querySelectorAll('table')].find((t) => words(t.querySelector('caption')).startsWith(caption));
  return [...(table?.querySelectorAll('tbody tr') ?? [])];
};
const rqs = sample.rqs;
if (!rqs) throw new Error('the sample is scored');

describe('qualitySection', () => {
  const page = pageOf(rqs);

  it('shows every item of every instrument, with its state in words', () => {
    expect(rowsOf(page, 'Radiomics Quality Score 1.0, strict')).toHaveLength(16);
    expect(rowsOf(page, 'RQS 2.0, strict')).toHaveLength(42);
    expect(rowsOf(page, 'METRICS, strict')).toHaveLength(30);
    expect(rowsOf(page, 'CLEAR')).toHaveLength(58);
    expect(rowsOf(page, 'TRIPOD+AI')).toHaveLength(52);
    for (const row of rowsOf(page, 'RQS 2.0, strict')) expect(words(row.querySelector('.state'))).toMatch(/^[✓…!–·] /);
  });

  it('leads from every proven item to its records, which are in the table of records', () => {
    const known = new Set([...page.querySelectorAll('tr[id]')].map((row) => `#${row.getAttribute('id') ?? ''}`));
    const proven = [...page.querySelectorAll('tbody tr')].filter((row) => /✓ (proven|reported)/.test(words(row)));
    expect(proven.length).toBeGreaterThan(40);
    for (const row of proven) {
      const links = [...row.querySelectorAll('a.digest')].map((link) => link.getAttribute('href') ?? '');
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) expect(known).toContain(link);
    }
  });

  it('lists each missing point with what it brings and who can supply it, most first, and leads to its item', () => {
    const rows = rowsOf(page, 'Points that are missing');
    const missing = rqs.strict.items.filter((item) => item.points < item.maxPoints);
    expect(rows).toHaveLength(missing.length);
    const gains = rows.map((row) => Number(words(row.querySelector('.points'))));
    expect(gains).toEqual([...gains].sort((a, b) => b - a));
    for (const row of rows) {
      expect(words([...row.querySelectorAll('td')][2])).toMatch(/^(the|a|readers) /);
      const target = row.querySelector('a')?.getAttribute('href')?.slice(1) ?? '';
      expect(page.querySelector(`[id="${target}"]`)).not.toBeNull();
    }
  });

  it('puts what the literature reached beside the score', () => {
    const text = words(page.querySelector('section'));
    for (const level of ['21.0 %: median over 44', '28.0 %: median of 11', '7.2 % of those'])
      expect(text).toContain(level);
    const rows = rowsOf(page, 'Quality scores').map(words);
    expect(rows[0]).toContain(`${rqs.strict.total} of 36`);
    expect(rows[2]).toContain(`${rqs.rqs2.total} of 56`);
    expect(rows[3]).toContain(rqs.metrics.band ?? 'no band');
  });

  it('loses items 5, 8, 9, 10 and 12 to a leak, and says why on each', () => {
    const harmonization = facts.harmonization && { ...facts.harmonization, fittedOnSites: ['site-a', 'site-d'] };
    const leaked = pageOf({ digest: rqs.digest, ...assessStudy({ ...facts, harmonization }) });
    expect(words(leaked.querySelector('.limits'))).toContain('fitted with rows of site-d, meant for validation');
    for (const number of [5, 8, 9, 10, 12]) {
      const row = words(rowsOf(leaked, 'Radiomics Quality Score 1.0, strict')[number - 1]);
      expect(row).toMatch(/– not met.*Void\. Harmonization was fitted with rows of site-d, meant for validation\./);
    }
  });

  it('says so where the study has no score', () => {
    expect(words(pageOf(null).querySelector('section'))).toContain('has not been scored');
  });
});
