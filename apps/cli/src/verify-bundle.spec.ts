import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { signBytes } from '@concord/contracts';
import { verifierUrl, verifyBundle } from '@concord/contracts/verify-bundle';
import { randomInteger, seededRandom } from '@concord/numeric';
import { assessStudy, type StudyFacts } from '@concord/rqs';

import {
  base64url,
  bundleOf,
  digests,
  facts,
  harmonization,
  keys,
  lockDigest,
  protocol,
  whole,
  type Parts,
} from './small-bundle.fixture.js';

const verify = (files: Map<string, Uint8Array>) => verifyBundle(async (name) => files.get(name) ?? null);
const problemsOf = async (change: Partial<Parts>) => {
  const { problems } = await verify(bundleOf({ ...whole, ...change }));
  return problems.map(({ where, what }) => `${where}: ${what}`);
};
const withRun = (change: Partial<StudyFacts['validations'][number]>): StudyFacts => ({
  ...facts,
  validations: facts.validations.map((run) => ({ ...run, ...change })),
});

describe('the verifier', () => {
  it('holds a whole bundle to be whole', async () => {
    expect(await verify(bundleOf(whole))).toMatchObject({ problems: [], objectCount: 11, signatureCount: 5 });
    expect(assessStudy(facts).strict.items[11]?.points).toBe(3);
  });

  it('finds each of 200 random changes of one byte, and names the file', async () => {
    const random = seededRandom('one byte');
    const files = bundleOf(whole);
    const names = [...files.keys()];
    for (let round = 0; round < 200; round++) {
      const name = names[randomInteger(random, names.length)] ?? '';
      const bytes = Buffer.from(files.get(name) ?? []);
      const at = randomInteger(random, bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << randomInteger(random, 8));
      const { problems } = await verify(new Map(files).set(name, bytes));
      const places = problems.map(({ where }) => where).join('; ');
      // What lies inside bundle.json is named more exactly: release, step or audit entry.
      const expected = name === 'bundle.json' ? /bundle\.json|release|step|audit entry|objects/ : new RegExp(name);
      expect({ name, at, places }).toEqual({ name, at, places: expect.stringMatching(expected) });
    }
  });

  it.each<[string, Partial<Parts>, string]>([
    [
      'facts that hide a site of the harmonization',
      { facts: { ...facts, harmonization: facts.harmonization && { ...facts.harmonization, fittedOnSites: [] } } },
      'facts: harmonization: they are not what its record says',
    ],
    ['a record that is another one', { harmonization: { ...harmonization, batches: ['site-a', 'site-b'] } }, 'facts: harmonization combat: the record that it names is not in the bundle'], // prettier-ignore
    ['more events than were validated', { facts: withRun({ eventCount: 5 }) }, 'facts: validation of site-b: they are not what its record says'], // prettier-ignore
    ['an interval that was not estimated', { facts: withRun({ calibration: { hasStatistic: true, hasInterval: true, hasPlot: false } }) }, 'facts: statistics of site-b'], // prettier-ignore
    ['a decision curve that is not there', { facts: withRun({ decisionCurve: { kind: 'decision curve', id: 'b', digest: lockDigest } }) }, 'facts: statistics of site-b'], // prettier-ignore
    ['a resampling that was not done', { facts: withRun({ discriminationResampling: { replicates: 5000, seed: '1' } }) }, 'facts: statistics of site-b'], // prettier-ignore
    [
      'a predictor that the model does not hold',
      {
        facts: {
          ...facts,
          model: facts.model && { ...facts.model, predictors: [{ name: 'age', role: 'nonRadiomic' }] },
        },
      },
      'facts: predictors of the model',
    ],
    ['more features in than there were', { facts: { ...facts, selection: facts.selection && { ...facts.selection, featuresIn: 80 } } }, 'facts: feature selection'], // prettier-ignore
    ['another cut-off than the locked one', { facts: withRun({ threshold: 0.5 }) }, 'facts: validation of site-b'],
    [
      'outcomes that the site did not sign under the lock',
      { outcomesLock: null },
      'facts: site site-b: neither signature',
    ],
    ['outcomes that came before the lock', { isOpenedEarly: true }, 'facts: site site-b: neither signature'],
    [
      'a role that the protocol does not give',
      { facts: { ...facts, sites: facts.sites.map((s) => ({ ...s, role: 'externalValidation' as const })) } },
      'facts: site site-a: its role',
    ],
    [
      'a record that is not there',
      { facts: { ...facts, artefacts: [{ kind: 'artefact', id: 'code', digest: 'f'.repeat(64), content: 'code', url: 'u', licence: 'MIT', isSameAsUsed: true }] } }, // prettier-ignore
      'facts: artefact code: the record that it names is not in the bundle',
    ],
    [
      'a point that the facts do not give',
      {
        assessment: ({ strict, ...others }) => {
          const { items, ...rest } = strict as { items: { number: number; points: number }[] };
          return {
            ...others,
            strict: { ...rest, items: items.map((i) => (i.number === 2 ? { ...i, points: 1 } : i)) },
          };
        },
      },
      'quality score (strict): its facts give other points for item 2',
    ],
    [
      'a total that is not the sum',
      { assessment: ({ lenient, ...others }) => ({ ...others, lenient: { ...(lenient as object), total: 30 } }) },
      'quality score (lenient): its facts give a total of',
    ],
    [
      'a protocol that is not the frozen one',
      { edit: (manifest) => ({ ...manifest, protocol: { ...protocol, seed: 2 } }) },
      'bundle.json: protocol: it is not the protocol that was frozen',
    ],
    [
      'a release that another key signed',
      {
        edit: ({ releases, ...others }) => {
          const signature = (header: string) => base64url(signBytes(keys.hub, Buffer.from(header, 'base64url')));
          return { ...others, releases: releases.map((r) => ({ ...r, signature: signature(r.header) })) };
        },
      },
      'release 1 of site-a (features): the site did not sign this',
    ],
    [
      'a release whose header speaks of another table',
      {
        edit: ({ releases, ...others }) => ({
          ...others,
          releases: releases.map((r) => ({ ...r, tableDigest: releases[0]?.tableDigest ?? '' })),
        }),
      },
      'release 2 of site-a (outcomes): the tableDigest is not the one that the site signed',
    ],
    [
      'a step whose inputs are not those recorded',
      {
        edit: ({ steps, ...others }) => ({ ...others, steps: steps.map((s) => ({ ...s, inputs: { x: lockDigest } })) }),
      },
      'step fit: its inputs are not those that were recorded',
    ],
    [
      'a step whose outputs the audit log does not know',
      {
        edit: ({ steps, ...others }) => ({
          ...others,
          steps: steps.map((s) => (s.name === 'fit' ? { ...s, outputs: { model: digests.fit } } : s)),
        }),
      },
      'step fit: its outputs are not those in the audit log',
    ],
    [
      'an entry of the audit log that was changed',
      {
        edit: ({ audit, ...others }) => ({
          ...others,
          audit: audit.map((e, n) => (n === 2 ? { ...e, actor: 'me' } : e)),
        }),
      },
      'audit entry 3 (step.done): it was changed after it was written',
    ],
    [
      'an entry of the audit log that follows another one',
      { edit: ({ audit, ...others }) => ({ ...others, audit: audit.map((e, n) => (n === 2 ? { ...e, previousHash: lockDigest } : e)) }) }, // prettier-ignore
      'audit entry 3 (step.done): it was changed after it was written',
    ],
    [
      'an entry of the audit log that is gone',
      { edit: ({ audit, ...others }) => ({ ...others, audit: audit.filter((_entry, n) => n !== 2) }) },
      'audit entry 3: an entry is missing',
    ],
    [
      'a METRICS total that is not the sum',
      {
        assessment: ({ metrics, ...others }) => ({
          ...others,
          metrics: { ...(metrics as { total: number }), items: [] },
        }),
      },
      'quality score (metrics): its items do not add up',
    ],
    [
      'a METRICS score that its items do not give',
      { assessment: ({ metrics, ...others }) => ({ ...others, metrics: { ...(metrics as object), percent: 99 } }) },
      'quality score (metrics): its items do not add up',
    ],
  ])('finds %s, though every digest and signature is in order', async (_, change, words) => {
    const problems = await problemsOf(change);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n')).toContain(words);
  });

  it('finds a manifest that the hub did not sign, and one that is spelled otherwise', async () => {
    const placesOf = async (change: (text: string) => string) => {
      const files = bundleOf(whole);
      const text = Buffer.from(files.get('bundle.json') ?? []).toString('utf8');
      return (await verify(files.set('bundle.json', Buffer.from(change(text))))).problems;
    };
    const other = await placesOf((text) => text.replace('2026-11-25T08:00:00Z"}', '2026-11-26T08:00:00Z"}'));
    expect(other).toContainEqual({ where: 'bundle.json', what: 'it is not what the hub signed' });
    const spaced = await placesOf((text) => text.replace('{"', '{ "'));
    expect(spaced).toEqual([{ where: 'bundle.json', what: 'it is written otherwise than a hub writes it' }]);
    expect((await placesOf(() => '{"format":"concord.bundle/9"}'))[0]?.what).toContain('format 1');
    expect((await placesOf(() => '{"format":"concord.bundle/1"}'))[0]?.what).toContain('another shape');
  });

  it('gives the score once more with what the audit log says was stated, reviewed, contested and withdrawn since', async () => {
    const told = { item: 'rqs1.11', option: 'yes', statement: 'NCT00000000', attachmentDigest: null, institution: 'A' };
    const stated = ['claim.stated', 'statement-1', 'Dr A', told] as const;
    const review = (who: string, verdict: string) =>
      ['claim.reviewed', 'statement-1', who, { verdict, reason: 'read', institution: 'B' }] as const;
    const contest = [
      'item.contested',
      'objection-1',
      'Dr B',
      { item: 'rqs1.12', reason: 'no', institution: 'B' },
    ] as const;
    const today = async (...later: Parts['later']) => {
      const { problems, score } = await verify(bundleOf({ ...whole, later }));
      expect(problems).toEqual([]);
      expect(score?.frozen.strict).toBe(assessStudy(facts).strict.total);
      return (score?.today.strict ?? NaN) - (score?.frozen.strict ?? NaN);
    };
    expect(await today()).toBe(0);
    expect(await today(stated)).toBe(0);
    expect(await today(stated, review('Dr A', 'accept'))).toBe(0);
    expect(await today(stated, review('Dr B', 'accept'))).toBe(7);
    expect(await today(stated, review('Dr B', 'accept'), review('Dr C', 'contest'))).toBe(0);
    expect(await today(stated, review('Dr B', 'accept'), ['claim.withdrawn', 'statement-1', 'Dr A', {}])).toBe(0);
    expect(await today(contest)).toBe(-8);
    expect(await today(contest, ['item.contest-lifted', 'objection-1', 'Dr B', {}])).toBe(0);
    const empty = assessStudy({ ...facts, lock: null }).strict.total - assessStudy(facts).strict.total;
    expect(await today(['evidence.withdrawn', lockDigest, 'coordinator', { reason: 'wrong file' }])).toBe(empty);
  });

  it('refuses another verifier in the bundle, and takes its own', async () => {
    const own = readFileSync(fileURLToPath(verifierUrl));
    expect((await verify(bundleOf(whole).set('verify-bundle.mjs', own))).problems).toEqual([]);
    const { problems } = await verify(bundleOf(whole).set('verify-bundle.mjs', Buffer.concat([own, Buffer.from(' ')])));
    expect(problems.map(({ where }) => where)).toEqual(['verify-bundle.mjs']);
  });

  it('runs with nothing but Node, copied alone into an empty folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'concord-verifier-'));
    try {
      copyFileSync(fileURLToPath(verifierUrl), join(folder, 'verify-bundle.mjs'));
      const bundle = join(folder, 'bundle');
      mkdirSync(join(bundle, 'objects'), { recursive: true });
      for (const [name, bytes] of bundleOf(whole)) writeFileSync(join(bundle, name), bytes);
      const run = () =>
        new Promise<{ code: number; out: string }>((resolve) =>
          execFile(process.execPath, ['verify-bundle.mjs', 'bundle'], { cwd: folder, env: {} }, (error, out) =>
            resolve({ code: Number(error?.code ?? 0), out }),
          ),
        );
      expect(await run()).toEqual({ code: 0, out: expect.stringMatching(/^holds: 11 objects, 5 signatures/) });
      writeFileSync(join(bundle, 'objects', digests.onnx), 'another model');
      expect(await run()).toEqual({
        code: 3,
        out: `DOES NOT HOLD  objects/${digests.onnx} (onnx of step fit): its content is not what its name says\n`,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
