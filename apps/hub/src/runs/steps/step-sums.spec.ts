import { parseProtocol, protocolDigest, sumsCodebook, type StudyProtocol } from '@concord/contracts';
import {
  encodeSums,
  harmonize,
  parseCombatModel,
  parsePooledFit,
  siteSums,
  SumsRefusedError,
} from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';
import { compareScannerEffects } from '@concord/scanner-effects';
import { numberValues, tableFromArrow, tableToArrow, type FeatureTable } from '@concord/tables';

import { TEST_PROTOCOL } from '../../test-site.js';
import { InlineStepPool } from '../step.pool.js';
import type { StepKind } from '../run.graph.js';
import type { EffectsRecord } from './scanner-effects.js';

const SITES = ['site-a', 'site-b', 'site-c'];
const COUNT = 25;

function protocolOf(sites: readonly string[]): StudyProtocol {
  return parseProtocol({
    ...TEST_PROTOCOL,
    features: ['f1', 'f2', 'f3', 'f4', 'f5'],
    acquisition: [],
    harmonization: {
      ...TEST_PROTOCOL.harmonization,
      covariates: [{ name: 'sex', kind: 'categorical', levels: ['m', 'f', 'nobody'] }],
    },
    sites: [
      ...sites.map((code) => ({ code, name: code, role: 'development' })),
      { code: 'site-x', name: 'x', role: 'externalValidation' },
    ],
  });
}

/** A site's rows as a table of vectors holds them: levels by position in the protocol's list. */
function tableOf(site: string, names: readonly string[]): FeatureTable {
  const random = seededRandom(`mixed ${site}`);
  const shift = site.charCodeAt(5) - 97;
  const sex = Float64Array.from({ length: COUNT }, (_, row) => (row + shift) % 2);
  const columns = names.map((name, g) => ({
    kind: 'number' as const,
    name,
    values: Float64Array.from(sex, (level) => 10 ** g * (shift + 0.5 * level + (1 + shift / 3) * randomNormal(random))),
  }));
  const pseudonyms = Array.from({ length: COUNT }, (_, row) => `${site}${row}`);
  return {
    rowCount: COUNT,
    columns: [
      { kind: 'text', name: 'pseudonym', values: pseudonyms },
      { kind: 'number', name: 'sex', values: sex },
      ...columns,
    ],
  };
}

function rowsOf(table: FeatureTable, site: string, names: readonly string[]) {
  return {
    batch: new Array<string>(COUNT).fill(site),
    features: names.map((name) => ({ name, values: numberValues(table, name) })),
    covariates: [
      { name: 'sex', kind: 'categorical' as const, values: Array.from(numberValues(table, 'sex'), (at) => 'mf'[at]) },
    ],
  };
}

/** Runs a step on what sites share: sums where they are named, rows elsewhere. */
function step(
  kind: StepKind,
  sites: readonly string[],
  fromSums: readonly string[],
  more: Record<string, Uint8Array> = {},
) {
  const protocol = protocolOf(sites);
  const shared = sites.map((site) => {
    const table = tableOf(site, protocol.features);
    return fromSums.includes(site)
      ? [`sums:${site}`, encodeSums(siteSums(sumsCodebook(protocol), rowsOf(table, site, protocol.features)))]
      : [`features:${site}`, tableToArrow(table)];
  });
  const inputs = { ...(Object.fromEntries(shared) as Record<string, Uint8Array>), ...more };
  const digests = Object.fromEntries(Object.keys(inputs).map((role) => [role, '0'.repeat(64)]));
  const task = { kind, site: null, protocol, protocolDigest: protocolDigest(protocol), inputs, digests, record: {} };
  return new InlineStepPool().compute(task);
}

const json = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) as unknown;

const { features: names } = protocolOf(SITES);
const parts = SITES.map((site) => rowsOf(tableOf(site, names), site, names));
const whole = {
  batch: parts.flatMap(({ batch }) => batch),
  features: names.map((name, g) => ({
    name,
    values: Float64Array.from(parts.flatMap(({ features }) => Array.from(features[g].values))),
  })),
  covariates: [
    { name: 'sex', kind: 'categorical' as const, values: parts.flatMap(({ covariates }) => covariates[0].values) },
  ],
};
const { features: together } = harmonize(whole);

describe('the steps of a study in which some sites share sums', () => {
  it.each([[['site-b']], [['site-a', 'site-c']], [SITES]])(
    'give what all rows together give, where %j share sums',
    async (fromSums) => {
      const result = await step('harmonize-development', SITES, fromSums);
      const shareRows = SITES.filter((site) => !fromSums.includes(site));
      expect(Object.keys(result).sort()).toEqual([...shareRows.map((site) => `harmonized:${site}`), 'model', 'pooled']);
      expect(parsePooledFit(json(result['pooled']))).toMatchObject({ siteCount: 3, count: 3 * COUNT });
      expect(parseCombatModel(json(result['model'])).batches).toEqual(SITES);
      for (const site of shareRows) {
        const table = tableFromArrow(result[`harmonized:${site}`]);
        const start = SITES.indexOf(site) * COUNT;
        together.forEach(({ name, values }, g) => {
          numberValues(table, name).forEach((value, row) => {
            expect(Math.abs(value - values[start + row])).toBeLessThan(1e-9 * 10 ** g);
          });
        });
      }
      const effects = await step('scanner-effects', SITES, fromSums, { harmonization: result['model'] });
      const { report } = json(effects['effects']) as EffectsRecord;
      const want = compareScannerEffects({ before: whole.features, after: together, batch: whole.batch }, 'anova');
      expect([report.before.affectedCount, report.after.affectedCount]).toEqual([
        want.before.summary.anova.count,
        want.after.summary.anova.count,
      ]);
      report.features.forEach(({ etaSquaredBefore, etaSquaredAfter }, g) => {
        expect(etaSquaredBefore).toBeCloseTo(want.features[g].etaSquaredBefore, 10);
        expect(etaSquaredAfter).toBeCloseTo(want.features[g].etaSquaredAfter, 10);
      });
    },
  );

  it('give nothing of two sites: each would know the other’s part', async () => {
    const two = SITES.slice(0, 2);
    await expect(step('harmonize-development', two, ['site-a'])).rejects.toThrow(SumsRefusedError);
  });
});
