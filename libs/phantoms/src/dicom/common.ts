import type { PatientPlan, SitePlan } from '../plan.js';
import type { Dataset } from './dataset.js';

export const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
export const RT_STRUCTURE_SET_STORAGE = '1.2.840.10008.5.1.4.1.1.481.3';
export const DETACHED_STUDY_MANAGEMENT = '1.2.840.10008.3.1.2.3.1';

/** The patient's images: one series on a regular axial grid. */
export interface Series {
  readonly columns: number;
  readonly rows: number;
  readonly pixelSpacingMm: number;
  readonly sliceThicknessMm: number;
  /** Centre of voxel (0, 0) of each slice in the patient frame, mm; ascending z. */
  readonly positions: readonly (readonly [number, number, number])[];
  readonly sliceUids: readonly string[];
}

/** Patient, study, equipment and frame of reference modules, with every identifying text a scanner may leave. */
export function commonModules(site: SitePlan, patient: PatientPlan): Dataset {
  const hospital = site.identity;
  const person = patient.identity;
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    StudyDate: person.studyDate,
    SeriesDate: person.studyDate,
    ContentDate: person.studyDate,
    StudyTime: person.studyTime,
    SeriesTime: person.studyTime,
    ContentTime: person.studyTime,
    AccessionNumber: person.accession,
    InstitutionName: hospital.institution,
    InstitutionAddress: hospital.address,
    InstitutionalDepartmentName: hospital.department,
    StationName: hospital.station,
    ReferringPhysicianName: person.referringPhysician,
    PerformingPhysicianName: hospital.performingPhysician,
    OperatorsName: hospital.operator,
    StudyDescription: person.studyDescription,
    PatientName: person.name,
    PatientID: person.patientId,
    IssuerOfPatientID: person.issuer,
    PatientBirthDate: person.birthDate,
    PatientSex: patient.sex,
    PatientAge: `${String(patient.ageYears).padStart(3, '0')}Y`,
    OtherPatientIDsSequence: [{ PatientID: person.otherPatientId, TypeOfPatientID: 'TEXT' }],
    PatientAddress: person.address,
    PatientTelephoneNumbers: person.telephone,
    PatientComments: person.patientComments,
    StudyInstanceUID: person.studyUid,
    StudyID: person.studyId,
    DeviceSerialNumber: hospital.deviceSerial,
    SoftwareVersions: hospital.softwareVersion,
    RequestedProcedureDescription: person.requestedProcedure,
  };
}
