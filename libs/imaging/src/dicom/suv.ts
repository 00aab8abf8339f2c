import { ImagingError, type ImagingErrorCode } from '../imaging-error.js';
import { decimalOf, textOf, textsOf, type DicomDataset } from './dataset.js';
import { frameGroupsOf } from './functional-groups.js';
import { frameCentre, scanStart, timeOfInjection } from './pet-times.js';
import { privateTag } from './private-tags.js';
import { itemsOf } from './read-dicom.js';

/**
 * By what activity is divided. Lean body mass is estimated by James (1976, as DICOM's LBMJAMES128) or by Janmahasatian
 * et al. (2005, DICOM's LBMJANMA), body surface area by Du Bois (1916).
 */
export type SuvKind = 'bodyWeight' | 'leanBodyMassJames' | 'leanBodyMassJanmahasatian' | 'bodySurfaceArea';

/** What turns the rescaled values of PET slices into standardised uptake values. */
export interface SuvScale {
  /** One for each slice. */
  readonly factors: readonly number[];
  readonly unit: string;
  /** Says how, without any value of the patient; null if the values are taken as stored. */
  readonly note: string | null;
}

const UNITS: Readonly<Record<SuvKind, string>> = {
  bodyWeight: 'SUV',
  leanBodyMassJames: 'SUV (lean body mass, James)',
  leanBodyMassJanmahasatian: 'SUV (lean body mass, Janmahasatian)',
  bodySurfaceArea: 'SUV (body surface area)',
};
/** SUV Type (0054,1006); absent means body weight. */
const STORED_KINDS: Readonly<Record<string, SuvKind>> = {
  BW: 'bodyWeight',
  LBMJAMES128: 'leanBodyMassJames',
  LBMJANMA: 'leanBodyMassJanmahasatian',
  BSA: 'bodySurfaceArea',
};
const PHILIPS = 'Philips PET Private Group';
/** A dose below this was written in another unit than Bq. */
const MIN_DOSE_BQ = 1e5;

/**
 * Standardised uptake values by the vendor-neutral rules of QIBA: from Bq/ml, from counts with Philips' private factors,
 * or as stored.
 *
 * @param slices the data set of each slice; decay times are taken from all of them
 * @throws {ImagingError} `PET_UNITS` if the values can be no activity, `PET_CORRECTIONS` without correction for decay and
 *   attenuation, `PET_HEADER` if weight, dose, half-life or times are missing or impossible
 */
export function suvScale(slices: readonly DicomDataset[], kind: SuvKind = 'bodyWeight'): SuvScale {
  const [first] = slices;
  const units = unitsOf(first);
  if (slices.some((slice) => slice !== first && unitsOf(slice) !== units)) {
    throw refusal('PET_UNITS', 'slices differ in their unit', 'Give the files of one series.');
  }
  const scaled = (factors: readonly number[], from: string): SuvScale => ({
    factors,
    unit: UNITS[kind],
    note: `values are ${UNITS[kind]}, from ${from}`,
  });
  const all = (factor: number): number[] => slices.map(() => factor);
  if (units === 'GML' || units === 'CM2ML') {
    const stored = storedKind(first, units);
    if (stored === kind) return { factors: all(1), unit: UNITS[kind], note: null };
    return scaled(all(normaliser(first, kind) / normaliser(first, stored)), `stored ${UNITS[stored]}`);
  }
  checkCorrections(first);
  if (units === 'BQML') {
    const { factors, reference } = activityFactors(slices, kind);
    return scaled(factors, `Bq/ml; decay reference: ${reference}`);
  }
  const philips = slices.map((slice) => philipsFactor(slice, 0x00));
  if (units === 'CNTS' && philips.every((factor) => factor > 0)) {
    const toKind = kind === 'bodyWeight' ? 1 : normaliser(first, kind) / normaliser(first, 'bodyWeight');
    return scaled(
      philips.map((factor) => factor * toKind),
      "counts, by Philips' private SUV factor",
    );
  }
  const toActivity = slices.map((slice) => philipsFactor(slice, 0x09));
  if (units === 'CNTS' && toActivity.every((factor) => factor > 0)) {
    const { factors, reference } = activityFactors(slices, kind);
    const from = `counts, by Philips' private activity factor; decay reference: ${reference}`;
    return scaled(
      toActivity.map((each, slice) => each * factors[slice]),
      from,
    );
  }
  throw refusal(
    'PET_UNITS',
    `the unit of the PET series is ${/^[A-Z0-9]{1,10}$/.test(units) ? units : 'not given'}, from which no SUV can be computed`,
    'Have the series reconstructed in Bq/ml, or converted to SUV with Units GML.',
  );
}

function unitsOf(dataset: DicomDataset): string {
  const stated = textOf(dataset, 0x00541001);
  if (stated !== null) return stated;
  // Enhanced PET says it in the map to real world values.
  const map = frameGroupsOf(dataset)[0]?.group(0x00409096);
  const code = map && itemsOf(map, 0x004008ea)[0];
  const unit = code ? textOf(code, 0x00080100) : null;
  return unit === 'Bq/ml' ? 'BQML' : unit === '{SUVbw}g/ml' || unit === 'g/ml{SUVbw}' ? 'GML' : '';
}

function storedKind(dataset: DicomDataset, units: string): SuvKind {
  const type = textOf(dataset, 0x00541006) ?? (units === 'GML' ? 'BW' : 'BSA');
  const kind = STORED_KINDS[type];
  if (kind) return kind;
  throw refusal(
    'PET_UNITS',
    'the values are SUV of a type that is not known here',
    'Have the series converted to SUV by body weight (SUV Type BW).',
  );
}

function philipsFactor(dataset: DicomDataset, element: number): number {
  const tag = privateTag(dataset, 0x7053, PHILIPS, element);
  return tag === null ? 0 : (decimalOf(dataset, tag) ?? 0);
}

function checkCorrections(dataset: DicomDataset): void {
  const corrected = textsOf(dataset, 0x00280051);
  const isFor = (word: string, tag: number): boolean => corrected.includes(word) || textOf(dataset, tag) === 'YES';
  const isDecayDone = isFor('DECY', 0x00189758) || textOf(dataset, 0x00541102) === 'NONE';
  if (isFor('ATTN', 0x00189759) && isDecayDone) return;
  throw refusal(
    'PET_CORRECTIONS',
    'the PET series is not corrected for both attenuation and decay, or does not say so',
    'Have the series reconstructed with both corrections.',
  );
}

/** From Bq/ml to SUV, for each slice, and what decay was corrected to. */
function activityFactors(slices: readonly DicomDataset[], kind: SuvKind): { factors: number[]; reference: string } {
  const [first] = slices;
  const drug = itemsOf(first, 0x00540016)[0];
  const dose = drug ? decimalOf(drug, 0x00181074) : null;
  const halfLife = drug ? decimalOf(drug, 0x00181075) : null;
  if (!drug || dose === null || !(dose > 0)) throw missing('the injected dose (Radionuclide Total Dose)');
  if (dose < MIN_DOSE_BQ) throw missing('the injected dose in Bq: the one given is too small to be that');
  if (halfLife === null || !(halfLife > 0)) throw missing('the half-life of the radionuclide');
  const perBecquerel = normaliser(first, kind) / dose;
  const factorAt = (seconds: number): number =>
    perBecquerel * 2 ** ((seconds - timeOfInjection(first, drug, seconds, halfLife)) / halfLife);
  const mode = textOf(first, 0x00541102) ?? (textOf(first, 0x00189758) === 'YES' ? 'START' : '');
  switch (mode) {
    case 'ADMIN':
      return { factors: slices.map(() => perBecquerel), reference: 'time of injection' };
    case 'START': {
      const { seconds, reference } = scanStart(slices, halfLife);
      const factor = factorAt(seconds);
      return { factors: slices.map(() => factor), reference };
    }
    case 'NONE':
      return {
        factors: slices.map((slice) => factorAt(frameCentre(slice, halfLife))),
        reference: 'each frame, since decay was not corrected',
      };
  }
  throw refusal(
    'PET_CORRECTIONS',
    'the PET series does not say to which time decay was corrected',
    'Have the series reconstructed with decay corrected to the start of the scan.',
  );
}

/** Grams of body or of lean body, or square centimetres of its surface. */
function normaliser(dataset: DicomDataset, kind: SuvKind): number {
  const weightKg = decimalOf(dataset, 0x00101030);
  if (weightKg === null || !(weightKg > 0)) throw missing("the patient's weight");
  if (weightKg > 700) throw missing("the patient's weight in kg: the one given is too large to be that");
  if (kind === 'bodyWeight') return weightKg * 1000;
  const heightM = decimalOf(dataset, 0x00101020);
  if (heightM === null || !(heightM > 0)) throw missing("the patient's height");
  if (heightM > 3) throw missing("the patient's height in m: the one given is too large to be that");
  if (kind === 'bodySurfaceArea') return 71.84 * weightKg ** 0.425 * (heightM * 100) ** 0.725;
  const sex = textOf(dataset, 0x00100040);
  if (sex !== 'M' && sex !== 'F') throw missing("the patient's sex (M or F), on which lean body mass depends");
  const isMale = sex === 'M';
  const leanKg =
    kind === 'leanBodyMassJames'
      ? (isMale ? 1.1 : 1.07) * weightKg - (isMale ? 128 : 148) * (weightKg / (heightM * 100)) ** 2
      : (9270 * weightKg) / ((isMale ? 6680 : 8780) + ((isMale ? 216 : 244) * weightKg) / heightM ** 2);
  if (!(leanKg > 0)) throw missing('a weight and height for which lean body mass by this formula is positive');
  return leanKg * 1000;
}

function missing(what: string): ImagingError {
  const fix = 'Fetch the series again with this attribute kept, or convert it to SUV with Units GML before it is read.';
  return refusal('PET_HEADER', `the header lacks ${what}`, fix);
}

function refusal(code: ImagingErrorCode, what: string, fix: string): ImagingError {
  return new ImagingError(code, what, 'the DICOM series', fix);
}
