import { parseProtocol, protocolDigest, type StudyProtocol } from '@concord/contracts';

import {
  BLOCK_FEATURES,
  blockFeatures,
  blocksOf,
  readySteps,
  stepNames,
  type ReleaseFact,
  type RunFacts,
  type StepOutputs,
} from './run.graph.js';

const protocol: StudyProtocol = parseProtocol({
  format: 'concord.protocol/1',
  studyId: 'study',
  title: 'Study',
  source: { kind: 'table' },
  features: ['a', 'b'],
  acquisition: [],
  outcome: { target: 'mvi', columns: [{ name: 'mvi', role: 'binary' }] },
  harmonization: { method: 'combat', batch: 'site', empiricalBayes: 'parametric', stop: 'exact' },
  model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 5 },
  threshold: { rule: 'youden-development' },
  sites: [
    { code: 'a', name: 'A', role: 'development' },
    { code: 'b', name: 'B', role: 'development' },
    { code: 'c', name: 'C', role: 'externalValidation' },
  ],
  metrics: ['auc'],
  leakAuditReplicates: 5,
  seed: 1,
});

function facts(releases: [string, ReleaseFact['kind']][], done: Record<string, string[]>): RunFacts {
  const rows: ReleaseFact[] = releases.map(([site, kind]) => ({ site, kind, tableDigest: `${kind} of ${site}` }));
  const outputs = ([name, roles]: [string, string[]]): [string, StepOutputs] => [
    name,
    Object.fromEntries(roles.map((role) => [role, `${role} by ${name}`])),
  ];
  return {
    protocol,
    protocolDigest: protocolDigest(protocol),
    releases: rows,
    done: new Map(Object.entries(done).map(outputs)),
  };
}

const names = (run: RunFacts) => readySteps(run).map((step) => step.name);
const developed = { 'harmonize-development': ['model', 'harmonized:a', 'harmonized:b'], fit: ['model', 'onnx'] };

describe('readySteps', () => {
  it('waits for every development site before it harmonizes', () => {
    expect(names(facts([['a', 'features']], {}))).toEqual([]);
    expect(
      names(
        facts(
          [
            ['a', 'features'],
            ['b', 'features'],
          ],
          {},
        ),
      ),
    ).toEqual(['harmonize-development']);
  });

  it('opens nothing of a validation site before the lock, whatever has arrived', () => {
    const all: [string, 'features' | 'outcomes'][] = [
      ['a', 'features'],
      ['b', 'features'],
      ['c', 'features'],
      ['a', 'outcomes'],
      ['b', 'outcomes'],
      ['c', 'outcomes'],
    ];
    expect(names(facts(all, {}))).toEqual(['harmonize-development']);
    expect(names(facts(all, developed))).toEqual(['lock']);
    const locked = facts(all, { ...developed, lock: ['lock'] });
    expect(names(locked)).toEqual(['harmonize-site:c']);
    expect(readySteps(locked)[0]?.inputs).toMatchObject({ lock: 'lock by lock', features: 'features of c' });
  });

  it('walks through every step once, in the order in which they are listed', () => {
    const outputs: Record<string, string[]> = {
      ...developed,
      lock: ['lock'],
      'harmonize-site:c': ['harmonized', 'estimates'],
      'scanner-effects': ['effects'],
      'predict:c': ['predictions'],
      validate: ['validation'],
      'leak-audit': ['leakAudit'],
      assess: ['assessment', 'facts'],
      report: ['report', 'html'],
    };
    const releases: [string, 'features' | 'outcomes'][] = ['a', 'b', 'c'].flatMap((site) => [
      [site, 'features'],
      [site, 'outcomes'],
    ]);
    const done: Record<string, string[]> = {};
    for (let turn = 0; turn < 20; turn++) {
      for (const name of names(facts(releases, done))) done[name] = outputs[name] ?? [];
    }
    expect(Object.keys(done).sort()).toEqual(stepNames(protocol, false).sort());
    expect(names(facts(releases, done))).toEqual([]);
  });

  it('names a step’s inputs in its digest, so that another table is another step', () => {
    const [step] = readySteps(
      facts(
        [
          ['a', 'features'],
          ['b', 'features'],
        ],
        {},
      ),
    );
    const other = facts(
      [
        ['a', 'features'],
        ['b', 'features'],
      ],
      {},
    );
    const [changed] = readySteps({
      ...other,
      releases: other.releases.map((release, index) =>
        index === 0 ? { ...release, tableDigest: 'another' } : release,
      ),
    });
    expect(changed?.inputDigest).not.toBe(step?.inputDigest);
  });

  it('cuts many features into blocks that hold each of them once, in order, and none where one job does it', () => {
    for (const count of [1, BLOCK_FEATURES, BLOCK_FEATURES + 1, 3 * BLOCK_FEATURES]) {
      const features = Array.from({ length: count }, (_, index) => `f${index}`);
      const cut = { ...protocol, features };
      expect(blocksOf(cut).length).toBe(count <= BLOCK_FEATURES ? 0 : Math.ceil(count / BLOCK_FEATURES));
      if (blocksOf(cut).length > 0)
        expect(blocksOf(cut).flatMap((block) => blockFeatures(cut, block))).toEqual(features);
    }
  });

  it('waits for every block before what needs all of them', () => {
    const features = Array.from({ length: BLOCK_FEATURES + 1 }, (_, index) => `f${index}`);
    const cut = (done: Record<string, string[]>): string[] =>
      names({
        ...facts(
          [
            ['a', 'features'],
            ['b', 'features'],
          ],
          done,
        ),
        protocol: { ...protocol, features },
      });
    expect(cut({})).toEqual(['harmonize-block:1', 'harmonize-block:2']);
    expect(cut({ 'harmonize-block:1': ['fit'] })).toEqual(['harmonize-block:2']);
    expect(cut({ 'harmonize-block:1': ['fit'], 'harmonize-block:2': ['fit'] })).toEqual(['harmonize-development']);
  });

  it('harmonises and measures where a development site shares sums only, and ends there', () => {
    const shared: [string, ReleaseFact['kind']][] = [
      ['a', 'harmonization-sums'],
      ['b', 'features'],
    ];
    const [first, ...rest] = readySteps(facts(shared, {}));
    expect([first.name, Object.keys(first.inputs).sort(), rest]).toEqual([
      'harmonize-development',
      ['features:b', 'sums:a'],
      [],
    ]);
    expect(names(facts(shared.slice(0, 1), {}))).toEqual([]); // the other site has not shared yet
    const done: Record<string, string[]> = { 'harmonize-development': ['model', 'pooled'] };
    expect(names(facts(shared, done))).toEqual(['scanner-effects']);
    expect(names(facts(shared, { ...done, 'scanner-effects': ['effects'] }))).toEqual([]);
    expect(stepNames(protocol, true)).toEqual(['harmonize-development', 'scanner-effects']);
  });
});
