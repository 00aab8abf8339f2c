import {
  bundleDigest,
  canonicalJson,
  chainHash,
  digestOf,
  makeSigningKeys,
  sha256,
  signBytes,
  type BundleManifest,
} from '@concord/contracts';
import { assessStudy, type StudyFacts } from '@concord/rqs';

/** A whole small study, written as a hub writes it, that a test can change anywhere before it is signed. */
export interface Parts {
  readonly facts: StudyFacts;
  readonly harmonization: Record<string, unknown>;
  readonly validation: Record<string, unknown>;
  /** Change of the assessment after it was derived. */
  readonly assessment: (derived: Record<string, unknown>) => Record<string, unknown>;
  readonly outcomesLock: string | null;
  readonly isOpenedEarly: boolean;
  /** What people did afterwards: action, subject, who, details. */
  readonly later: readonly (readonly [string, string, string, Record<string, unknown>])[];
  /** Change of the manifest before the hub signs it. */
  readonly edit: (manifest: Manifest) => Manifest;
}
type Manifest = Omit<BundleManifest, 'hubSignature'>;

export const keys = { hub: makeSigningKeys(), a: makeSigningKeys(), b: makeSigningKeys() };
export const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
export const protocol = {
  studyId: 'small',
  sites: [
    { code: 'site-a', role: 'development' },
    { code: 'site-b', role: 'externalValidation' },
  ],
};
const protocolDigest = digestOf(protocol);
const json = (value: unknown) => Buffer.from(canonicalJson(value));
export const harmonization = { batches: ['site-a'], batchCounts: [20], transductive: false };
const features = ['f1', 'f2', 'f3'];
const fit = { developmentSites: ['site-a'], candidates: features, logistic: { features, coefficients: [0.3, 0, -1] } };
const onnx = Buffer.from('a model');
export const digests = { harmonization: sha256(json(harmonization)), fit: sha256(json(fit)), onnx: sha256(onnx) };
const lock = { modelDigest: digests.onnx, harmonizationDigest: digests.harmonization, threshold: { value: 0.4 } };
export const lockDigest = sha256(json(lock));
const used = { lockDigest, modelDigest: digests.onnx, harmonizationDigest: digests.harmonization, threshold: 0.4 };
const bootstrap = { replicates: 1000, seed: '1' };
const cohort = {
  ...{ site: 'site-b', patientCount: 10, eventCount: 4, auc: { status: 'ok', interval: [0.6, 0.9] } },
  bootstrap: { auc: true, calibrationSlope: false },
};
const validation = { ...used, bootstrap, perSite: [cohort] };
const estimate = { hasEstimate: true, hasInterval: true };
export const facts: StudyFacts = {
  studyId: 'small',
  protocol: {
    ...{ kind: 'protocol', id: 'small', digest: protocolDigest, declaresLeakAudit: false, publicAcquisition: null },
    design: { track: 'handcrafted', segmentation: 'manual', imageSetCount: 1 },
  },
  sites: protocol.sites.map(({ code, role }) => ({
    ...{ code, role: role as 'development', acquisition: null, scanners: [] },
    trainingRowCount: code === 'site-a' ? 20 : 0,
    outcomesOpenedAt: code === 'site-a' ? null : 3,
  })),
  harmonization: {
    ...{ kind: 'harmonization', id: 'combat', digest: digests.harmonization },
    ...{ isTransductive: false, fittedOnSites: ['site-a'], fittedRowCount: 20 },
  },
  selection: {
    ...{ kind: 'feature selection', id: 'elastic net', digest: digests.fit, featuresIn: 3, featuresOut: 2 },
    ...{ rows: 'development', multiplicity: null, harmonizationDigest: digests.harmonization, robustnessDigest: null },
  },
  model: {
    ...{ kind: 'model', id: 'm', digest: digests.onnx, candidates: [], publishedDoi: null },
    predictors: ['f1', 'f3'].map((name) => ({ name, role: 'radiomic' as const })),
    ...{ selectionDigest: digests.fit, harmonizationDigest: digests.harmonization },
  },
  lock: {
    ...{ kind: 'lock', id: 'lock', digest: lockDigest, sequence: 1, modelDigest: digests.onnx, threshold: 0.4 },
    ...{ harmonizationDigest: digests.harmonization, thresholdRule: 'developmentYouden' },
  },
  validations: [
    {
      ...{ kind: 'validation run', id: 'site-b', digest: sha256(json(validation)), site: 'site-b', cohort: 'external' },
      ...{ patientCount: 10, eventCount: 4, ...used, outcomesOpenedAt: 3, siteAdjustment: null },
      ...{ discrimination: estimate, calibration: null, hasConfusionMatrix: true, isUnseenByOwner: true },
      ...{
        discriminationResampling: bootstrap,
        calibrationResampling: null,
        decisionCurve: null,
      },
    },
  ],
  ...{ extraction: null, leakAudit: null, run: null },
  ...{ robustness: [], comparators: [], associations: [], analyses: [], artefacts: [], claims: [], contests: [] },
};
export const whole: Parts = {
  ...{ facts, harmonization, validation, assessment: (derived) => derived },
  ...{ outcomesLock: lockDigest, isOpenedEarly: false, later: [], edit: (manifest) => manifest },
};

/** Files of a bundle by name, with digests, chain and signatures all in order whatever the parts say. */
export function bundleOf(parts: Parts): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array) => {
    files.set(`objects/${sha256(bytes)}`, bytes);
    return sha256(bytes);
  };
  const assessment = parts.assessment({ ...assessStudy(parts.facts) });
  const outputs: Record<string, Record<string, string>> = {
    'harmonize-development': { model: keep(json(parts.harmonization)) },
    fit: { model: keep(json(fit)), onnx: keep(onnx) },
    lock: { lock: keep(json(lock)) },
    validate: { validation: keep(json(parts.validation)) },
    assess: { facts: keep(json(parts.facts)), assessment: keep(json(assessment)) },
  };
  const steps = Object.entries(outputs).map(([name, made]) => ({
    ...{ name, kind: name, site: null, inputs: {}, outputs: made },
    inputDigest: digestOf({ kind: name, site: null, protocolDigest, inputs: {} }),
  }));
  const releases = (['features', 'outcomes'] as const).flatMap((kind, index) =>
    (['a', 'b'] as const).map((letter) => {
      const site = `site-${letter}`;
      const tableDigest = keep(Buffer.from(`${kind} of ${site}`));
      const named = kind === 'outcomes' && letter === 'b' ? parts.outcomesLock : null;
      const header = json({ kind, studyId: 'small', site, sequence: index + 1, protocolDigest, lockDigest: named, tableDigest }); // prettier-ignore
      const signature = base64url(signBytes(keys[letter], header));
      return { site, sequence: index + 1, kind, tableDigest, header: base64url(header), signature };
    }),
  );
  const opened = ['release.received', 'site-b', 'hub', { kind: 'outcomes' }] as const;
  const events = [
    ...(parts.isOpenedEarly ? [opened] : []),
    ...steps.map(({ name, outputs: made }) => ['step.done', name, 'hub', { outputs: made }] as const),
    ['model.locked', lockDigest, 'hub', {}] as const,
    ...(parts.isOpenedEarly ? [] : [opened]),
    ...parts.later,
  ];
  let previousHash = '0'.repeat(64);
  const audit = events.map(([action, subject, actor, details], index) => {
    const content = { chain: 'small', sequence: index + 1, at: '2026-11-25T08:00:00Z', actor, action, subject, details }; // prettier-ignore
    const entry = { ...content, previousHash, hash: chainHash(previousHash, content) };
    previousHash = entry.hash;
    return entry;
  });
  const sites = (['a', 'b'] as const).map((letter) => ({ code: `site-${letter}`, signKey: keys[letter].publicKey }));
  const manifest: Manifest = parts.edit({
    ...{ format: 'concord.bundle/1' as const, studyId: 'small', protocol, protocolDigest, sites, releases, steps, audit }, // prettier-ignore
    ...{ hubSignKey: keys.hub.publicKey, lock: { digest: lockDigest, lockedAt: '2026-11-25T08:00:00Z' } },
  });
  const hubSignature = base64url(signBytes(keys.hub, Buffer.from(bundleDigest(manifest))));
  return files.set('bundle.json', Buffer.from(JSON.stringify({ ...manifest, hubSignature })));
}
