import { findRoot } from '@concord/numeric';
import { InvalidConsortiumError } from './errors.js';
import { patientIdentity, siteIdentity, type PatientIdentity, type SiteIdentity } from './identity.js';
import { scannerOfSite, type ScannerEffect } from './scanner.js';
import { decorrelateInPlace, stratifiedNormals, stratifiedUniforms, systematicOutcomes } from './stratified.js';
import { stream, uniform } from './streams.js';
import { TRAIT_LOADINGS, type TraitScores } from './traits.js';

/** What a consortium is drawn from. */
export interface ConsortiumRequest {
  /** A whole number; the same seed gives the same bytes. */
  readonly seed: number;
  /** One for each hospital, such as `site-a`; they stand in no image. */
  readonly siteCodes: readonly string[];
  /** At least 5, at most 4000. */
  readonly patientsPerSite: number;
}

/** Everything decided before a voxel is drawn. Holds the synthetic identities: treat it as a hospital's data. */
export interface ConsortiumPlan {
  readonly seed: number;
  readonly sites: readonly SitePlan[];
}

export interface SitePlan {
  readonly index: number;
  readonly code: string;
  readonly scanner: ScannerEffect;
  /** How the site stores its regions. */
  readonly roiFormat: 'SEG' | 'RTSTRUCT';
  readonly identity: SiteIdentity;
  readonly patients: readonly PatientPlan[];
}

export interface PatientPlan {
  readonly index: number;
  /** Latent risk, standard normal within each site. */
  readonly risk: number;
  readonly scores: TraitScores;
  /** Microvascular invasion. */
  readonly mvi: 0 | 1;
  readonly timeToRecurrenceMonths: number;
  /** 1 recurred at that time, 0 followed until then without recurrence. */
  readonly recurrence: 0 | 1;
  readonly ageYears: number;
  readonly sex: 'F' | 'M';
  /** Noise relative to the site's. */
  readonly dose: number;
  readonly identity: PatientIdentity;
}

/** Log odds of MVI gained with one standard deviation of latent risk. */
export const OUTCOME_SLOPE = 2.6;
/** Log hazard of recurrence gained with one standard deviation of latent risk. */
export const HAZARD_SLOPE = 0.8;
/** Share of patients with MVI, on average over sites. */
export const PREVALENCE = 0.4;
const MEDIAN_RECURRENCE_MONTHS = 26;
const FEWEST_PATIENTS = 5;
const MOST_PATIENTS = 4000;

/**
 * Decides who the patients of every site are: latent risk, visible traits, outcomes, scanner, synthetic identity.
 *
 * Draws are stratified within each site (risks at jittered normal quantiles, outcomes by systematic sampling), so
 * that the case mix is nearly the same at every site and for every seed, and each site has patients with and without
 * MVI. A site's draws depend on the seed, its position and the number of patients only.
 *
 * @throws {InvalidConsortiumError} if there is no site, a code is empty or occurs twice, or a number is out of range
 */
export function planConsortium(request: ConsortiumRequest): ConsortiumPlan {
  checkRequest(request);
  const { seed, siteCodes, patientsPerSite } = request;
  return { seed, sites: siteCodes.map((code, index) => planSite(seed, code, index, patientsPerSite)) };
}

function planSite(seed: number, code: string, index: number, count: number): SitePlan {
  const source = stream(seed, index, 'site');
  const risks = stratifiedNormals(source, count);
  const { outcomes: mvi, residuals } = drawMvi(seed, index, risks);
  const traits = drawTraits(seed, index, risks, residuals);
  const recurrences = drawRecurrences(seed, index, risks);
  const ages = stratifiedNormals(source, count).map((score) => Math.round(62 + 9 * score));
  const sexes = stratifiedNormals(source, count).map((score) => (score < -0.7 ? 1 : 0));
  return {
    index,
    code,
    scanner: scannerOfSite(index, stream(seed, index, 'scanner')),
    roiFormat: index % 2 === 0 ? 'SEG' : 'RTSTRUCT',
    identity: siteIdentity(seed, index),
    patients: Array.from({ length: count }, (_, patient) => ({
      index: patient,
      risk: risks[patient],
      scores: traits[patient],
      mvi: mvi[patient] === 1 ? 1 : 0,
      ...recurrences[patient],
      ageYears: ages[patient],
      sex: sexes[patient] === 1 ? 'F' : 'M',
      dose: uniform(stream(seed, index, patient, 'dose'), 0.9, 1.1),
      identity: patientIdentity(seed, index, patient, ages[patient]),
    })),
  };
}

/**
 * Score = loading * risk + sqrt(1 - loading^2) * chance. The chances hardly correlate with the risk, with each other or
 * with what chance added to the outcome, so that no seed has a much better or worse model by luck.
 */
function drawTraits(seed: number, site: number, risks: Float64Array, residuals: Float64Array): TraitScores[] {
  const source = stream(seed, site, 'traits');
  const drawn: Float64Array[] = [risks, residuals];
  const names = Object.keys(TRAIT_LOADINGS) as (keyof TraitScores)[];
  const columns = names.map((name) => {
    const chance = stratifiedNormals(source, risks.length);
    decorrelateInPlace(source, chance, drawn);
    drawn.push(chance);
    const loading = TRAIT_LOADINGS[name];
    return chance.map((value, patient) => loading * risks[patient] + Math.sqrt(1 - loading * loading) * value);
  });
  return Array.from(
    risks,
    (_, patient) => Object.fromEntries(names.map((name, at) => [name, columns[at][patient]])) as unknown as TraitScores,
  );
}

/**
 * Bernoulli(logistic(a + slope * risk)), with `a` such that the expected share is the site's prevalence.
 *
 * @returns outcomes, and outcome minus probability
 */
function drawMvi(seed: number, site: number, risks: Float64Array): { outcomes: Uint8Array; residuals: Float64Array } {
  const source = stream(seed, site, 'mvi');
  const prevalence = PREVALENCE + uniform(source, -0.05, 0.05);
  const probabilities = (intercept: number): Float64Array =>
    risks.map((risk) => 1 / (1 + Math.exp(-intercept - OUTCOME_SLOPE * risk)));
  const excess = (intercept: number): number =>
    probabilities(intercept).reduce((sum, probability) => sum + probability, 0) / risks.length - prevalence;
  const expected = probabilities(findRoot(excess, -12, 12, 1e-9).value);
  const outcomes = systematicOutcomes(source, expected);
  return { outcomes, residuals: expected.map((probability, patient) => outcomes[patient] - probability) };
}

/** Exponential times with hazard proportional to exp(slope * risk); follow-up ends between 24 and 60 months. */
function drawRecurrences(
  seed: number,
  site: number,
  risks: Float64Array,
): { timeToRecurrenceMonths: number; recurrence: 0 | 1 }[] {
  const source = stream(seed, site, 'recurrence');
  const survival = stratifiedUniforms(source, risks.length);
  decorrelateInPlace(source, survival, [risks]);
  const hazard = Math.LN2 / MEDIAN_RECURRENCE_MONTHS;
  return Array.from(risks, (risk, patient) => {
    const time = -Math.log(survival[patient]) / (hazard * Math.exp(HAZARD_SLOPE * risk));
    const followUp = uniform(source, 24, 60);
    const months = Math.max(0.1, Number(Math.min(time, followUp).toFixed(1)));
    return { timeToRecurrenceMonths: months, recurrence: time <= followUp ? 1 : 0 };
  });
}

function checkRequest({ seed, siteCodes, patientsPerSite }: ConsortiumRequest): void {
  const refuse = (what: string, fix: string): never => {
    throw new InvalidConsortiumError(what, 'planConsortium(request)', fix);
  };
  if (!Number.isSafeInteger(seed)) refuse('the seed is not a whole number', 'Give a whole number as seed.');
  if (siteCodes.length === 0) refuse('there is no site', 'Name at least one site.');
  if (siteCodes.some((code) => code.trim() === '')) refuse('a site code is empty', 'Give every site a code.');
  if (new Set(siteCodes).size < siteCodes.length) refuse('two sites have one code', 'Give each site its own code.');
  if (!Number.isInteger(patientsPerSite) || patientsPerSite < FEWEST_PATIENTS || patientsPerSite > MOST_PATIENTS) {
    refuse(
      `${patientsPerSite} patients a site are not between ${FEWEST_PATIENTS} and ${MOST_PATIENTS}`,
      `Ask for ${FEWEST_PATIENTS} patients or more, so that each site has patients with and without the outcome.`,
    );
  }
}
