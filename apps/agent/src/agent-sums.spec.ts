import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { digestOf, parseProtocol, sumsCodebook, type StudyProtocol } from '@concord/contracts';
import { decodeSums, harmonize, poolSums, sealModel, siteSums, type SiteRows } from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';
import { column, numberValues, tableFromCsv, textValues } from '@concord/tables';

import type { Agent } from './agent.js';
import { FakeHub } from './fake-hub.js';
import { PageServer } from './page/page-server.js';
import { openDatabase } from './store/database.js';
import { pass, PROTOCOL, statesOf, TestSite } from './test-agent.js';

const SITES = ['site-a', 'site-b', 'site-c', 'site-d'];
const STUDY: StudyProtocol = parseProtocol({
  ...PROTOCOL,
  features: ['stat_mean', 'stat_var', 'texture'],
  harmonization: {
    ...PROTOCOL.harmonization,
    covariates: [
      { name: 'age', kind: 'continuous' },
      { name: 'sex', kind: 'categorical', levels: ['m', 'f'] },
    ],
  },
  sites: SITES.map((code, index) => ({
    code,
    name: `Hospital ${code}`,
    role: index < 3 ? 'development' : 'externalValidation',
  })),
});

/** Patients of a site; every second one is a woman, unless told how many are. */
function rowsOf(code: string, count = 30, women: number | null = null): SiteRows {
  const random = seededRandom(`sums ${code}`);
  const at = Array.from({ length: count }, (_, row) => row);
  const shift = code.charCodeAt(5) - 97;
  const age = at.map(() => 60 + 8 * randomNormal(random));
  const sex = at.map((row) => ((women === null ? row % 2 === 0 : row < women) ? 'f' : 'm'));
  const values = (scale: number) =>
    Float64Array.from(at, (row) => scale * (shift + 0.05 * age[row] + (1 + shift / 3) * randomNormal(random)));
  return {
    batch: at.map(() => code),
    features: STUDY.features.map((name, index) => ({ name, values: values(10 ** index) })),
    covariates: [
      { name: 'age', kind: 'continuous', values: age },
      { name: 'sex', kind: 'categorical', values: sex },
    ],
  };
}

/** The site's own file; numbers are written to the last bit. */
function csvOf({ features, covariates = [], batch }: SiteRows): string {
  const columns = [...features, ...covariates];
  const lines = batch.map((_, row) =>
    [`MRN-${String(row).padStart(6, '0')}`, row % 2, 1, ...columns.map(({ values }) => String(values[row]))].join(','),
  );
  return [['patient_id', 'mvi', 'months', ...columns.map(({ name }) => name)].join(','), ...lines].join('\n');
}

async function pageOf(agent: Agent, path: string): Promise<string> {
  const server = new PageServer(agent);
  await server.start(0);
  try {
    return await (await fetch(server.url + path)).text();
  } finally {
    await server.stop();
  }
}

let hub: FakeHub;
let site: TestSite;

async function start(protocol: StudyProtocol, rows: SiteRows, settings: Record<string, string> = {}): Promise<void> {
  hub = new FakeHub(protocol);
  site = new TestSite();
  site.settings = settings;
  write(rows);
  await hub.start();
  await site.join(hub);
}

function write(rows: SiteRows): void {
  site.writeFile(csvOf(rows));
}

afterEach(async () => {
  site.close();
  await hub.stop();
});

/** What the sums of this site and two others come to. */
function pooledOf(own: SiteRows): FakeHub['pooled'] {
  const sums = [own, rowsOf('site-b'), rowsOf('site-c')].map((rows) => siteSums(sumsCodebook(STUDY), rows));
  const json = JSON.parse(JSON.stringify(sealModel(poolSums(sums)))) as unknown;
  return { json, digest: digestOf(json) };
}

describe('an agent that shares sums only', () => {
  it.each([
    ['by its own choice under a protocol of vectors', STUDY, { CONCORD_AGENT_SHARING: 'sums' }],
    [
      'by the protocol, whatever the site would allow',
      { ...STUDY, sharing: 'sums' as const },
      { CONCORD_AGENT_SHARING: 'vectors' },
    ],
  ])('sends one message of sums and no row, %s', async (_, protocol, settings) => {
    const rows = rowsOf('site-a');
    await start(protocol, rows, settings);
    const agent = site.agent();
    expect(await pass(agent)).toBeNull();
    expect(await pass(agent)).toBeNull();
    expect(statesOf(agent)).toEqual(['harmonization-sums acknowledged']);
    expect(hub.arrivals.map(({ header }) => [header.kind, header.rowCount])).toEqual([['harmonization-sums', 30]]);
    const sums = decodeSums(sumsCodebook(protocol), hub.arrivals[0].bytes);
    const [want] = siteSums(sumsCodebook(protocol), rows).parts[0].batches;
    const [found] = sums.parts[0].batches;
    expect([found.batch, found.count]).toEqual(['site-a', 30]);
    // The agent orders patients by pseudonym: the same sums to the last bits.
    found.syy.forEach((value, g) => expect(value / want.syy[g]).toBeCloseTo(1, 12));
    found.sxy.forEach((value, k) => expect(value / want.sxy[k]).toBeCloseTo(1, 9));
  });

  it('holds the sums for a person, and says in words and numbers what would leave', async () => {
    await start(STUDY, rowsOf('site-a'), { CONCORD_AGENT_SHARING: 'sums' });
    const agent = site.agent('hold');
    await pass(agent);
    expect(statesOf(agent)).toEqual(['harmonization-sums held']);
    expect(hub.arrivals).toEqual([]);
    const [release] = agent.releases.list();
    expect(release.checks.join('; ')).toContain('no row of a patient');
    const page = await pageOf(agent, 'releases/1');
    expect(page).toContain('sums over 30 patients');
    expect(page).toContain('it learns no patient’s value');
    expect(page).toMatch(/products with sex=m/);
    const csv = tableFromCsv(Buffer.from(await pageOf(agent, 'releases/1.csv')), { textColumns: ['sums of'] });
    const [want] = siteSums(sumsCodebook(STUDY), rowsOf('site-a')).parts[0].batches;
    expect(textValues(csv, 'sums of')).toEqual(['sex=m', 'age', ...STUDY.features]);
    expect(numberValues(csv, 'sum')[2] / want.sumY[0]).toBeCloseTo(1, 12);
    expect(await pageOf(agent, '')).toContain('sums for harmonisation');
  });

  it('keeps the lone carrier of a covariate at home: rule, cell and mending, and no upload at all', async () => {
    await start(STUDY, rowsOf('site-a', 30, 1), { CONCORD_AGENT_SHARING: 'sums' });
    const agent = site.agent();
    expect(await pass(agent)).toBeNull();
    expect(agent.releases.list()).toEqual([]);
    expect(hub.seen.filter(({ path }) => path.startsWith('uploads') || path.startsWith('messages'))).toEqual([]);
    expect(hub.uploads.size).toBe(0);
    const kept = agent.preparation.keptBack('harmonization-sums');
    expect(kept).toMatchObject({ code: 'SUMS_REFUSED', where: 'batch site-a, sex=f' });
    expect(kept?.findings?.[0]).toMatchObject({ rule: 'cellCount', cell: 'batch site-a, sex=f' });
    expect(kept?.findings?.[0].fix).toMatch(/leave/);
    const page = await pageOf(agent, '');
    expect(page).toContain('The sums for harmonisation stay here: a rule keeps them until this is mended.');
    expect(page).toContain('batch site-a, sex=f');
    expect(page).toContain('SUMS_REFUSED, rule cellCount');
    expect(page).toContain('leave these patients out');
    expect(agent.ledger.latest('kept back')?.details).toMatchObject({ findings: ['cellCount: batch site-a, sex=f'] });
    write(rowsOf('site-a'));
    site.now = new Date(site.now.getTime() + 60_000);
    await pass(agent);
    expect(statesOf(agent)).toEqual(['harmonization-sums acknowledged']);
    expect(agent.preparation.keptBack('harmonization-sums')).toBeNull();
  });

  it('refuses sums over all but a few patients of an earlier release', async () => {
    await start(STUDY, rowsOf('site-a'), { CONCORD_AGENT_SHARING: 'sums' });
    const agent = site.agent();
    await pass(agent);
    hub.arrivals = []; // the hub lost it, and a new protocol is not at hand: the site approves sums over fewer patients
    const [sent] = agent.releases.list();
    agent.releases.setState(sent.id, 'withdrawn');
    write(rowsOf('site-a', 28));
    await pass(agent);
    expect(agent.preparation.keptBack('harmonization-sums')).toMatchObject({
      code: 'SUMS_REFUSED',
      findings: [{ rule: 'difference' }],
    });
    expect(hub.arrivals).toEqual([]);
  });

  it('takes a minimum of its own where that is stricter', async () => {
    const settings = { CONCORD_AGENT_SHARING: 'sums', CONCORD_AGENT_MINIMUM_CELL: '16' };
    await start(STUDY, rowsOf('site-a'), settings);
    const agent = site.agent();
    await pass(agent);
    const { findings } = agent.preparation.keptBack('harmonization-sums') ?? {};
    expect(findings?.map(({ cell }) => cell)).toEqual(['batch site-a, sex=f', 'batch site-a, sex=m']);
  });

  it('harmonises its own patients by what the sums of all sites came to, as if all had been together', async () => {
    const rows = rowsOf('site-a');
    await start(STUDY, rows, { CONCORD_AGENT_SHARING: 'sums' });
    const agent = site.agent();
    await pass(agent);
    hub.pooled = pooledOf(rows);
    await pass(agent);
    expect(agent.finished).toMatchObject({ pooledDigest: hub.pooled?.digest, rowCount: 30 });
    const folder = join(site.dataFolder, 'harmonized');
    const table = tableFromCsv(readFileSync(join(folder, 'features.csv')), { textColumns: ['pseudonym'] });
    const all = [rows, rowsOf('site-b'), rowsOf('site-c')];
    const together = harmonize({
      batch: all.flatMap(({ batch }) => batch),
      features: STUDY.features.map((name, g) => ({
        name,
        values: Float64Array.from(all.flatMap(({ features }) => Array.from(features[g].values))),
      })),
      covariates: [
        {
          name: 'sex',
          kind: 'categorical',
          values: all.flatMap((own) => (own.covariates?.[1].values ?? []) as string[]),
        },
        {
          name: 'age',
          kind: 'continuous',
          values: all.flatMap((own) => (own.covariates?.[0].values ?? []) as number[]),
        },
      ],
    }).features;
    const order = Array.from(numberValues(table, 'stat_mean')).map((_, at) => at);
    expect(column(table, 'pseudonym').values).toHaveLength(order.length);
    together.forEach(({ name, values }) => {
      const want = Float64Array.from(values.subarray(0, 30)).sort();
      const found = numberValues(table, name).slice().sort();
      found.forEach((value, row) =>
        expect(Math.abs(value - want[row])).toBeLessThan(1e-9 * Math.abs(want[0] - want[29])),
      );
    });
    expect(statSync(join(folder, 'features.csv')).mode & 0o077).toBe(0);
    const polls = () => hub.seen.filter(({ path }) => path.startsWith('pooled')).length;
    expect(polls()).toBe(1);
    await pass(agent);
    expect(polls()).toBe(1); // once is enough
    expect(agent.ledger.latest('harmonized')?.details).toMatchObject({ rowCount: 30 });
  });

  it.each([
    ['another fit than the orders name', (json: Record<string, unknown>) => ({ ...json, siteCount: 4 })],
    ['nothing', () => null],
  ])('does not use %s', async (_, change) => {
    const rows = rowsOf('site-a');
    await start(STUDY, rows, { CONCORD_AGENT_SHARING: 'sums' });
    const agent = site.agent();
    await pass(agent);
    const pooled = pooledOf(rows);
    hub.pooled = { digest: pooled?.digest ?? '', json: change(pooled?.json as Record<string, unknown>) };
    expect(await pass(agent)).toBe('HUB_REPLY_INVALID');
    expect(existsSync(join(site.dataFolder, 'harmonized'))).toBe(false);
  });

  it.each([
    ['rows under a protocol of sums', 'sums', 'features'],
    ['outcomes under a protocol of sums', 'sums', 'outcomes'],
    ['sums under a protocol of rows', 'vectors', 'harmonization-sums'],
  ] as const)('refuses orders for %s', async (_, sharing, kind) => {
    await start({ ...STUDY, sharing }, rowsOf('site-a'));
    hub.twistOrders = (orders) => ({ ...orders, wanted: [{ kind, lockDigest: null }] });
    const agent = site.agent();
    expect(await pass(agent)).toBe('ORDERS_REFUSED');
    expect(hub.uploads.size).toBe(0);
  });

  it('says why nothing leaves where too few sites develop the model', async () => {
    const few = { ...STUDY, sites: STUDY.sites.filter(({ code }) => code !== 'site-c') };
    await start(few, rowsOf('site-a'), { CONCORD_AGENT_SHARING: 'sums' });
    const agent = site.agent();
    expect(await pass(agent)).toBeNull();
    expect(agent.preparation.keptBack('harmonization-sums')).toMatchObject({ code: 'SUMS_NOT_USABLE' });
    expect(hub.uploads.size).toBe(0);
  });

  it('names the row of a patient without a covariate', async () => {
    const rows = rowsOf('site-a');
    await start(STUDY, rows, { CONCORD_AGENT_SHARING: 'sums' });
    site.writeFile(csvOf(rows).replace(/,f$/m, ',x'));
    const agent = site.agent();
    await pass(agent);
    expect(agent.preparation.keptBack('harmonization-sums')).toMatchObject({
      code: 'CLINICAL_NOT_USABLE',
      what: 'column "sex" has what is no level of the protocol in row 2',
    });
  });
});

describe('an agent that shares vectors under a protocol with covariates', () => {
  it('sends levels as positions, no text', async () => {
    await start(STUDY, rowsOf('site-a'));
    const agent = site.agent();
    expect(await pass(agent)).toBeNull();
    const { table } = hub.arrivals[0];
    const sex = numberValues(table, 'sex');
    expect(sex.reduce((sum, value) => sum + value, 0)).toBe(15); // women are level 1 of m, f
    expect(table.columns.map(({ name }) => name)).toEqual([
      'pseudonym',
      'manufacturer',
      'age',
      'sex',
      ...STUDY.features,
    ]);
  });
});

describe('the data folder of an earlier agent', () => {
  it('is taken on with its releases', async () => {
    await start(STUDY, rowsOf('site-a'));
    const agent = site.agent();
    await pass(agent);
    site.crash();
    const path = join(site.dataFolder, 'agent.sqlite');
    const old = new DatabaseSync(path);
    old.exec('ALTER TABLE releases DROP COLUMN ownBytes; PRAGMA user_version = 1;');
    old.close();
    const database = openDatabase(site.dataFolder);
    expect(database.prepare('SELECT kind, ownBytes FROM releases').all()).toEqual(
      [
        { kind: 'features', ownBytes: null },
        { kind: 'outcomes', ownBytes: null },
      ].map((row) => Object.assign(Object.create(null), row) as unknown),
    );
    database.close();
  });
});
