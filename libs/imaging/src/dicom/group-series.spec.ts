import { readdirSync, readFileSync } from 'node:fs';
import { groupSeries, type NamedBytes } from './group-series.js';
import { readDicomSeries } from './series.js';

const root = new URL('../../golden/dicom/', import.meta.url);
const folder = (name: string): NamedBytes[] =>
  readdirSync(new URL(name, root)).map((file) => ({
    name: file,
    bytes: readFileSync(new URL(`${name}/${file}`, root)),
  }));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error; // typed any by Jest

it.each([
  ['echoes', ['echo time 2.3', 'echo time 4.6']],
  ['parts', ['image type ORIGINAL\\PRIMARY\\M', 'image type ORIGINAL\\PRIMARY\\P']],
  ['phases', ['temporal position 1', 'temporal position 2', 'temporal position 3']],
  ['acquisitions', ['acquisition 1', 'acquisition 2', 'acquisition 3']],
  ['triggers', ['trigger time 40', 'trigger time 80', 'trigger time 120']],
  ['b', ['b-value 0', 'b-value 50', 'b-value 800']],
  ['siemens-b', ['b-value 0', 'b-value 50', 'b-value 800']],
  ['ge-b', ['b-value 0', 'b-value 50', 'b-value 800']],
  ['alternating', ['']],
  ['localizer', ['axial 4 × 3', 'coronal 4 × 3', 'axial 4 × 5']],
])('sorts the series %s by header alone', (name, labels) => {
  const { series, skipped } = groupSeries(folder(`folders/${name}`));
  expect(skipped).toEqual([]);
  expect(series.map(({ label }) => label).sort()).toEqual([...labels].sort());
  for (const { files } of series) expect(readDicomSeries(files).shape[2]).toBe(3);
});

it('refuses several volumes at once by naming them, and reads the one chosen', () => {
  const files = folder('folders/echoes');
  expect(() => readDicomSeries(files)).toThrow(refusal('MIXED_SERIES'));
  expect(() => readDicomSeries(files)).toThrow(/1 "echo time 2\.3" \(3 slices\), 2 "echo time 4\.6" \(3 slices\)/);
  const second = groupSeries(files).series[1];
  expect(readDicomSeries(files, { part: 2 }).data).toEqual(readDicomSeries(second.files).data);
  expect(() => readDicomSeries(folder('folders/localizer'))).toThrow(/differ in (orientation|rows)/);
});

it('sorts a whole pile of files, and takes no more of each than its header', () => {
  const names = ['echoes', 'phases', 'localizer', 'b'];
  const files = names.flatMap((name) =>
    folder(`folders/${name}`).map(({ name: own, bytes }) => ({
      name: own,
      bytes: bytes.subarray(0, bytes.length - 20),
    })),
  );
  const { series } = groupSeries(files);
  expect(series.map(({ files: own }) => own.length)).toEqual(Array(11).fill(3));
});

it.each([
  ['cr', 'UNSUPPORTED_OBJECT', /X-ray/],
  ['dx', 'UNSUPPORTED_OBJECT', /X-ray/],
  ['mg', 'UNSUPPORTED_OBJECT', /X-ray/],
  ['tomosynthesis', 'UNSUPPORTED_OBJECT', /X-ray/],
  ['xa', 'UNSUPPORTED_OBJECT', /X-ray/],
  ['rf', 'UNSUPPORTED_OBJECT', /X-ray/],
  ['xa-enhanced', 'UNSUPPORTED_OBJECT', /X-ray/],
  ['nm', 'UNSUPPORTED_OBJECT', /nuclear medicine/],
  ['parametric-map', 'UNSUPPORTED_OBJECT', /parametric map/],
  ['lookup-table', 'UNSUPPORTED_PIXELS', /lookup table/],
  ['colour', 'UNSUPPORTED_PIXELS', /colour/],
])('refuses %s as %s', (name, code, says) => {
  const bytes = readFileSync(new URL(`kinds/${name}.dcm`, root));
  const read = (): unknown => readDicomSeries([{ name, bytes }]);
  expect(read).toThrow(refusal(code));
  expect(read).toThrow(says);
});
