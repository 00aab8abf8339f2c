import { readdirSync, readFileSync } from 'node:fs';
import type { NamedBytes } from './group-series.js';
import { readDicomSeries } from './series.js';
import type { SuvKind } from './suv.js';

const root = new URL('../../golden/dicom/pet/', import.meta.url);
const mirp = JSON.parse(readFileSync(new URL('expected.json', root), 'utf8')) as Record<
  string,
  Record<SuvKind, number[]>
>;
const folder = (name: string): NamedBytes[] =>
  readdirSync(new URL(name, root)).map((file) => ({
    name: file,
    bytes: readFileSync(new URL(`${name}/${file}`, root)),
  }));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest
const cases = Object.entries(mirp).flatMap(([name, kinds]) =>
  Object.entries(kinds).map(([kind, values]) => [name, kind as SuvKind, values] as const),
);

it.each(cases)('gives the SUV of MIRP: %s, %s', (name, suv, values) => {
  const volume = readDicomSeries(folder(name), { suv });
  expect(volume.data).toHaveLength(values.length);
  const scale = Math.max(...values.map(Math.abs));
  // MIRP keeps voxels in single precision.
  const worst = Math.max(...values.map((value, voxel) => Math.abs(value - volume.data[voxel])));
  expect(worst / scale).toBeLessThan(2e-7);
  expect(volume.unit).toMatch(suv === 'bodyWeight' ? /^SUV$/ : /^SUV \(.+\)$/);
});

it('says how SUV was computed, and no value of the patient', () => {
  const notes = (name: string): string => readDicomSeries(folder(name)).provenance.warnings.join();
  expect(notes('siemens')).toBe('values are SUV, from Bq/ml; decay reference: series time');
  expect(notes('rewritten')).toContain('frame reference time');
  expect(notes('ge')).toContain("GE's private scan time");
  expect(notes('philips-suv')).toContain("Philips' private SUV factor");
  expect(notes('philips-activity')).toContain("Philips' private activity factor");
  expect(Object.keys(mirp).map(notes).join()).not.toMatch(/81\.5|353000|1\.74|2020/);
});

it.each([
  ['no-weight', 'PET_HEADER', /weight/],
  ['weight-zero', 'PET_HEADER', /weight/],
  ['no-dose', 'PET_HEADER', /dose/],
  ['dose-in-MBq', 'PET_HEADER', /dose in Bq/],
  ['no-half-life', 'PET_HEADER', /half-life/],
  ['no-injection-time', 'PET_HEADER', /time of injection/],
  ['no-drug', 'PET_HEADER', /dose/],
  ['no-times', 'PET_HEADER', /time of acquisition/],
  ['long-lived', 'PET_HEADER', /day of injection/],
  ['injected-long-ago', 'PET_HEADER', /shortly before the scan/],
  ['counts', 'PET_UNITS', /CNTS/],
  ['no-units', 'PET_UNITS', /not given/],
  ['not-attenuation-corrected', 'PET_CORRECTIONS', /attenuation/],
  ['not-decay-corrected', 'PET_CORRECTIONS', /decay/],
  ['no-decay-reference', 'PET_CORRECTIONS', /to which time/],
  ['suv-of-unknown-type', 'PET_UNITS', /type/],
])('refuses %s as %s', (name, code, says) => {
  const read = (): unknown => readDicomSeries(folder(`refused/${name}`));
  expect(read).toThrow(refusal(code));
  expect(read).toThrow(says);
});

it('refuses lean body mass and surface without height or sex, though body weight needs neither', () => {
  for (const [name, suv] of [
    ['height-in-cm', 'bodySurfaceArea'],
    ['height-in-cm', 'leanBodyMassJames'],
    ['no-sex', 'leanBodyMassJanmahasatian'],
  ] as const) {
    expect(() => readDicomSeries(folder(`refused/${name}`), { suv })).toThrow(refusal('PET_HEADER'));
    expect(readDicomSeries(folder(`refused/${name}`)).unit).toBe('SUV');
  }
});
