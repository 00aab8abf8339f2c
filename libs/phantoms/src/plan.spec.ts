import fc from 'fast-check';
import {
  canaries,
  clinicalCsv,
  InvalidConsortiumError,
  NoSuchPhantomError,
  planConsortium,
  renderPatient,
  truth,
  type PatientIdentity,
  type SiteIdentity,
} from './index.js';

const CODES = ['site-a', 'site-b', 'site-c', 'site-d', 'site-e'];

describe('planConsortium', () => {
  it('gives every site both outcomes near the stated prevalence, for any seed and size', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 5, max: 60 }), (seed, patientsPerSite) => {
        for (const { patients } of planConsortium({ seed, siteCodes: CODES.slice(0, 3), patientsPerSite }).sites) {
          const events = patients.filter((patient) => patient.mvi === 1).length;
          expect(events).toBeGreaterThan(0);
          expect(events).toBeLessThan(patientsPerSite);
          // Expected share 0.35 to 0.45; systematic sampling is off by less than one patient.
          expect(Math.abs(events - 0.4 * patientsPerSite)).toBeLessThan(0.05 * patientsPerSite + 1);
        }
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('gives all sites the same distribution of latent risk', () => {
    for (const seed of [1, 2, 3]) {
      for (const { patients } of planConsortium({ seed, siteCodes: CODES, patientsPerSite: 24 }).sites) {
        const risks = patients.map((patient) => patient.risk);
        const mean = risks.reduce((sum, risk) => sum + risk, 0) / 24;
        const variance = risks.reduce((sum, risk) => sum + (risk - mean) ** 2, 0) / 23;
        // Independent draws would have a standard error of 0.2; stratified ones stay ten times nearer.
        expect(Math.abs(mean)).toBeLessThan(0.06);
        expect(Math.abs(variance - 1)).toBeLessThan(0.25);
      }
    }
  });

  it('makes invasion and early recurrence more frequent at high risk', () => {
    const { sites } = planConsortium({ seed: 4, siteCodes: CODES, patientsPerSite: 100 });
    const patients = sites.flatMap((site) => site.patients);
    const high = patients.filter((patient) => patient.risk > 0.5);
    const low = patients.filter((patient) => patient.risk < -0.5);
    const share = (group: typeof patients): number => group.filter(({ mvi }) => mvi === 1).length / group.length;
    const rate = (group: typeof patients): number =>
      group.filter(({ recurrence }) => recurrence === 1).length /
      group.reduce((sum, { timeToRecurrenceMonths }) => sum + timeToRecurrenceMonths, 0);
    expect(share(high)).toBeGreaterThan(0.75);
    expect(share(low)).toBeLessThan(0.2);
    // exp(0.8 * distance of the group means, about 2.2) = 6; censoring does not bias the rate ratio.
    expect(rate(high) / rate(low)).toBeGreaterThan(3);
    expect(rate(high) / rate(low)).toBeLessThan(12);
  });

  it('varies the scanner of a sixth site under another model name', () => {
    const codes = [...CODES, 'site-f'];
    const { sites } = planConsortium({ seed: 1, siteCodes: codes, patientsPerSite: 5 });
    expect(new Set(sites.map(({ scanner }) => scanner.model)).size).toBe(6);
    expect(sites[5].scanner.noiseHu).not.toBe(sites[0].scanner.noiseHu);
    expect(Math.abs(sites[5].scanner.gain - sites[0].scanner.gain)).toBeLessThanOrEqual(0.03);
  });

  it.each([
    [{ seed: 0.5, siteCodes: CODES, patientsPerSite: 5 }],
    [{ seed: 1, siteCodes: [], patientsPerSite: 5 }],
    [{ seed: 1, siteCodes: ['site-a', ' '], patientsPerSite: 5 }],
    [{ seed: 1, siteCodes: ['site-a', 'site-a'], patientsPerSite: 5 }],
    [{ seed: 1, siteCodes: CODES, patientsPerSite: 4 }],
  ])('refuses %j', (request) => {
    expect(() => planConsortium(request)).toThrow(InvalidConsortiumError);
  });
});

describe('identities', () => {
  it('never repeat between patients or sites', () => {
    const { sites } = planConsortium({ seed: 9, siteCodes: CODES, patientsPerSite: 200 });
    const dates = ['birthDate', 'studyDate', 'studyTime'];
    for (const key of Object.keys(sites[0].patients[0].identity) as (keyof PatientIdentity)[]) {
      const values = sites.flatMap(({ patients }) => patients.map(({ identity }) => identity[key]));
      if (!dates.includes(key)) expect(new Set(values).size).toBe(1000);
    }
    for (const key of Object.keys(sites[0].identity) as (keyof SiteIdentity)[]) {
      expect(new Set(sites.map(({ identity }) => identity[key])).size).toBe(5);
    }
  });

  it('lists as canaries nothing that a protocol may release', () => {
    const plan = planConsortium({ seed: 2, siteCodes: CODES, patientsPerSite: 24 });
    const released = JSON.stringify([
      CODES,
      plan.sites.map(({ scanner }) => scanner),
      plan.sites.map(({ patients }) => patients.map(({ ageYears, sex, mvi }) => [ageYears, sex, mvi])),
      ['CT', 'SEG', 'RTSTRUCT', 'tumour'],
    ]);
    const listed = canaries(plan);
    expect(listed.length).toBeGreaterThan(24 * 5 * 40);
    expect(listed.filter((text) => released.includes(text))).toEqual([]);
    expect(Math.min(...listed.map((text) => text.length))).toBeGreaterThanOrEqual(8);
  });
});

describe('truth and clinicalCsv', () => {
  const plan = planConsortium({ seed: 3, siteCodes: CODES.slice(0, 2), patientsPerSite: 6 });

  it('agree about every patient', () => {
    const { patients, sites } = truth(plan);
    const lines = [0, 1].flatMap((site) => clinicalCsv(plan, site).trimEnd().split('\n').slice(1));
    expect(lines.map((line) => line.split(',').slice(0, 4))).toEqual(
      patients.map((p) => [p.patientId, String(p.mvi), String(p.timeToRecurrenceMonths), String(p.recurrence)]),
    );
    expect(sites.map(({ code }) => code)).toEqual(['site-a', 'site-b']);
  });

  it('refuse a site or patient outside the plan', () => {
    expect(() => clinicalCsv(plan, 2)).toThrow(NoSuchPhantomError);
    expect(() => renderPatient(plan, 0, 6)).toThrow(NoSuchPhantomError);
    expect(() => renderPatient(plan, -1, 0)).toThrow(NoSuchPhantomError);
  });
});
