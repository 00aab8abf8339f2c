import { jest } from '@jest/globals';
import { randomNormal, seededRandom } from '@concord/numeric';

import { runStudy, smallProtocol, type SiteData } from '../test-study.js';
import type { ValidationRecord } from './steps/validate.js';

jest.setTimeout(3_600_000);

/** A few on every change; `CONCORD_TEST_NOISE=200` runs them all. */
const SEEDS = Number(process.env['CONCORD_TEST_NOISE'] ?? 3);
const PATIENTS = 60;
const NAMES = Array.from({ length: 100 }, (_, k) => `noise${k}`);
/** Four centres whose shares of events differ widely: what rewards a model for recognising the centre. */
const PREVALENCES = [0.2, 0.4, 0.6, 0.8];
const SITES = ['site-a', 'site-b', 'site-c', 'site-d'];

/** Features that know nothing of the outcome, on a scanner with its own shift and scale. */
function noiseSite(seed: number, site: number): SiteData {
  const random = seededRandom(`noise cohort ${seed} ${site}`);
  const outcome = Array.from({ length: PATIENTS }, (_, row) => Number(row < PATIENTS * (PREVALENCES[site] ?? 0.5)));
  const values = () => {
    const [shift, scale] = [0.8 * randomNormal(random), Math.exp(0.2 * randomNormal(random))];
    return outcome.map(() => shift + scale * randomNormal(random));
  };
  return { features: Object.fromEntries(NAMES.map((name) => [name, values()])), outcome };
}

/** AUC inside the site that one seed leaves out, by the whole pipeline of the hub; null where all have one risk. */
async function heldOutAuc(seed: number): Promise<number | null> {
  const external = SITES[seed % SITES.length] ?? 'site-a';
  const protocol = smallProtocol({
    features: NAMES,
    leakAuditReplicates: 0,
    seed,
    sites: SITES.map((code) => ({
      code,
      name: `Hospital ${code}`,
      role: code === external ? 'externalValidation' : 'development',
    })),
    model: { kind: 'elastic-net-logistic', alpha: 0, foldCount: 5 },
  });
  const sites = Object.fromEntries(SITES.map((code, site) => [code, noiseSite(seed, site)]));
  const end = await runStudy(protocol, sites);
  expect(end.failure).toBeNull();
  return end.json<ValidationRecord>('validate/validation').perSite[0]?.auc.value ?? null;
}

describe('a cohort of noise', () => {
  it(`has a mean AUC of one half inside the left-out site, over ${SEEDS} seeds`, async () => {
    const aucs: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const auc = await heldOutAuc(seed);
      if (auc !== null) aucs.push(auc);
    }
    const mean = aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length;
    const squares = aucs.reduce((sum, auc) => sum + (auc - mean) ** 2, 0);
    const error = Math.sqrt(squares / (aucs.length - 1) / aucs.length);
    const ranked = aucs.filter((auc) => auc !== 0.5).length;
    if (SEEDS > 20) process.stderr.write(`noise cohort: ${ranked} of ${SEEDS} rank, mean AUC ${mean}, SE ${error}\n`);
    // A pipeline that always says the same risk would pass without showing anything.
    expect(ranked).toBeGreaterThan(SEEDS / 2);
    expect(Math.abs(mean - 0.5)).toBeLessThanOrEqual(Math.max(0.01, 3 * error));
  });
});
