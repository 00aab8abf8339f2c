import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { isSumsKind, openMessage, parseProtocol, readMessage, type StudyProtocol } from '@concord/contracts';
import { harmonize, type Covariate, type FeatureColumn } from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';
import { pseudonym } from '@concord/privacy';
import { compareScannerEffects } from '@concord/scanner-effects';
import { numberValues, tableFromArrow, tableFromCsv, textValues, type FeatureTable } from '@concord/tables';
import { referenceData } from '@concord/testing';

import { concord, temporaryFolder } from './lib/installation.js';
import { Network, until } from './lib/network.js';
import { RecordingProxy } from './lib/recording-proxy.js';

const SLOW_MS = 300_000;
const STEPS = ['harmonize-development', 'scanner-effects'];
/** How many agents the study has; CONCORD_TEST_SUMS_AGENTS=3,4,8 tries each. */
const AGENT_COUNTS = (process.env['CONCORD_TEST_SUMS_AGENTS'] ?? '3').split(',').map(Number);

const folder = temporaryFolder('sums');
const proxy = new RecordingProxy();
let network: Network;

beforeAll(async () => {
  network = await Network.start(folder.path, proxy);
}, SLOW_MS);

afterAll(async () => {
  await network.stop();
  folder.remove();
}, SLOW_MS);

/** All patients of a study; only the test sees them together. */
interface Cohort {
  readonly ids: readonly string[];
  readonly sites: readonly string[];
  readonly features: readonly FeatureColumn[];
  readonly covariates: readonly Covariate[];
}

function protocolOf(studyId: string, cohort: Cohort, over: Partial<StudyProtocol> = {}): StudyProtocol {
  const site = (code: string, role: StudyProtocol['sites'][number]['role']) => ({
    code,
    name: `Hospital ${code}`,
    role,
  });
  return parseProtocol({
    format: 'concord.protocol/1',
    studyId,
    title: `Study ${studyId}`,
    source: { kind: 'table' },
    features: cohort.features.map(({ name }) => name),
    acquisition: [],
    outcome: { target: 'event', columns: [{ name: 'event', role: 'binary' }] },
    harmonization: {
      ...{ method: 'combat', batch: 'site', empiricalBayes: 'parametric', stop: 'exact' },
      covariates: cohort.covariates.map(({ name, kind, values }) =>
        kind === 'categorical' ? { name, kind, levels: [...new Set(values.map(String))].sort() } : { name, kind },
      ),
    },
    model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 3 },
    threshold: { rule: 'youden-development' },
    // A protocol names a site that validates; this one never joins.
    sites: [...sitesOf(cohort).map((code) => site(code, 'development')), site('elsewhere', 'externalValidation')],
    metrics: ['auc'],
    leakAuditReplicates: 0,
    seed: 1,
    ...over,
  });
}

const sitesOf = ({ sites }: Cohort): string[] => [...new Set(sites)].sort();

/** A site's own file, every number to its last bit. */
function writeSite(cohort: Cohort, code: string, name: string, keeps: (row: number) => boolean = () => true): string {
  const columns = [...cohort.features, ...cohort.covariates];
  const rows = [...cohort.ids.keys()].filter((row) => cohort.sites[row] === code && keeps(row));
  const lines = rows.map((row) =>
    [cohort.ids[row], row % 2, ...columns.map(({ values }) => String(values[row]))].join(','),
  );
  const file = join(folder.path, `${name}-${code}.csv`);
  writeFileSync(
    file,
    [['patient_id', 'event', ...columns.map((column) => column.name)].join(','), ...lines].join('\n'),
  );
  return file;
}

/** Largest difference from what is expected (NaN: not known), in SD of the feature, over the tables of sites. */
function worst(cohort: Cohort, expected: readonly FeatureColumn[], tables: readonly Harmonized[]): number {
  let largest = 0;
  let seen = 0;
  for (const { code, table, studyId, data } of tables) {
    const key = Buffer.from(readFileSync(join(data, 'pseudonym.key'), 'utf8').trim(), 'hex');
    const rowOf = new Map(cohort.ids.map((id, row) => [pseudonym(key, studyId, id), row]));
    const rows = textValues(table, 'pseudonym').map((name) => rowOf.get(name ?? '') ?? -1);
    expect(rows.every((row) => cohort.sites[row] === code)).toBe(true);
    expected.forEach(({ name, values }, g) => {
      const sd = sdOf(cohort.features[g].values);
      numberValues(table, name).forEach((value, at) => {
        const want = values[rows[at]];
        if (Number.isNaN(want)) return;
        largest = Math.max(largest, Math.abs(value - want) / sd);
        seen++;
      });
    });
  }
  expect(seen).toBe(
    expected.reduce((sum, { values }) => sum + values.filter((value) => !Number.isNaN(value)).length, 0),
  );
  return largest;
}

interface Harmonized {
  readonly code: string;
  readonly table: FeatureTable;
  readonly studyId: string;
  readonly data: string;
}

function sdOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** What a site's agent wrote for its own use. */
function finishedTable(studyId: string, code: string, data: string): Harmonized {
  const csv = readFileSync(join(data, 'harmonized', 'features.csv'));
  return { code, studyId, data, table: tableFromCsv(csv, { textColumns: ['pseudonym'] }) };
}

async function finished(studyId: string, agents: ReadonlyMap<string, string>): Promise<Harmonized[]> {
  const isThere = (data: string) => existsSync(join(data, 'harmonized', 'model.json'));
  await until(() => [...agents.values()].every(isThere), 'the sites to finish their patients');
  return [...agents].map(([code, data]) => finishedTable(studyId, code, data));
}

/** Messages of a study that passed the proxy, opened with the hub's keys. */
function opened(studyId: string) {
  const digests = proxy.requests
    .filter(({ kind }) => kind === 'message')
    .map(({ path }) => path.split('/').at(-1) ?? '');
  return [...new Set(digests)]
    .map((digest) => readMessage(proxy.message(digest)))
    .filter(({ header }) => header.studyId === studyId)
    .map((message) => ({ header: message.header, bytes: openMessage(message, network.sealKeys) }));
}

function effectsOf(bytes: Uint8Array): Effects {
  return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { report: Effects }).report;
}

interface Effects {
  readonly before: { readonly affectedCount: number; readonly meanEtaSquared: number };
  readonly after: { readonly affectedCount: number; readonly meanEtaSquared: number };
}

function synthetic(agentCount: number, featureCount: number): Cohort {
  const random = seededRandom(`sums of ${agentCount}`);
  const sites = Array.from({ length: agentCount }, (_, site) =>
    new Array<string>(22 + 3 * site).fill(`site-${site}`),
  ).flat();
  const level = sites.map((code) => Number(code.slice(5)));
  const age = level.map((site) => 55 + site + 9 * randomNormal(random));
  // The first site has nobody of the third level.
  const sex = level.map((site, row) => (site > 0 && row % 3 === 2 ? 'x' : row % 2 === 0 ? 'f' : 'm'));
  const features = Array.from({ length: featureCount }, (_, g) => ({
    name: `texture_${g}`,
    values: Float64Array.from(
      level,
      (site, row) =>
        10 ** (-6 + 3 * (g % 5)) * (3 + (site % 3) * (g % 4) + 0.02 * age[row] + (1 + site / 5) * randomNormal(random)),
    ),
  }));
  return {
    ids: sites.map((_, row) => `MRN-${String(row).padStart(6, '0')}`),
    sites,
    features,
    covariates: [
      { name: 'sex', kind: 'categorical', values: sex },
      { name: 'age', kind: 'continuous', values: age },
    ],
  };
}

/** With one patient more, at the first site, who alone has a third level of a covariate. */
function withLoneCarrier(cohort: Cohort): Cohort {
  const [first] = cohort.sites;
  return {
    ids: [...cohort.ids, 'LONE-CARRIER'],
    sites: [...cohort.sites, first],
    features: cohort.features.map(({ name, values }, g) => ({
      name,
      values: Float64Array.from([...values, 1.234567 + g / 7]),
    })),
    covariates: cohort.covariates.map((own): Covariate =>
      own.kind === 'categorical'
        ? { ...own, values: [...own.values, 'x'] }
        : { name: own.name, kind: 'continuous', values: [...Array.from(own.values), 50] },
    ),
  };
}

describe.each(AGENT_COUNTS)('a study of sums with %d agents', (agentCount) => {
  const studyId = `sums-${agentCount}`;
  const cohort = synthetic(agentCount, 40);
  const whole = withLoneCarrier(cohort);
  const agents = new Map<string, string>();

  beforeAll(async () => {
    await network.begin(protocolOf(studyId, whole, { sharing: 'sums' }));
    await Promise.all(
      sitesOf(whole).map(async (code) => {
        agents.set(code, await network.agent(studyId, code, writeSite(whole, code, studyId), {}));
      }),
    );
  }, SLOW_MS);

  it(
    'keeps the site with a lone carrier back before it writes, and says rule, cell and mending',
    async () => {
      const data = agents.get('site-0') ?? '';
      const releases = () => concord('agent', 'releases', '--data', data);
      await until(async () => (await releases()).out.includes('kept back'), 'the site to keep its sums back');
      const { out } = await releases();
      expect(out).toMatch(/kept back {2}harmonization-sums {2}cellCount: batch site-0, sex=x: fewer than 5 patients/);
      expect(out).toMatch(/fix {2}.*leave these patients out/);
      const own = proxy.requests.filter(({ site, headers }) => site === 'site-0' && headers.includes(studyId));
      expect(own.filter(({ kind }) => kind === 'chunk' || kind === 'message')).toEqual([]);
      expect(own.length).toBeGreaterThan(0);
    },
    SLOW_MS,
  );

  it(
    'gives every site the ComBat of all patients together, in one message each of under 40 KiB',
    async () => {
      writeSite(whole, 'site-0', studyId, (row) => whole.ids[row] !== 'LONE-CARRIER'); // mended as it was told
      const steps = await network.ended(studyId, STEPS);
      expect([...steps.values()].map(({ name, state }) => [name, state])).toEqual(STEPS.map((name) => [name, 'done']));
      expect(await network.finishedAt(studyId)).not.toBeNull(); // nothing else can be computed from sums
      const tables = await finished(studyId, agents);
      const { features: expected } = harmonize({ ...cohort, batch: cohort.sites });
      expect(worst(cohort, expected, tables)).toBeLessThan(1e-9);
      const messages = opened(studyId);
      expect(messages.map(({ header }) => header.kind)).toEqual(new Array(agentCount).fill('harmonization-sums'));
      for (const { bytes } of messages)
        expect(bytes.length).toBeLessThan((40 * 1024 * cohort.features.length) / 1000 + 1024);
      const found = effectsOf(await network.object(steps.get('scanner-effects')?.outputs?.['effects'] ?? ''));
      const want = compareScannerEffects({ before: cohort.features, after: expected, batch: cohort.sites }, 'anova');
      expect(found.before.affectedCount).toBe(want.before.summary.anova.count);
      expect(found.after.affectedCount).toBe(want.after.summary.anova.count);
      expect(found.before.meanEtaSquared).toBeCloseTo(want.before.summary.meanEtaSquared ?? NaN, 10);
      expect(found.after.meanEtaSquared).toBeCloseTo(want.after.summary.meanEtaSquared ?? NaN, 10);
    },
    SLOW_MS,
  );

  it('lets no value of a patient out: not of the lone carrier, not of another, sealed or opened', () => {
    const values = cohort.features.flatMap(({ values: own }) => [own[0], own[own.length - 1]]);
    const lone = whole.features.map(({ values: own }) => own[own.length - 1]);
    const patterns = [...values, ...lone].flatMap((value) => [bytesOf(value), Buffer.from(String(value))]);
    const sent = [...proxy.requests.map(({ body }) => body), ...opened(studyId).map(({ bytes }) => Buffer.from(bytes))];
    expect(patterns.filter((pattern) => sent.some((bytes) => bytes.includes(pattern)))).toEqual([]);
    expect(sent.some((bytes) => bytes.includes('MRN-') || bytes.includes('LONE'))).toBe(false);
    // The search finds what is there: the file of the site holds what the messages do not.
    const file = readFileSync(join(folder.path, `${studyId}-site-0.csv`));
    expect(file.includes(String(values[0]))).toBe(true);
  });
});

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

const keek = referenceData('combat', 'r01_keek2020', 'input.csv.gz');
const golden = referenceData('combat', 'r01_keek2020', 'expected', 'exact.par_adj.csv.gz');

(keek === null || golden === null ? describe.skip : describe)(
  keek === null || golden === null
    ? 'four Dutch centres in both modes: the collection of reference cases is not beside the checkout'
    : 'four Dutch centres, 1322 features, in both modes',
  () => {
    let cohort: Cohort;
    let expected: FeatureColumn[];
    /** Some rows, as another implementation gives them. */
    let reference: FeatureColumn[];

    beforeAll(() => {
      const read = (file: string) =>
        tableFromCsv(gunzipSync(readFileSync(file)), { textColumns: ['subject_id', 'site'] });
      const table = read(keek ?? '');
      const names = table.columns
        .map(({ name }) => name)
        .filter((name) => !['subject_id', 'site', 'outcome'].includes(name));
      cohort = {
        ids: textValues(table, 'subject_id').map((id) => id ?? ''),
        sites: textValues(table, 'site').map((site) => (site ?? '').toLowerCase()),
        features: names.map((name) => ({ name, values: numberValues(table, name) })),
        covariates: [{ name: 'outcome', kind: 'categorical', values: textValues(table, 'outcome') }],
      };
      expected = harmonize({ ...cohort, batch: cohort.sites }).features;
      const other = read(golden ?? '');
      const rows = numberValues(other, 'row');
      reference = names.map((name) => {
        const values = new Float64Array(cohort.ids.length).fill(NaN);
        numberValues(other, name).forEach((value, at) => (values[rows[at]] = value));
        return { name, values };
      });
    });

    it(
      'are harmonised alike from vectors and from sums, and as the reference says',
      async () => {
        const agents = new Map<string, Map<string, string>>();
        for (const mode of ['vectors', 'sums']) {
          await network.begin(protocolOf(`keek-${mode}`, cohort));
          const own = new Map<string, string>();
          await Promise.all(
            sitesOf(cohort).map(async (code) => {
              const file = writeSite(cohort, code, `keek-${mode}`);
              own.set(code, await network.agent(`keek-${mode}`, code, file, { CONCORD_AGENT_SHARING: mode }));
            }),
          );
          agents.set(mode, own);
        }
        const sums = await finished('keek-sums', agents.get('sums') ?? new Map());
        const steps = await network.ended('keek-vectors', ['harmonize-development']);
        const outputs = steps.get('harmonize-development')?.outputs ?? {};
        const vectors = await Promise.all(
          [...(agents.get('vectors') ?? [])].map(async ([code, data]) => {
            const table = tableFromArrow(await network.object(outputs[`harmonized:${code}`] ?? ''));
            return { code, table, studyId: 'keek-vectors', data };
          }),
        );
        for (const tables of [vectors, sums]) {
          expect(worst(cohort, expected, tables)).toBeLessThan(1e-9);
          expect(worst(cohort, reference, tables)).toBeLessThan(1e-9);
        }
        const ended = await network.ended('keek-sums', STEPS);
        const effects = effectsOf(await network.object(ended.get('scanner-effects')?.outputs?.['effects'] ?? ''));
        const want = compareScannerEffects({ before: cohort.features, after: expected, batch: cohort.sites }, 'anova');
        expect(effects.before.affectedCount).toBe(want.before.summary.anova.count);
        expect(effects.after.affectedCount).toBe(want.after.summary.anova.count);
        const kinds = new Set(opened('keek-sums').map(({ header }) => header.kind));
        expect([...kinds].filter((kind) => !isSumsKind(kind))).toEqual([]);
      },
      SLOW_MS,
    );
  },
);
