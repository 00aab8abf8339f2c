import fc from 'fast-check';

import {
  ContractError,
  parseProtocol,
  protocolDigest,
  releaseColumns,
  sumsCodebook,
  type StudyProtocol,
} from './index.js';

const protocol: StudyProtocol = {
  format: 'concord.protocol/1',
  studyId: 'hcc-mvi',
  title: 'Microvascular invasion in HCC',
  source: { kind: 'images', regionName: 'tumour', extraction: { format: 'concord.extraction/2', width: 25 } },
  features: ['stat_mean', 'stat_var'],
  acquisition: ['modality', 'kernel'],
  outcome: { target: 'mvi', columns: [{ name: 'mvi', role: 'binary' }] },
  harmonization: { method: 'combat', batch: 'site', empiricalBayes: 'parametric', stop: 'exact' },
  model: { kind: 'elastic-net-logistic', alpha: 0.5, foldCount: 5 },
  threshold: { rule: 'youden-development' },
  sites: [
    { code: 'site-a', name: 'A', role: 'development' },
    { code: 'site-b', name: 'B', role: 'externalValidation' },
  ],
  metrics: ['auc'],
  leakAuditReplicates: 0,
  seed: 1,
};

function problemsOf(value: unknown): string {
  try {
    parseProtocol(value);
    return '';
  } catch (error) {
    if (error instanceof ContractError && error.code === 'PROTOCOL_INVALID') return error.what;
    throw error;
  }
}

const withOutcomes = (...names: string[]) => ({
  ...protocol,
  outcome: { target: 'mvi', columns: names.map((name) => ({ name, role: 'binary' })) },
});

const withCovariates = (...covariates: object[]) => ({
  ...protocol,
  harmonization: { ...protocol.harmonization, covariates },
});

describe('parseProtocol', () => {
  it('takes a whole protocol as it is', () => {
    expect(parseProtocol(structuredClone(protocol))).toEqual(protocol);
  });

  it.each([
    ['a field more', { ...protocol, extra: 1 }, 'extra'],
    ['a feature twice', { ...protocol, features: ['a', 'a'] }, 'twice'],
    ['an outcome among the features', { ...protocol, features: ['mvi'] }, '"mvi" is an outcome'],
    ['a target that is no column', { ...protocol, outcome: { ...protocol.outcome, target: 'os' } }, 'outcome.target'],
    ['a site twice', { ...protocol, sites: [protocol.sites[0], protocol.sites[0], protocol.sites[1]] }, 'twice'],
    [
      'no external site',
      { ...protocol, sites: [protocol.sites[0], { ...protocol.sites[0], code: 'c' }] },
      'externalValidation',
    ],
    ['an acquisition fact that identifies', { ...protocol, acquisition: ['patientName'] }, 'acquisition.0'],
    ['a study id that is no code', { ...protocol, studyId: '../x' }, 'studyId'],
    ['a feature named as the pseudonym', { ...protocol, features: ['pseudonym'] }, '"pseudonym"'],
    ['a feature named as an acquisition fact', { ...protocol, features: ['kernel'] }, '"kernel"'],
    ['an acquisition fact twice', { ...protocol, acquisition: ['kernel', 'kernel'] }, '"kernel"'],
    ['an outcome twice', withOutcomes('mvi', 'mvi'), '"mvi"'],
    ['an outcome named as the pseudonym', withOutcomes('mvi', 'pseudonym'), '"pseudonym"'],
    [
      'a target that is a time',
      { ...protocol, outcome: { target: 'mvi', columns: [{ name: 'mvi', role: 'time' }] } },
      'not binary',
    ],
    ['a leak audit that gives no interval', { ...protocol, leakAuditReplicates: 1 }, 'leakAuditReplicates'],
    ['an outcome as a covariate', withCovariates({ name: 'mvi', kind: 'continuous' }), '"mvi" is an outcome'],
    ['a covariate named as a feature', withCovariates({ name: 'stat_var', kind: 'continuous' }), '"stat_var"'],
    ['one level only', withCovariates({ name: 'sex', kind: 'categorical', levels: ['f'] }), 'covariates.0.levels'],
    ['a level twice', withCovariates({ name: 'sex', kind: 'categorical', levels: ['f', 'f'] }), '"sex" occurs twice'],
    ['sums of one development site', { ...protocol, sharing: 'sums' }, 'sums need 3 development sites'],
    ['nothing', null, 'protocol'],
  ])('refuses %s and names it', (_, value, problem) => {
    expect(problemsOf(value)).toContain(problem);
  });
});

describe('protocolDigest', () => {
  it('does not depend on the order of members and changes with any of them', () => {
    const shuffled = Object.fromEntries(Object.entries(protocol).reverse()) as unknown as StudyProtocol;
    expect(protocolDigest(shuffled)).toBe(protocolDigest(protocol));
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(protocolDigest({ ...protocol, seed }) === protocolDigest(protocol)).toBe(seed === protocol.seed);
      }),
    );
    expect(protocolDigest({ ...protocol, features: ['stat_var', 'stat_mean'] })).not.toBe(protocolDigest(protocol));
  });
});

describe('sumsCodebook', () => {
  it('codes categorical covariates first, their levels in text order, whatever the protocol’s order', () => {
    const mixed = parseProtocol(
      withCovariates(
        { name: 'age', kind: 'continuous' },
        { name: 'stage', kind: 'categorical', levels: ['late', 'early'] },
      ),
    );
    expect(sumsCodebook(mixed)).toEqual({
      features: ['stat_mean', 'stat_var'],
      covariates: [
        { name: 'stage', kind: 'categorical', levels: ['early', 'late'] },
        { name: 'age', kind: 'continuous' },
      ],
    });
    expect(releaseColumns(mixed, 'features').slice(3)).toEqual(['age', 'stage', 'stat_mean', 'stat_var']);
  });

  it('leaves the digest of a protocol without covariates and of vectors as it was', () => {
    expect(protocolDigest(parseProtocol({ ...protocol }))).toBe(protocolDigest(protocol));
    expect(protocolDigest({ ...protocol, sharing: 'vectors' })).not.toBe(protocolDigest(protocol));
  });
});

describe('releaseColumns', () => {
  it('lets features out without outcomes and outcomes without features', () => {
    expect(releaseColumns(protocol, 'features')).toEqual(['pseudonym', 'modality', 'kernel', 'stat_mean', 'stat_var']);
    expect(releaseColumns(protocol, 'outcomes')).toEqual(['pseudonym', 'mvi']);
  });
});
