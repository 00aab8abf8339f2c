// Follows one number from a voxel to the report and prints what it is at every station, as JSON. After the build:
//   node docs/tour/run.mjs
// It takes the way of `concord demo --seed 1` by the same functions in the same order, without processes and network:
// tables, lock and validation have the very digests that the demo prints. docs/tour.md explains each station.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import {
  makeSealingKeys,
  makeSigningKeys,
  openMessage,
  packMessage,
  protocolDigest,
  readMessage,
  releaseColumns,
  sha256,
  verifyMessage,
} from '@concord/contracts';
import { decimalOf, readDicom, readDicomSeries, readRtstruct, readSegmentation } from '@concord/imaging';
import { createKernels, DIRECTIONS_3D, stepOffset } from '@concord/kernels';
import { clinicalCsv, planConsortium, renderPatient } from '@concord/phantoms';
import { VECTOR_DEFAULTS, pseudonym, releaseTable } from '@concord/privacy';
import { extractFeatures } from '@concord/radiomics';
import { rankingAnswer } from '@concord/reports';
import { numberValues, tableFromArrow, tableFromCsv, tableToArrow, textValues } from '@concord/tables';

import { featuresTable, outcomesTable } from '../../apps/agent/dist/release/build-table.js';
import { demoKey } from '../../apps/cli/dist/demo/demo.js';
import { imageProtocol, imageSites } from '../../apps/cli/dist/demo/protocols.js';
import { readySteps } from '../../apps/hub/dist/runs/run.graph.js';
import { computeStep } from '../../apps/hub/dist/runs/step.compute.js';
import { discretise } from '../../libs/radiomics/dist/discretise.js';
import { prepareRegion } from '../../libs/radiomics/dist/prepare.js';
import { resegment } from '../../libs/radiomics/dist/resegment.js';

const FEATURE = 'cm_joint_entr_3D_avg';
const SEED = 1;
const PATIENTS = 24;
/** Whose number we follow: the first patient of the first hospital. And who meets the model it helped to make. */
const [SITE, PATIENT, EXTERNAL_SITE] = [0, 0, 3];
const RESCALE_INTERCEPT = 0x00281052;
const NOT_ON_THE_WAY = ['scanner-effects', 'leak-audit', 'assess', 'report'];

const sites = imageSites(5);
const protocol = imageProtocol(sites, SEED);
const plan = planConsortium({ seed: SEED, siteCodes: sites.map(({ code }) => code), patientsPerSite: PATIENTS });
const { extraction, regionName } = protocol.source;
const key = Buffer.from(demoKey(SEED), 'hex');
const kernels = createKernels();
const nameOf = (patientId) => pseudonym(key, protocol.studyId, patientId);

if (isMainThread) console.log(JSON.stringify(await follow(), null, 2));
else parentPort.postMessage(workerData.map((site) => [site, measureSite(site)]));

async function follow() {
  const { stations, measured } = await atTheHospitals();
  const releases = sites.map((_, site) => releasesOf(site, measured.get(site)));
  const message = sendAndReceive(releases[SITE].features);
  const hub = await atTheHub(releases);
  const own = { features: releases[SITE].features.table, pseudonym: nameOf(patientIdOf(SITE, PATIENT)) };
  return {
    ...stations,
    release: {
      pseudonym: own.pseudonym,
      value: valueOf(own.features, FEATURE, own.pseudonym),
      rows: own.features.rowCount,
      columns: own.features.columns.length,
      byteCount: releases[SITE].features.bytes.length,
      checks: releases[SITE].features.checks,
      tableDigest: sha256(releases[SITE].features.bytes),
    },
    message,
    ...harmonized(hub, own),
    ...modelled(hub, own.pseudonym),
    ...validated(hub, releases[EXTERNAL_SITE]),
  };
}

// ---- at the hospital: voxel → feature

function measureSite(site) {
  return plan.sites[site].patients.map(({ identity }, patient) => {
    const { volume, mask } = readPatient(site, patient);
    const { values } = extractFeatures(volume, mask, extraction, kernels);
    const features = Object.fromEntries(Object.entries(values).map(([name, { value }]) => [name, value]));
    return { patientId: identity.patientId, features, acquisition: { ...volume.provenance.acquisition } };
  });
}

function readPatient(site, patient) {
  const { files } = renderPatient(plan, site, patient);
  const images = files.filter(({ path }) => path.includes('/ct/'));
  const region = files.find(({ path }) => path.includes('/roi/'));
  const volume = readDicomSeries(images.map(({ path, bytes }) => ({ name: basename(path), bytes })));
  const isSegmentation = basename(region.path) === 'SEG.dcm';
  const mask = isSegmentation
    ? readSegmentation(region.bytes, volume, { segment: regionName })
    : readRtstruct(region.bytes, volume, { roi: regionName });
  return { images, region, volume, mask };
}

async function atTheHospitals() {
  const shares = [
    [0, 2, 4],
    [1, 3],
  ];
  const measuring = Promise.all(shares.map(measureInThread));
  const { images, region, volume, mask } = readPatient(SITE, PATIENT);
  const stations = fromVoxelToFeature(images, region, volume, mask);
  return { stations, measured: new Map((await measuring).flat()) };
}

function measureInThread(share) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Pairs of levels at one offset, each counted in both directions; by hand, without the kernels. */
function countPairs(levelAt, offset) {
  const counts = new Map();
  let pairCount = 0;
  for (const [position, level] of levelAt) {
    const neighbour = levelAt.get(position + offset);
    if (neighbour === undefined) continue;
    pairCount++;
    for (const pair of [`${level} ${neighbour}`, `${neighbour} ${level}`])
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const shares = [...counts.values()].map((count) => count / (2 * pairCount));
  return { pairCount, entropy: -shares.reduce((sum, share) => sum + share * Math.log2(share), 0) };
}

function fromVoxelToFeature(images, region, volume, mask) {
  const voxel = middleOf(mask);
  const [column, row, slice] = voxel;
  const index = column + volume.shape[0] * (row + volume.shape[1] * slice);
  const hounsfield = volume.data[index];
  const intercept = decimalOf(readDicom(images[0].bytes), RESCALE_INTERCEPT);
  const { interpolated } = prepareRegion(volume, mask, extraction, kernels);
  const kept = resegment(interpolated, extraction.resegmentation);
  const levels = discretise(kept.intensities, extraction.discretisations[0], extraction.resegmentation, kernels);
  const levelAt = new Map([...kept.voxels].map((position, n) => [position, levels.values[n]]));
  const directions = DIRECTIONS_3D.map((step) => countPairs(levelAt, stepOffset(step, kept.shape[0], kept.shape[1])));
  const middle = kept.voxels.length >> 1;
  return {
    patient: {
      site: sites[SITE].code,
      patientId: patientIdOf(SITE, PATIENT),
      mvi: plan.sites[SITE].patients[PATIENT].mvi,
      imageFiles: images.length,
      region: basename(region.path),
    },
    voxel: {
      column,
      row,
      slice,
      stored: hounsfield - intercept,
      rescaleIntercept: intercept,
      hounsfield,
    },
    volume: { shape: [...volume.shape], regionVoxels: mask.data.reduce((sum, value) => sum + value, 0) },
    resampled: {
      spacingMm: [...kept.spacingMm],
      voxels: kept.voxels.length,
      mean: kept.intensities.reduce((sum, value) => sum + value, 0) / kept.intensities.length,
    },
    level: {
      hounsfield: kept.intensities[middle],
      level: levels.values[middle],
      levelsPresent: new Set(levels.values).size,
      lowest: Math.min(...levels.values),
      highest: levels.highest,
    },
    cooccurrence: {
      directions: directions.length,
      pairsAlongX: directions[0].pairCount,
      entropies: directions.map(({ entropy }) => entropy),
      mean: directions.reduce((sum, { entropy }) => sum + entropy, 0) / directions.length,
    },
    feature: { name: FEATURE, value: extractFeatures(volume, mask, extraction, kernels).values[FEATURE].value },
  };
}

/** The voxel of the region nearest to its middle. */
function middleOf({ data, shape }) {
  const inside = [...data.keys()].filter((index) => data[index] === 1);
  const places = inside.map((index) => [
    index % shape[0],
    Math.floor(index / shape[0]) % shape[1],
    Math.floor(index / (shape[0] * shape[1])),
  ]);
  const centre = [0, 1, 2].map((axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length);
  const distance = (place) => Math.hypot(...place.map((value, axis) => value - centre[axis]));
  return places.reduce((best, place) => (distance(place) < distance(best) ? place : best));
}

function patientIdOf(site, patient) {
  return plan.sites[site].patients[patient].identity.patientId;
}

// ---- out of the hospital: feature → table → message

function releasesOf(site, vectors) {
  const features = released(
    'features',
    featuresTable(protocol, vectors, nameOf, () => []),
  );
  const clinical = tableFromCsv(Buffer.from(clinicalCsv(plan, site)), { textColumns: ['patient_id'] });
  const siteTable = { table: clinical, patientIds: textValues(clinical, 'patient_id') };
  const members = textValues(features.table, 'pseudonym');
  return {
    features,
    outcomes: released('outcomes', outcomesTable(protocol, members, siteTable, 'clinical.csv', nameOf)),
  };
}

function released(kind, table) {
  const columns = releaseColumns(protocol, kind);
  const checked = releaseTable(table, VECTOR_DEFAULTS, { columns, source: 'images', earlier: [] });
  if (checked.value === undefined) throw new Error(`suppressed: ${checked.reason}`);
  return { kind, table: checked.value, checks: checked.record.checks, bytes: tableToArrow(checked.value), checked };
}

function sendAndReceive({ kind, table, checked }) {
  const siteKeys = makeSigningKeys();
  const hubKeys = makeSealingKeys();
  const header = {
    kind,
    studyId: protocol.studyId,
    site: sites[SITE].code,
    sequence: 1,
    lockDigest: null,
    certificateDigest: null,
  };
  const bytes = packMessage(
    { ...header, protocolDigest: protocolDigest(protocol), rowCount: table.rowCount },
    checked.as((value) => tableToArrow(value)),
    siteKeys,
    hubKeys.publicKey,
  );
  const received = readMessage(bytes);
  verifyMessage(received, siteKeys.publicKey);
  return { byteCount: bytes.length, openedTableDigest: sha256(openMessage(received, hubKeys)) };
}

// ---- at the hub: tables → steps of the run

async function atTheHub(releases) {
  const objects = new Map();
  const store = (bytes) => {
    const digest = sha256(bytes);
    objects.set(digest, bytes);
    return digest;
  };
  const all = releases.flatMap((release, site) =>
    [release.features, release.outcomes].map(({ kind, bytes }) => ({
      site: sites[site].code,
      kind,
      tableDigest: store(bytes),
    })),
  );
  const facts = { protocol, protocolDigest: protocolDigest(protocol), releases: all, done: new Map() };
  const workFolder = mkdtempSync(join(tmpdir(), 'concord-tour-'));
  try {
    for (;;) {
      const [step] = readySteps(facts).filter(({ kind }) => !NOT_ON_THE_WAY.includes(kind));
      if (step === undefined) break;
      const inputs = Object.fromEntries(
        Object.entries(step.inputs).map(([role, digest]) => [role, objects.get(digest)]),
      );
      const { kind, site } = step;
      const common = { protocol, protocolDigest: facts.protocolDigest, context: { record: {}, workFolder } };
      const outputs = await computeStep({ kind, site, inputs, digests: step.inputs, ...common });
      facts.done.set(
        step.name,
        Object.fromEntries(Object.entries(outputs).map(([role, bytes]) => [role, store(bytes)])),
      );
    }
  } finally {
    rmSync(workFolder, { recursive: true });
  }
  const digest = (step, role) => facts.done.get(step)[role];
  const bytes = (step, role) => objects.get(digest(step, role));
  return {
    digest,
    table: (step, role) => tableFromArrow(bytes(step, role)),
    json: (step, role) => JSON.parse(Buffer.from(bytes(step, role)).toString('utf8')),
  };
}

function harmonized(hub, own) {
  const { estimates, features, batches } = hub.json('harmonize-development', 'model');
  const g = features.indexOf(FEATURE);
  const b = batches.indexOf(sites[SITE].code);
  return {
    harmonization: {
      grandMean: estimates.grandMean[g],
      pooledSd: Math.sqrt(estimates.pooledVariance[g]),
      gammaHat: estimates.gammaHat[b][g],
      gammaStar: estimates.gammaStar[b][g],
      deltaStar: estimates.deltaStar[b][g],
      value: valueOf(hub.table('harmonize-development', `harmonized:${sites[SITE].code}`), FEATURE, own.pseudonym),
    },
  };
}

function modelled(hub, patient) {
  const { logistic, threshold, patientCount, eventCount } = hub.json('fit', 'model');
  const coefficient = logistic.coefficients[logistic.features.indexOf(FEATURE)];
  const table = hub.table('harmonize-development', `harmonized:${sites[SITE].code}`);
  return {
    model: {
      patientCount,
      eventCount,
      candidateCount: logistic.features.length,
      termCount: logistic.coefficients.filter((value) => value !== 0).length,
      coefficient,
      contribution: coefficient * valueOf(table, FEATURE, patient),
    },
    lock: { threshold: threshold.value, digest: hub.digest('lock', 'lock') },
  };
}

function validated(hub, { features, outcomes }) {
  const { code } = sites[EXTERNAL_SITE];
  const patient = nameOf(patientIdOf(EXTERNAL_SITE, 0));
  const validation = hub.json('validate', 'validation');
  const estimates = hub.json(`harmonize-site:${code}`, 'estimates');
  return {
    prediction: {
      site: code,
      pseudonym: patient,
      shift: estimates.shift.values[estimates.features.indexOf(FEATURE)],
      before: valueOf(features.table, FEATURE, patient),
      after: valueOf(hub.table(`harmonize-site:${code}`, 'harmonized'), FEATURE, patient),
      risk: valueOf(hub.table(`predict:${code}`, 'predictions'), 'risk', patient),
      mvi: valueOf(outcomes.table, 'mvi', patient),
    },
    validation: {
      digest: hub.digest('validate', 'validation'),
      perSite: validation.perSite.map(({ site, auc }) => ({ site, auc: auc.value, interval: auc.interval })),
      withinSiteAuc: validation.withinSiteAuc.value,
      interval: validation.withinSiteAuc.interval,
    },
    report: { sentence: rankingAnswer(validation) },
  };
}

function valueOf(table, column, patient) {
  return numberValues(table, column)[textValues(table, 'pseudonym').indexOf(patient)];
}
