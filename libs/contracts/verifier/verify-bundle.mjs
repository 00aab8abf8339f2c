#!/usr/bin/env node
// Checks a Concord report bundle. One file, no dependency, no network, no account: Node 20 or later is enough.
//
//   node verify-bundle.mjs BUNDLE          a folder with bundle.json and objects/
//
// It says "holds" and ends with 0, or names every place that does not hold and ends with 3. `concord verify` runs this
// same file. To trust it, read it: it is in five parts.
//
//   1  Bytes       every object is what its name says; the protocol is the frozen one.
//   2  Signatures  each hospital signed what it released; steps follow from their inputs; no line of the audit log was
//                  changed, dropped or moved; the hub signed the whole.
//   3  Facts       what the quality score was given as facts agrees with the records in the bundle: who gave rows to
//                  the fit, what was locked, what was opened after it, how many patients were judged.
//   4  Score       the Radiomics Quality Score 1.0 (Lambin 2017, doi:10.1038/nrclinonc.2017.141) is given again from the
//                  facts, by both readings. This is written a second time on purpose: it shares no line with the code
//                  that gave the points. RQS 2.0 and METRICS are added up again, not answered again.
//   5  Today       statements, reviews and objections since then are replayed from the audit log, and the score is given
//                  once more with them.
//
// What it cannot say: that the hospitals' tables are true, that the hub's key belongs to who you think (compare it by
// another way), or that figures and sentences of the report are well chosen.

import { createHash, createPublicKey, verify } from 'node:crypto';

/** Address of this file: what puts it into a bundle copies it from here. */
export const verifierUrl = import.meta.url;

/**
 * @param {(name: string) => Promise<Uint8Array | null>} read a file of the bundle by its name, null where it is not there
 * @returns what does not hold (empty: all holds), and how much was checked
 */
export async function verifyBundle(read) {
  const text = Buffer.from((await read('bundle.json')) ?? []).toString('utf8');
  let bundle;
  try {
    bundle = JSON.parse(text);
  } catch {
    return result([problem('bundle.json', 'it is not there, or not JSON: it was changed or cut')]);
  }
  if (bundle?.format !== 'concord.bundle/1') return result([problem('bundle.json', 'it is not a bundle of format 1')]);
  const problems = [];
  let objects = new Map();
  let score = null;
  try {
    objects = objectsOf(bundle);
    problems.push(...(await checkObjects(objects, read)));
    problems.push(...checkProtocol(bundle));
    for (const release of bundle.releases) problems.push(...checkRelease(bundle, release));
    for (const step of bundle.steps) problems.push(...checkStep(bundle, step));
    problems.push(...checkAudit(bundle), ...checkHub(bundle, text), ...(await checkSelf(read)));
    // Facts and score stand on all of the above, so they are only worth reading when it holds.
    if (problems.length === 0) {
      const quality = await checkQuality(bundle, objects, read);
      problems.push(...quality.problems);
      score = quality.score;
    }
  } catch (error) {
    problems.push(problem('bundle.json', `it has another shape than a hub writes (${error.message})`));
  }
  return result(problems, bundle, objects, score);
}

const problem = (where, what) => ({ where, what });

function result(problems, bundle, objects, score = null) {
  return {
    problems,
    objectCount: objects?.size ?? 0,
    signatureCount: (bundle?.releases?.length ?? -1) + 1,
    auditEntryCount: bundle?.audit?.length ?? 0,
    stepCount: bundle?.steps?.length ?? 0,
    score,
  };
}

// ---------------------------------------------------------------------------------------------- 1  Bytes

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** JSON with sorted keys and no spaces: equal values give equal bytes. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join(',')}}`;
}

const digestOf = (value) => sha256(canonical(value));

/** Every object and what it is: `features table of site-b`, `model of step fit`. */
function objectsOf({ releases, steps }) {
  const objects = new Map(releases.map((release) => [release.tableDigest, `${release.kind} table of ${release.site}`]));
  for (const step of steps) {
    for (const [role, digest] of Object.entries(step.outputs)) {
      if (!objects.has(digest)) objects.set(digest, `${role} of step ${step.name}`);
    }
  }
  return objects;
}

async function checkObjects(objects, read) {
  const problems = [];
  for (const [digest, role] of objects) {
    const where = `objects/${digest} (${role})`;
    if (!/^[0-9a-f]{64}$/.test(digest)) {
      problems.push(problem(where, 'its name is not a SHA-256'));
      continue;
    }
    const bytes = await read(`objects/${digest}`);
    if (bytes === null) problems.push(problem(where, 'the object is missing'));
    else if (sha256(bytes) !== digest) problems.push(problem(where, 'its content is not what its name says'));
  }
  return problems;
}

function checkProtocol({ protocol, protocolDigest }) {
  return digestOf(protocol) === protocolDigest
    ? []
    : [problem('bundle.json: protocol', 'it is not the protocol that was frozen')];
}

/** A copy of this file that lies in the bundle must be this file. */
async function checkSelf(read) {
  const copy = await read('verify-bundle.mjs');
  if (copy === null) return [];
  const { readFile } = await import('node:fs/promises');
  const own = await readFile(new URL(verifierUrl));
  return own.equals(Buffer.from(copy))
    ? []
    : [problem('verify-bundle.mjs', 'it is not the verifier that is running; take one from a source you trust')];
}

// ---------------------------------------------------------------------------------------------- 2  Signatures

/** Ed25519; keys are 32 bytes, signatures 64, both in Base64 for addresses, in their one spelling. */
function isSigned(publicKey, bytes, signature) {
  try {
    const raw = Buffer.from(signature, 'base64url');
    if (raw.toString('base64url') !== signature) return false;
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKey },
      format: 'jwk',
    });
    return verify(null, bytes, key, raw);
  } catch {
    return false; // what cannot be read has signed nothing
  }
}

const headerOf = (release) => JSON.parse(Buffer.from(release.header, 'base64url').toString('utf8'));

function checkRelease(bundle, release) {
  const where = `release ${release.sequence} of ${release.site} (${release.kind})`;
  const site = bundle.sites.find(({ code }) => code === release.site);
  if (!site) return [problem(where, 'the site has no key in the bundle')];
  if (!isSigned(site.signKey, Buffer.from(release.header, 'base64url'), release.signature)) {
    return [problem(where, 'the site did not sign this')];
  }
  const header = headerOf(release);
  const claimed = {
    ...release,
    studyId: bundle.studyId,
    protocolDigest: bundle.protocolDigest,
  };
  return ['tableDigest', 'site', 'kind', 'sequence', 'studyId', 'protocolDigest']
    .filter((name) => header[name] !== claimed[name])
    .map((name) => problem(where, `the ${name} is not the one that the site signed`));
}

function checkStep({ protocolDigest, audit }, { name, kind, site, inputs, inputDigest, outputs }) {
  const problems = [];
  if (digestOf({ kind, site, protocolDigest, inputs }) !== inputDigest) {
    problems.push(problem(`step ${name}`, 'its inputs are not those that were recorded'));
  }
  const entry = audit.find(({ action, subject }) => action === 'step.done' && subject === name);
  if (!entry || canonical(entry.details.outputs) !== canonical(outputs)) {
    problems.push(problem(`step ${name}`, 'its outputs are not those in the audit log'));
  }
  return problems;
}

/** Each entry's hash covers its content and the hash before it; the first entry follows 64 zeros. */
function checkAudit({ audit, studyId }) {
  let previous = '0'.repeat(64);
  for (const [index, { hash, previousHash, ...content }] of audit.entries()) {
    if (content.sequence !== index + 1 || content.chain !== studyId) {
      return [problem(`audit entry ${index + 1}`, 'an entry is missing, doubled or of another study')];
    }
    if (previousHash !== previous || hash !== sha256(`${previous}\n${canonical(content)}`)) {
      return [problem(`audit entry ${content.sequence} (${content.action})`, 'it was changed after it was written')];
    }
    previous = hash;
  }
  return [];
}

/** The hub signed the digest of everything but its signature; and the file has no second spelling. */
function checkHub({ hubSignature, ...signed }, text) {
  if (!isSigned(signed.hubSignKey, Buffer.from(digestOf(signed)), hubSignature)) {
    return [problem('bundle.json', 'it is not what the hub signed')];
  }
  const isAsWritten = JSON.stringify(JSON.parse(text)) === text;
  return isAsWritten ? [] : [problem('bundle.json', 'it is written otherwise than a hub writes it')];
}

// ---------------------------------------------------------------------------------------------- 3  Facts

async function checkQuality(bundle, objects, read) {
  const output = (step, role) => bundle.steps.find(({ name }) => name === step)?.outputs[role];
  if (!output('assess', 'facts')) return { problems: [], score: null };
  const json = async (digest) => {
    const bytes = digest === undefined ? null : await read(`objects/${digest}`);
    return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString('utf8'));
  };
  const facts = await json(output('assess', 'facts'));
  const records = {
    harmonization: await json(facts.harmonization?.digest),
    fit: await json(facts.selection?.digest),
    lock: await json(facts.lock?.digest),
    leakAudit: await json(facts.leakAudit?.digest),
    validation: await json(output('validate', 'validation')),
  };
  const missing = checkReferences(bundle, objects, facts);
  if (missing.length > 0) return { problems: missing, score: null };
  const problems = [
    ...checkSites(bundle, facts),
    ...checkRecords(facts, records),
    ...checkScores(facts, await json(output('assess', 'assessment')), await json(output('report', 'report'))),
  ];
  return {
    problems,
    score: {
      frozen: totals(facts),
      today: totals(factsOfToday(bundle, facts)),
    },
  };
}

/** Every record that the facts name is in the bundle, or its digest is in the audit log or in a signed header. */
function checkReferences(bundle, objects, facts) {
  const { protocol, protocolDigest, steps, audit, releases } = bundle;
  const extraction = protocol.source?.extraction;
  const known = new Set([...objects.keys(), protocolDigest, ...steps.map(({ inputDigest }) => inputDigest)]);
  if (extraction) known.add(digestOf(extraction));
  const elsewhere = canonical(audit) + releases.map((release) => canonical(headerOf(release))).join();
  const problems = [];
  const visit = (fact) => {
    if (fact === null || typeof fact !== 'object') return;
    if (typeof fact.digest === 'string' && !known.has(fact.digest) && !elsewhere.includes(`"${fact.digest}"`)) {
      problems.push(problem(`facts: ${fact.kind} ${fact.id}`, 'the record that it names is not in the bundle'));
    }
    Object.values(fact).forEach(visit);
  };
  visit(facts);
  return problems;
}

/** Roles are the protocol's; outcomes of a validation site were signed under the lock, and came after it. */
function checkSites({ protocol, releases, audit }, facts) {
  const place = (action, test) => audit.find((entry) => entry.action === action && test(entry))?.sequence;
  const locked = place('model.locked', ({ subject }) => subject === facts.lock?.digest);
  const isAfterLock = (code) => {
    const release = releases.find(({ site, kind }) => site === code && kind === 'outcomes');
    const came = place('release.received', ({ subject, details }) => subject === code && details.kind === 'outcomes');
    return release && headerOf(release).lockDigest === facts.lock?.digest && locked < came;
  };
  const problems = [];
  for (const { code, role, trainingRowCount, outcomesOpenedAt } of facts.sites) {
    const where = `facts: site ${code}`;
    const planned = protocol.sites.find((site) => site.code === code);
    if (planned?.role !== role) problems.push(problem(where, 'its role is not that of the protocol'));
    if (role === 'externalValidation' && trainingRowCount !== 0) continue; // earns nothing: item 12 asks for none
    if (outcomesOpenedAt > facts.lock?.sequence && !isAfterLock(code)) {
      problems.push(problem(where, 'neither signature nor audit log shows that its outcomes came after the lock'));
    }
  }
  for (const { site, outcomesOpenedAt } of facts.validations) {
    if (outcomesOpenedAt > facts.lock?.sequence && !isAfterLock(site)) {
      problems.push(problem(`facts: validation of ${site}`, 'its outcomes are not shown to have come after the lock'));
    }
  }
  return problems;
}

/** What facts say of the fit, the lock, the leak audit and each validation is what those records say. */
function checkRecords(facts, { harmonization, fit, lock, leakAudit, validation }) {
  const pairs = [];
  const same = (where, said, recorded) => pairs.push([where, said, recorded]);
  if (facts.harmonization) {
    const { isTransductive, fittedOnSites, fittedRowCount } = facts.harmonization;
    const rows = harmonization?.batchCounts.reduce((sum, count) => sum + count, 0);
    same('harmonization', [isTransductive, fittedOnSites], [harmonization?.transductive, harmonization?.batches]);
    same('rows of the harmonization', fittedRowCount, rows);
  }
  if (facts.selection) {
    const development = facts.sites.filter(({ role }) => role === 'development').map(({ code }) => code);
    const strangers = (fit?.developmentSites ?? []).filter((code) => !development.includes(code));
    same('rows of the fit', strangers, []);
    const { features = [], coefficients = [] } = fit?.logistic ?? {};
    const kept = features.filter((_, index) => coefficients[index] !== 0);
    const { featuresIn, featuresOut } = facts.selection;
    same('feature selection', [featuresIn, featuresOut], [fit?.candidates.length, kept.length]);
    if (facts.model)
      same(
        'predictors of the model',
        facts.model.predictors.map(({ name }) => name),
        kept,
      );
  }
  if (facts.lock) {
    const { modelDigest, harmonizationDigest, threshold } = facts.lock;
    same('lock', [modelDigest, harmonizationDigest, threshold], [lock?.modelDigest, lock?.harmonizationDigest, lock?.threshold.value]); // prettier-ignore
  }
  if (facts.leakAudit) same('leak audit', [facts.leakAudit.meanAuc, facts.leakAudit.interval], [leakAudit?.meanAuc, leakAudit?.interval]); // prettier-ignore
  for (const run of facts.validations) {
    const cohort = validation?.perSite.find(({ site }) => site === run.site);
    const counts = [cohort?.patientCount ?? 0, cohort?.eventCount ?? 0];
    same(`validation of ${run.site}`, [run.patientCount, run.eventCount], counts);
    const { lockDigest, modelDigest, harmonizationDigest, threshold } = validation ?? {};
    const used = [lockDigest, modelDigest, harmonizationDigest, threshold];
    same(`validation of ${run.site}`, [run.lockDigest, run.modelDigest, run.harmonizationDigest, run.threshold], used);
    same(`statistics of ${run.site}`, claimedStatistics(run), recordedStatistics(validation, cohort));
  }
  return pairs
    .filter(([, said, recorded]) => canonical(said ?? null) !== canonical(recorded ?? null))
    .map(([where]) => problem(`facts: ${where}`, 'they are not what its record says'));
}

/** What a fact says was estimated at a site: AUC, calibration slope, each with interval and resampling, net benefit. */
function claimedStatistics({ discrimination, calibration, discriminationResampling, calibrationResampling, ...run }) {
  return {
    auc: [discrimination?.hasEstimate ?? false, discrimination?.hasInterval ?? false, discriminationResampling],
    slope: [calibration?.hasStatistic ?? false, calibration?.hasInterval ?? false, calibrationResampling],
    hasPlot: calibration?.hasPlot ?? false,
    hasDecisionCurve: run.decisionCurve !== null,
  };
}

/** The same of the validation's record. An interval of no width, as of one score for all, says nothing. */
function recordedStatistics(validation, cohort) {
  const shown = (estimate, isConfirmed) => {
    const hasEstimate = estimate?.status === 'ok';
    const hasInterval = hasEstimate && estimate.interval !== null && estimate.interval[0] < estimate.interval[1];
    return [hasEstimate, hasInterval, isConfirmed ? validation.bootstrap : null];
  };
  const hasBothClasses = cohort !== undefined && cohort.eventCount > 0 && cohort.eventCount < cohort.patientCount;
  return {
    auc: shown(cohort?.auc, cohort?.bootstrap?.auc === true),
    slope: shown(cohort?.calibrationSlope, cohort?.bootstrap?.calibrationSlope === true),
    hasPlot: (cohort?.calibrationGroups?.length ?? 0) > 0,
    hasDecisionCurve: hasBothClasses && (validation?.decisionCurve ?? null) !== null,
  };
}

/** The score that was written is the score that the facts give, and the report shows that one. */
function checkScores(facts, assessment, report) {
  const problems = [];
  for (const policy of ['strict', 'lenient']) {
    const { items, total, percent } = assessment[policy];
    const points = scoreRqs1(facts, policy);
    const wrong = items.filter((item, index) => item.points !== points[index]).map((item) => item.number);
    const where = `quality score (${policy})`;
    if (items.length !== 16 || wrong.length > 0) {
      problems.push(problem(where, `its facts give other points for item ${wrong.join(', ')}`));
    }
    const sum = points.reduce((all, item) => all + item, 0);
    if (total !== sum || percent !== Math.round((1000 * Math.max(0, sum)) / 36) / 10) {
      problems.push(problem(where, `its facts give a total of ${sum}`));
    }
  }
  for (const name of ['rqs2', 'metrics']) {
    const { items, total, percent, maxPoints } = assessment[name] ?? {
      items: [],
      total: 0,
      percent: 0,
      maxPoints: 1,
    };
    const sum = Math.round(items.reduce((all, item) => all + item.points, 0) * 1e4) / 1e4;
    if (sum !== total || Math.round((1000 * total) / maxPoints) / 10 !== percent) {
      problems.push(problem(`quality score (${name})`, 'its items do not add up to it'));
    }
  }
  const { digest: _, ...shown } = report?.rqs ?? {};
  if (report && canonical(shown) !== canonical(assessment)) {
    problems.push(problem('report', 'it shows another quality score than the one recorded'));
  }
  return problems;
}

// ---------------------------------------------------------------------------------------------- 4  Score

const FEWEST_REPLICATES = 200;

/** Lowest and highest points of the 16 items. */
const RANGES = [
  [0, 2],
  [0, 1],
  [0, 1],
  [0, 1],
  [-3, 3],
  [0, 1],
  [0, 1],
  [0, 1],
  [0, 2],
  [0, 2],
  [0, 7],
  [-5, 5],
  [0, 2],
  [0, 2],
  [0, 1],
  [0, 4],
];

/**
 * Points of the 16 items of RQS 1.0.
 *
 * @param policy `strict`: what the wording demands; `lenient`: what many raters accept
 */
export function scoreRqs1(facts, policy) {
  const isLenient = policy === 'lenient';
  const isVoid = hasLeak(facts);
  const earned = [...designPoints(facts, isLenient, isVoid), ...performancePoints(facts, isLenient, isVoid)];
  const isContested = (number) => facts.contests.some(({ item }) => item === idOf(number));
  return earned.map((points, index) => (isContested(index + 1) ? RANGES[index][0] : points));
}

const idOf = (number) => `rqs1.${String(number).padStart(2, '0')}`;

/** Standing statements on an item: `given` were accepted by somebody else and contested by nobody. */
function statementsOn(facts, number) {
  const claims = facts.claims.filter(({ item, state }) => item === idOf(number) && state === 'standing');
  const verdicts = ({ signer, institution, reviews }) => {
    const mayReview = (by) => by.reviewer !== signer && (number !== 12 || by.institution !== institution);
    return [...new Map(reviews.filter(mayReview).map((review) => [review.reviewer, review.verdict])).values()];
  };
  const uncontested = claims.filter((claim) => !verdicts(claim).includes('contest'));
  return {
    uncontested,
    given: uncontested.filter((claim) => verdicts(claim).includes('accept')),
  };
}

/** Rows or outcomes meant for validation reached the fit, or the chain of records to the model is broken. */
function hasLeak({ model, selection, harmonization, leakAudit, protocol, sites }) {
  if (!model) return true;
  if (model.selectionDigest !== null) {
    if (selection?.digest !== model.selectionDigest || selection.rows === 'all') return true;
    if (selection.harmonizationDigest !== model.harmonizationDigest) return true;
  }
  if (model.harmonizationDigest !== null) {
    if (harmonization?.digest !== model.harmonizationDigest || harmonization.isTransductive) return true;
    const external = sites.filter(({ role }) => role === 'externalValidation').map(({ code }) => code);
    if (harmonization.fittedOnSites.some((code) => external.includes(code))) return true;
    const given = sites.filter(({ code }) => !external.includes(code)).map((site) => site.trainingRowCount);
    if (harmonization.fittedRowCount > given.reduce((sum, count) => sum + count, 0)) return true;
  }
  return (protocol.declaresLeakAudit && !leakAudit) || (leakAudit !== null && leakAudit.interval[0] > 0.5);
}

/** Items 1 to 7: how images were made, how features were chosen, what stands beside them. */
function designPoints(facts, isLenient, isVoid) {
  const { sites, robustness, selection, model, protocol, associations } = facts;
  const shares = sites.map(({ acquisition }) => acquisition?.completeSeriesShare ?? 0);
  const isDocumented = shares.length > 0 && shares.every((share) => share >= (isLenient ? 0.5 : 1));
  const named = protocol.publicAcquisition;
  const isNamed = named !== null && (named.conformingSeriesShare === 1 || isLenient);
  const isPublic = isNamed || statementsOn(facts, 1).given.some(({ option }) => option === 'public');

  const isSegmentedTwice = robustness.some((run) => {
    const isBySeveral = ['multiReader', 'multiAlgorithm'].includes(run.study) && run.readerCount >= 2;
    const isMoved = ['maskPerturbation', 'breathingPhase'].includes(run.study);
    return (isBySeveral || isMoved) && run.maskSetsPerCase >= 2 && run.iccForm !== null;
  });
  const phantoms = robustness.filter(({ study }) => study === 'phantom');
  const scanners = sites.flatMap((site) => site.scanners);
  const isCovered =
    scanners.length > 0 && scanners.every((name) => phantoms.some((run) => run.scanners.includes(name)));
  const hasPhantomReport = statementsOn(facts, 3).given.some(({ attachmentDigest }) => attachmentDigest !== null);
  const isPhantom = phantoms.length > 0 && (isLenient || (isCovered && hasPhantomReport));
  const isRepeated = robustness.some(({ study, datesPerSubject }) => study === 'testRetest' && datesPerSubject >= 2);

  const isReduced = selection !== null && selection.featuresIn > selection.featuresOut && selection.featuresOut > 0;
  const isSelected = selection?.rows === 'development' && (isReduced || selection.multiplicity !== null);

  const hasBoth = (list) => ['radiomic', 'nonRadiomic'].every((role) => list.some((entry) => entry.role === role));
  const isMultivariable = model !== null && (hasBoth(model.predictors) || (isLenient && hasBoth(model.candidates)));

  const biology = ['histology', 'immunohistochemistry', 'geneExpression', 'pathwayScore'];
  const isRelated = associations.some((run) => {
    const isSound = run.hasInterval && run.isCorrectedForMultiplicity && !run.isPredictionTarget;
    return biology.includes(run.class) && (isSound || isLenient);
  });
  const isDiscussed = isLenient || statementsOn(facts, 7).given.length > 0;
  return [
    Number(isDocumented) + Number(isPublic),
    Number(isSegmentedTwice),
    Number(isPhantom),
    Number(isRepeated),
    isSelected && !isVoid ? 3 : -3,
    Number(isMultivariable),
    Number(isRelated && isDiscussed),
  ];
}

/** Items 8 to 16: cut-off, statistics, validation, comparison, utility, cost, openness. */
function performancePoints(facts, isLenient, isVoid) {
  const { sites, lock, model, validations, comparators, associations, artefacts } = facts;
  const isEarly = (site) =>
    site?.role === 'externalValidation' && site.outcomesOpenedAt !== null && !(site.outcomesOpenedAt > lock?.sequence);
  const isFrozen = validations.some((run) => isLockedRun(run, facts)) && !sites.some(isEarly);
  const isCut = lock !== null && (isLenient || (isFrozen && lock.thresholdRule !== 'unstated'));

  const counted = validations.filter((run) => run.modelDigest === model?.digest);
  const statistics = (isShown, resamplingOf) => {
    const shown = isVoid ? [] : counted.filter(isShown);
    const isResampled = shown.some((run) => {
      const resampling = resamplingOf(run);
      return resampling !== null && resampling.replicates >= FEWEST_REPLICATES && resampling.seed !== '';
    });
    return Number(shown.length > 0) + Number(isResampled);
  };
  const discriminates = ({ discrimination: d }) => d !== null && d.hasEstimate && d.hasInterval;
  const calibrates = ({ calibration: c }) =>
    c !== null && ((c.hasStatistic && c.hasInterval) || (isLenient && c.hasPlot));

  const known = validations.map(({ digest }) => digest);
  const isCompared = comparators.some(({ hasTest, validation }) => hasTest && known.includes(validation));
  const isPathology = associations.some((run) => run.isPredictionTarget && run.class === 'histology');
  const isStandard = isLenient || statementsOn(facts, 13).given.length > 0;
  const isUseful = counted.some(({ decisionCurve }) => decisionCurve !== null);
  const isTold = isLenient && statementsOn(facts, 14).uncontested.length > 0;
  const says = (number) => statementsOn(facts, number).given.some(({ option }) => option === 'yes');

  const isOpen = ({ url, licence, isSameAsUsed }) => url !== null && licence !== null && (isSameAsUsed || isLenient);
  const open = new Set(artefacts.filter(isOpen).map(({ content }) => content));
  return [
    Number(isCut && !isVoid),
    statistics(discriminates, (run) => run.discriminationResampling),
    statistics(calibrates, (run) => run.calibrationResampling),
    says(11) ? 7 : 0,
    validationPoints(facts, isLenient, isVoid),
    (isCompared && isStandard) || (isLenient && isPathology) ? 2 : 0,
    isUseful || isTold ? 2 : 0,
    Number(says(15)),
    ['scans', 'rois', 'code', 'features-representative-rois'].filter((content) => open.has(content)).length,
  ];
}

/** The run used what was locked, and its outcomes were opened after the lock. */
function isLockedRun(run, { lock, model }) {
  const hasBothClasses = run.eventCount > 0 && run.eventCount < run.patientCount;
  if (!hasBothClasses || !lock || run.lockDigest !== lock.digest || run.threshold !== lock.threshold) return false;
  const isModel = run.modelDigest === lock.modelDigest && lock.modelDigest === model?.digest;
  const harmonization = lock.harmonizationDigest;
  if (!isModel || run.harmonizationDigest !== harmonization || model.harmonizationDigest !== harmonization)
    return false;
  if (run.outcomesOpenedAt === null || run.outcomesOpenedAt <= lock.sequence) return false;
  return run.siteAdjustment === null || run.siteAdjustment.sequence < run.outcomesOpenedAt;
}

/** Item 12: the highest option that holds; options never add up. */
function validationPoints(facts, isLenient, isVoid) {
  if (isVoid) return -5;
  const { sites, validations, lock, model } = facts;
  const isExternal = (run) => {
    const site = sites.find(({ code }) => code === run.site);
    const isStranger = site?.role === 'externalValidation' && site.trainingRowCount === 0;
    const isLate = site?.outcomesOpenedAt === null || site?.outcomesOpenedAt > lock?.sequence;
    return run.cohort === 'external' && isStranger && isLate && isLockedRun(run, facts);
  };
  const external = new Set(validations.filter(isExternal).map(({ site }) => site));
  const held = validations.filter((run) => run.cohort === 'internalHoldout' && isLockedRun(run, facts));
  const own = new Set(held.map(({ site }) => site).filter((site) => !external.has(site)));
  const count = external.size + (isLenient && external.size > 0 ? own.size : 0);
  if (count >= 3) return 5;
  if (model?.publishedDoi && external.size + held.length > 0) return 4;
  if (count > 0) return count + 2;
  if (held.length > 0 || (isLenient && validations.some(({ cohort }) => cohort === 'crossValidation'))) return 2;
  return -5;
}

const totals = (facts) => {
  const total = (policy) => scoreRqs1(facts, policy).reduce((sum, points) => sum + points, 0);
  return { strict: total('strict'), lenient: total('lenient') };
};

// ---------------------------------------------------------------------------------------------- 5  Today

/** The facts with what people said since, by the audit log: statements, reviews, objections, records withdrawn. */
function factsOfToday({ audit, steps }, facts) {
  const claims = new Map();
  const contests = new Map();
  const gone = new Set();
  for (const { action, actor, subject, details, hash: digest } of audit) {
    const claim = claims.get(subject);
    if (action === 'claim.stated') {
      claims.set(subject, {
        ...details,
        digest,
        signer: actor,
        state: 'standing',
        reviews: [],
      });
    }
    if (action === 'claim.withdrawn' && claim) claim.state = 'withdrawn';
    if (action === 'claim.reviewed' && claim) claim.reviews.push({ ...details, reviewer: actor });
    if (action === 'item.contested') contests.set(subject, { ...details, digest, reviewer: actor });
    if (action === 'item.contest-lifted') contests.delete(subject);
    if (action === 'evidence.withdrawn') gone.add(subject);
  }
  // What a step made from a record that is gone is gone too; assess and report only gather.
  const making = steps.filter(({ name }) => name !== 'assess' && name !== 'report');
  for (let before = -1; before !== gone.size;) {
    before = gone.size;
    for (const { inputs, outputs } of making) {
      if (Object.values(inputs).some((digest) => gone.has(digest))) {
        for (const digest of Object.values(outputs)) gone.add(digest);
      }
    }
  }
  const left = without(facts, gone);
  return {
    ...left,
    // A run whose adjustment is gone must not pass for one that needed none.
    validations: left.validations.filter((run) =>
      facts.validations.some(
        (old) => old.digest === run.digest && old.site === run.site && !old.siteAdjustment === !run.siteAdjustment,
      ),
    ),
    claims: [...left.claims, ...claims.values()],
    contests: [...left.contests, ...contests.values()],
  };
}

/** A copy in which every record that is gone is null, or left out of its list. */
function without(value, gone) {
  if (Array.isArray(value)) return value.map((item) => without(item, gone)).filter((item) => item !== null);
  if (value === null || typeof value !== 'object') return value;
  if (gone.has(value.digest)) return null;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, without(member, gone)]));
}

// ---------------------------------------------------------------------------------------------- from a shell

async function main(folder) {
  const { readFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const read = (name) =>
    readFile(join(folder, name)).catch((error) => (error.code === 'ENOENT' ? null : Promise.reject(error)));
  const { problems, objectCount, signatureCount, auditEntryCount, stepCount, score } = await verifyBundle(read);
  for (const { where, what } of problems) console.log(`DOES NOT HOLD  ${where}: ${what}`);
  if (problems.length > 0) {
    process.exitCode = 3;
    return;
  }
  console.log(
    `holds: ${objectCount} objects, ${signatureCount} signatures, ${auditEntryCount} audit entries, ${stepCount} steps`,
  );
  if (score !== null) console.log(scoreWords(score));
}

/** The score in a sentence, as frozen and as of today. */
export function scoreWords({ frozen, today }) {
  const words = ({ strict, lenient }) => `${strict} of 36 points (lenient ${lenient})`;
  const now =
    canonical(today) === canonical(frozen) ? '' : `; with statements, reviews and withdrawals since: ${words(today)}`;
  return `RQS 1.0, given again from the facts: ${words(frozen)}${now}`;
}

/** Whether Node was started with this file, under whatever name. */
async function isStarted() {
  const { realpath } = await import('node:fs/promises');
  const { pathToFileURL } = await import('node:url');
  const started = await realpath(process.argv[1] ?? '').catch(() => '');
  return started !== '' && pathToFileURL(started).href === verifierUrl;
}

if (await isStarted()) {
  if (process.argv.length === 3) await main(process.argv[2]);
  else console.log('usage: node verify-bundle.mjs BUNDLE    (the folder that holds bundle.json)');
}
