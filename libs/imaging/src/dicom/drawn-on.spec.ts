import { readdirSync, readFileSync } from 'node:fs';
import { drawnOn } from './drawn-on.js';
import { groupSeries, type NamedBytes, type SeriesGroup } from './group-series.js';
import { listSegments } from './segmentation.js';

const root = new URL('../../golden/dicom/', import.meta.url);
const volumes = (name: string): readonly SeriesGroup[] =>
  groupSeries(
    readdirSync(new URL(`folders/${name}`, root)).map((file): NamedBytes => ({
      name: file,
      bytes: readFileSync(new URL(`folders/${name}/${file}`, root)),
    })),
  ).series;
const region = (name: string): Buffer => readFileSync(new URL(`drawn-on/${name}.dcm`, root));
const labels = (groups: readonly SeriesGroup[]): string[] => groups.map(({ label }) => label);

it('takes the echo that a segmentation names the slices of', () => {
  expect(labels(drawnOn(volumes('echoes'), region('echo-2-seg')))).toEqual(['echo time 4.6']);
});

it('takes the phase that contours were drawn on, though the structure set lists all that were at hand', () => {
  expect(labels(drawnOn(volumes('phases'), region('phase-3-rtstruct')))).toEqual(['temporal position 3']);
});

it('takes of several series the one that is named, though none of its slices is', () => {
  const [first, second] = volumes('phases');
  const other = { ...second, seriesInstanceUid: '1.2.3' };
  expect(drawnOn([other, first], region('phase-3-rtstruct'))).toEqual([first]);
});

it('leaves all where the region names none, or none of these', () => {
  const echoes = volumes('echoes');
  expect(listSegments(region('silent-seg'))).toHaveLength(1);
  expect(drawnOn(echoes, region('silent-seg'))).toEqual(echoes);
  expect(drawnOn(echoes, region('phase-3-rtstruct'))).toEqual(echoes);
});
