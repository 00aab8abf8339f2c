import { join } from 'node:path';

import { ledgerOf, ledgerTotals, proxyTotals, sitesOf, type CalmStudy } from './calm.suite.js';
import { concord, runBuiltDemo, type DemoResult } from './lib/installation.js';
import { RecordingProxy, type RecordedRequest } from './lib/recording-proxy.js';

const SLOW_MS = 60_000;

/**
 * The same study under faults: the hub is killed three times, one agent is stopped for a third of its work, and the
 * answer to every site's first commit is lost on the way. Nothing of it may be seen in the result.
 */
export function describeFaultyStudy(folder: string, calm: () => CalmStudy): void {
  describe('the same study with the hub killed three times, an agent stopped, and answers lost', () => {
    const sitesWithLoss = new Set<string>();
    const proxy = new RecordingProxy((request) => losesFirstCommit(request, sitesWithLoss));
    let result: DemoResult;

    beforeAll(async () => {
      const routeAgents = (hubUrl: string) => proxy.start(hubUrl);
      result = await runBuiltDemo({ out: join(folder, 'faults'), withFaults: true, routeAgents });
      await result.stop();
      await proxy.stop();
    }, 400_000);

    it('had its faults while it ran', () => {
      const ended = result.bundle.manifest.audit.find(
        ({ action, subject }) => action === 'step.done' && subject === 'report',
      );
      const before = result.faults.filter(({ at }) => at < (ended?.at ?? ''));
      expect(before.filter(({ kind }) => kind === 'hub killed').map(({ what }) => what)).toEqual([
        'while hospitals send',
        'while the model is made',
        'while it is judged',
      ]);
      expect(before.filter(({ kind }) => kind === 'hub back').length).toBe(3);
      const [stopped, goesOn] = ['agent stopped', 'agent goes on'].map((kind) =>
        before.find((event) => event.kind === kind),
      );
      expect(Date.parse(goesOn?.at ?? '') - Date.parse(stopped?.at ?? '')).toBeGreaterThan(2900);
      expect([...sitesWithLoss].sort()).toEqual(sitesOf(result));
    });

    it('ends with the digests of the calm study', () => {
      expect(result.resultDigest).toBe(calm().result.resultDigest);
      expect(result.truth?.holds).toBe(true);
    });

    it(
      'leaves a bundle that verifies',
      async () => {
        const { code, out } = await concord('verify', result.bundle.folder);
        expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^holds: /) });
      },
      SLOW_MS,
    );

    it(
      'loses and doubles no release',
      async () => {
        const expected = sitesOf(result).flatMap((site) => [`${site} 1 features`, `${site} 2 outcomes`]);
        const { releases, audit } = result.bundle.manifest;
        expect(releases.map(({ site, sequence, kind }) => `${site} ${sequence} ${kind}`).sort()).toEqual(expected);
        expect(audit.filter(({ action }) => action === 'release.received').length).toBe(expected.length);
        for (const site of sitesOf(result)) {
          const { entries } = await ledgerOf(result.out, site);
          const subjects = (action: string) =>
            entries.filter((entry) => entry.action === action).map(({ subject }) => subject);
          expect(subjects('sealed')).toEqual(['release 1', 'release 2']);
          expect(subjects('acknowledged')).toEqual(['release 1', 'release 2']);
        }
      },
      SLOW_MS,
    );

    it('does every step once and leaves none stuck', () => {
      const namesOf = ({ bundle }: DemoResult) => bundle.manifest.steps.map(({ name }) => name);
      expect(namesOf(result)).toEqual(namesOf(calm().result));
      const done = result.bundle.manifest.audit.filter(({ action }) => action === 'step.done');
      expect(done.map(({ subject }) => subject).sort()).toEqual([...namesOf(result)].sort());
      expect(result.bundle.manifest.audit.filter(({ action }) => action === 'step.failed')).toEqual([]);
    });

    it(
      'has ledgers that count what was sent in vain as well',
      async () => {
        expect(await ledgerTotals(result)).toEqual(proxyTotals(proxy));
      },
      SLOW_MS,
    );

    describeSameBytes(calm, () => result);
  });
}

function describeSameBytes(calm: () => CalmStudy, result: () => DemoResult): void {
  const both = () => [calm().result, result()] as const;

  it('releases the same bytes from every hospital', () => {
    const [tables, again] = both().map(({ bundle }) =>
      bundle.manifest.releases.map(({ site, kind, tableDigest }) => ({
        ...{ name: `${site} ${kind}`, bytes: Buffer.from(bundle.object(tableDigest)) },
      })),
    );
    expect(tables?.length).toBe(10);
    expect(again?.map(({ name }) => name)).toEqual(tables?.map(({ name }) => name));
    for (const [index, { bytes }] of (tables ?? []).entries()) expect(again?.[index]?.bytes.equals(bytes)).toBe(true);
  });

  it.each([
    ['harmonization', 'harmonize-development', 'model'],
    ['ONNX file', 'fit', 'onnx'],
    ['lock', 'lock', 'lock'],
    ['validation', 'validate', 'validation'],
    ['record of the quality score', 'assess', 'facts'],
    ['quality score', 'assess', 'assessment'],
  ])('makes the same %s, byte for byte', (_, step, role) => {
    const [first, second] = both().map(({ bundle }) => Buffer.from(bundle.output(step, role)));
    expect(first?.length).toBeGreaterThan(100);
    expect(second?.equals(first ?? Buffer.alloc(0))).toBe(true);
  });
}

function losesFirstCommit({ kind, site }: RecordedRequest, sites: Set<string>): boolean {
  if (kind !== 'message' || site === null || sites.has(site)) return false;
  sites.add(site);
  return true;
}
