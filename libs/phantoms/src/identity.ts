import { uniform, stream } from './streams.js';
import { phantomUid } from './uids.js';

/** What names a hospital in its images. Invented, and unlike any real text, so that a leak can be searched for. */
export interface SiteIdentity {
  readonly institution: string;
  readonly address: string;
  readonly department: string;
  readonly station: string;
  readonly deviceSerial: string;
  readonly performingPhysician: string;
  readonly operator: string;
  readonly protocolName: string;
  readonly softwareVersion: string;
}

/** What names a patient and a visit. */
export interface PatientIdentity {
  readonly name: string;
  readonly patientId: string;
  readonly issuer: string;
  readonly otherPatientId: string;
  readonly birthDate: string;
  readonly address: string;
  readonly telephone: string;
  readonly patientComments: string;
  readonly accession: string;
  readonly studyId: string;
  readonly studyDate: string;
  readonly studyTime: string;
  readonly studyDescription: string;
  readonly seriesDescription: string;
  readonly requestedProcedure: string;
  readonly imageComments: string;
  readonly referringPhysician: string;
  readonly contentCreator: string;
  readonly privateNote: string;
  readonly privateName: string;
  readonly studyUid: string;
  readonly frameOfReferenceUid: string;
  readonly ctSeriesUid: string;
  readonly roiSeriesUid: string;
  readonly roiInstanceUid: string;
  readonly dimensionUid: string;
}

const ROLES_PER_PATIENT = 32;
const PATIENTS_PER_SITE = 4096;
const SITE_ROLES = PATIENTS_PER_SITE - 1;
const CONSONANTS = 'bdfgklmnprstvzjh';
const VOWELS = 'aeiou';

/** Identity of a site; every text occurs at this site only. */
export function siteIdentity(seed: number, site: number): SiteIdentity {
  const word = (role: number): string => wordOf(seed, site, SITE_ROLES, role);
  const number = String(wordNumber(seed, site, SITE_ROLES, 8)).padStart(9, '0');
  return {
    institution: `Hôpital ${word(0)}`,
    address: `${(site % 90) + 10} rue ${word(1)}, ${word(2)}`,
    department: `Radiology ${word(3)}`,
    station: `CT${word(4).slice(0, 12).toUpperCase()}`,
    deviceSerial: `SN${number}`,
    performingPhysician: `${word(5)}^${word(6)}^^Dr.`,
    operator: `${word(7)}^${word(9)}`,
    protocolName: `Abdomen ${word(10)}`,
    softwareVersion: `syn-${word(11)}`,
  };
}

/**
 * Identity of a patient; every text occurs with this patient only.
 *
 * Years of study lie between 2061 and 2069, so that a date found outside a hospital cannot be mistaken for a real one.
 *
 * @param ageYears age at the study
 */
export function patientIdentity(seed: number, site: number, patient: number, ageYears: number): PatientIdentity {
  const word = (role: number): string => wordOf(seed, site, patient, role);
  const digits = (role: number): string => String(wordNumber(seed, site, patient, role)).padStart(9, '0');
  const uid = (purpose: string): string => phantomUid(seed, site, patient, purpose);
  const source = stream(seed, site, patient, 'identity');
  const year = Math.floor(uniform(source, 2061, 2070));
  const monthAndDay = (): string => pad(Math.floor(uniform(source, 1, 13))) + pad(Math.floor(uniform(source, 1, 29)));
  const studyDay = monthAndDay();
  const birthDay = monthAndDay();
  const hour = pad(Math.floor(uniform(source, 7, 19)));
  return {
    name: `${word(0)}^${word(1)}`,
    patientId: `P${digits(2)}`,
    issuer: `Registry ${word(3)}`,
    otherPatientId: `MRN${digits(4)}`,
    birthDate: `${year - ageYears - (birthDay > studyDay ? 1 : 0)}${birthDay}`,
    address: `${word(5)} lane 7, ${word(6)}`,
    telephone: `+00${digits(7)}`,
    patientComments: `Lives with ${word(8)}, prefers morning visits`,
    accession: `A${digits(9)}`,
    studyId: `S${digits(10)}`,
    studyDate: `${year}${studyDay}`,
    studyTime: `${hour}${pad(patient % 60)}${pad(site % 60)}.${digits(11).slice(-6)}`,
    studyDescription: `CT liver ${word(12)}`,
    seriesDescription: `Portal venous ${word(13)}`,
    requestedProcedure: `CT abdomen for ${word(14)}`,
    imageComments: `Seen with ${word(15)} at the tumour board`,
    referringPhysician: `${word(16)}^${word(17)}^^Dr.`,
    contentCreator: `${word(18)}^${word(19)}`,
    privateNote: `private note ${word(20)}`,
    privateName: `${word(21)}^${word(22)}`,
    studyUid: uid('study'),
    frameOfReferenceUid: uid('frame-of-reference'),
    ctSeriesUid: uid('ct-series'),
    roiSeriesUid: uid('roi-series'),
    roiInstanceUid: uid('roi-instance'),
    dimensionUid: uid('dimension'),
  };
}

/** UID of a CT slice. */
export function sliceUid(seed: number, site: number, patient: number, slice: number): string {
  return phantomUid(seed, site, patient, 'ct-slice', slice);
}

/** Every text of an identity that must stay in the hospital, whole, and in the parts and forms it may leak in. */
export function canariesOf(identity: SiteIdentity | PatientIdentity): string[] {
  return Object.values(identity as unknown as Record<string, string>).flatMap((text) => {
    if (/^\d{8}$/.test(text)) return [text, `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`];
    const words = text.split(/[\^ ,]+/).filter((part) => /^[A-Z][a-z]{9}$/.test(part));
    return words.length === 1 && words[0] === text ? [text] : [text, ...words];
  });
}

/** A capitalised word of ten letters, another one for every role of every patient. */
function wordOf(seed: number, site: number, patient: number, role: number): string {
  let rest = wordNumber(seed, site, patient, role);
  let word = '';
  // Five syllables of 80: 3.3e9 words, more than there are numbers.
  for (let syllable = 0; syllable < 5; syllable++) {
    const at = (rest + syllable * 37) % 80;
    word += CONSONANTS[at % 16] + VOWELS[Math.floor(at / 16)];
    rest = Math.floor(rest / 80);
  }
  return word[0].toUpperCase() + word.slice(1);
}

/** A number below 1e9, another one for every role of every patient: a multiplication that is one to one modulo 1e9. */
function wordNumber(seed: number, site: number, patient: number, role: number): number {
  const index = (site * PATIENTS_PER_SITE + patient) * ROLES_PER_PATIENT + role;
  return Number((BigInt(index) * 387420489n + BigInt(Math.abs(seed)) * 1000003n + 123456789n) % 1000000000n);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
