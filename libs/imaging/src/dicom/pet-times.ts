import { ImagingError } from '../imaging-error.js';
import { decimalOf, textOf, type DicomDataset } from './dataset.js';
import { privateTag } from './private-tags.js';

const DAY = 86400;
/** Beyond this many half-lives nothing is left to be seen: the times are wrong. */
const MAX_HALF_LIVES = 10;
/** Nuclides that live longer may be injected on another day than they are scanned. */
const SAME_DAY_HALF_LIFE = 8 * 3600;

/** A moment in seconds since 1970, in the clock of the scanner. */
export interface Moment {
  readonly seconds: number;
  /** Which attribute it was taken from. */
  readonly reference: string;
}

/**
 * The time to which the scanner corrected decay: by QIBA's rules the series' time unless that is later than the first
 * acquisition (the series was written afterwards); then GE's private scan time, or what the frame reference time of the
 * first acquisition says, or its own time.
 *
 * @throws {ImagingError} `PET_HEADER` if the header holds no such time
 */
export function scanStart(slices: readonly DicomDataset[], halfLife: number): Moment {
  const [first] = slices;
  const corrected = parseDateTime(textOf(first, 0x00189701));
  if (corrected !== null) return { seconds: corrected, reference: 'decay correction time' };
  const acquired = slices
    .map((slice) => ({ slice, seconds: acquisitionTime(slice) }))
    .filter((each): each is { slice: DicomDataset; seconds: number } => each.seconds !== null)
    .reduce<{ slice: DicomDataset; seconds: number } | null>(
      (earliest, each) => (earliest === null || each.seconds < earliest.seconds ? each : earliest),
      null,
    );
  const series = momentOf(first, 0x00080021, 0x00080031);
  if (series !== null && acquired !== null && series <= acquired.seconds) {
    return { seconds: series, reference: 'series time' };
  }
  const ge = geTime(first, 0x0d);
  if (ge !== null) return { seconds: ge, reference: "GE's private scan time" };
  if (acquired === null) throw missing('the time of acquisition');
  const offset = frameOffset(acquired.slice, halfLife);
  return offset === null
    ? { seconds: acquired.seconds, reference: 'first acquisition' }
    : { seconds: acquired.seconds - offset, reference: 'frame reference time' };
}

/** How long after the scan's start a frame began: its reference time is the moment of its average count rate. */
function frameOffset(slice: DicomDataset, halfLife: number): number | null {
  const reference = (decimalOf(slice, 0x00541300) ?? 0) / 1000;
  const duration = (decimalOf(slice, 0x00181242) ?? 0) / 1000;
  return reference > 0 && duration > 0 ? reference - averageTime(duration, halfLife) : null;
}

/**
 * The moment in a frame at which its average activity was there.
 *
 * @throws {ImagingError} `PET_HEADER` if the header lacks the frame's start or duration
 */
export function frameCentre(slice: DicomDataset, halfLife: number): number {
  const start = acquisitionTime(slice);
  const duration = (decimalOf(slice, 0x00181242) ?? 0) / 1000;
  if (start === null || !(duration > 0)) throw missing('the start and duration of a frame');
  return start + averageTime(duration, halfLife);
}

/** Seconds into a frame of this duration when activity equals its average: a little before the middle. */
function averageTime(duration: number, halfLife: number): number {
  const decay = Math.LN2 / halfLife;
  return Math.log((decay * duration) / -Math.expm1(-decay * duration)) / decay;
}

/**
 * When the radiopharmaceutical was injected.
 *
 * @param drug item of the Radiopharmaceutical Information Sequence; GE's private time stands in for what it lacks
 * @throws {ImagingError} `PET_HEADER` if the header does not say, or says a time after the scan or long before it
 */
export function timeOfInjection(
  dataset: DicomDataset,
  drug: DicomDataset,
  scanSeconds: number,
  halfLife: number,
): number {
  const isPlausible = (seconds: number): boolean =>
    scanSeconds >= seconds && scanSeconds - seconds <= MAX_HALF_LIVES * halfLife;
  const dated = parseDateTime(textOf(drug, 0x00181078)) ?? geTime(dataset, 0x3b);
  if (dated !== null && isPlausible(dated)) return dated;
  const time = parseTime(textOf(drug, 0x00181072));
  if (time === null) {
    throw missing(dated === null ? 'the time of injection' : 'a time of injection that lies shortly before the scan');
  }
  if (halfLife > SAME_DAY_HALF_LIFE) throw missing('the day of injection, which a long-lived nuclide needs');
  const midnight = Math.floor(scanSeconds / DAY) * DAY;
  const sameDay = midnight + time;
  const seconds = sameDay > scanSeconds ? sameDay - DAY : sameDay;
  if (!isPlausible(seconds)) throw missing('a time of injection that lies shortly before the scan');
  return seconds;
}

/** A moment in GE's private block. */
function geTime(dataset: DicomDataset, element: number): number | null {
  const tag = privateTag(dataset, 0x0009, 'GEMS_PETD_01', element);
  return tag === null ? null : parseDateTime(textOf(dataset, tag));
}

function acquisitionTime(dataset: DicomDataset): number | null {
  return momentOf(dataset, 0x00080022, 0x00080032) ?? parseDateTime(textOf(dataset, 0x0008002a));
}

function momentOf(dataset: DicomDataset, dateTag: number, timeTag: number): number | null {
  const [date, time] = [textOf(dataset, dateTag), textOf(dataset, timeTag)];
  return date === null || time === null ? null : parseDateTime(`${date.replaceAll('.', '')}${time}`);
}

/** A DICOM date and time (DT) in seconds; an offset from UTC is left out, since times of one scanner are compared. */
function parseDateTime(text: string | null): number | null {
  const match = text === null ? null : /^(\d{4})(\d\d)(\d\d)(\d[\d:.]+)(?:[+-]\d{4})?$/.exec(text);
  const time = match ? parseTime(match[4]) : null;
  if (!match || time === null) return null;
  const [year, month, day] = match.slice(1, 4).map(Number);
  return Date.UTC(year, month - 1, day) / 1000 + time;
}

/** A DICOM time (TM) in seconds after midnight. */
function parseTime(text: string | null): number | null {
  const match = text === null ? null : /^(\d\d):?(\d\d)?:?(\d\d(?:\.\d+)?)?$/.exec(text);
  if (!match) return null;
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return hours < 24 && minutes < 60 && seconds < 61 ? hours * 3600 + minutes * 60 + seconds : null;
}

function missing(what: string): ImagingError {
  return new ImagingError(
    'PET_HEADER',
    `the header lacks ${what}`,
    'the DICOM series',
    'Fetch the series again with its dates and times kept, or convert it to SUV with Units GML before it is read.',
  );
}
