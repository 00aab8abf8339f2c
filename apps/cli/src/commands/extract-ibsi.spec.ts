import { numberValues, tableFromCsv, textValues } from '@concord/tables';
import { referenceData } from '@concord/testing';
import { readFileSync } from 'node:fs';
import { runCli } from '../run.js';

const ibsi1 = referenceData('ibsi', 'ibsi1');
const onReferenceData = ibsi1 === null ? describe.skip : describe;

/** The rows that `concord extract --layout long` prints: value and family by tag. */
async function longRows(preset: string, ...image: string[]): Promise<Map<string, { value: number; family: string }>> {
  let out = '';
  const streams = { out: (text: string) => void (out += text), err: () => undefined };
  const argv = ['extract', ...image, '--preset', preset, '--layout', 'long', '--quiet'];
  expect(await runCli(argv, { version: '0.0.0', streams })).toBe(0);
  const table = tableFromCsv(out);
  const [tags, families, values] = [
    textValues(table, 'tag'),
    textValues(table, 'family'),
    numberValues(table, 'value'),
  ];
  return new Map(tags.map((tag, row) => [tag ?? '', { value: values[row], family: families[row] ?? '' }]));
}

interface Reference {
  readonly tag: string;
  readonly family: string;
  readonly value: string;
  readonly tolerance: number;
}

function references(configuration: string): Reference[] {
  const [header, ...lines] = readFileSync(`${ibsi1}/reference_values.csv`, 'utf8').trim().split(/\r?\n/);
  const at = (name: string): number => header.split(',').indexOf(name);
  return lines
    .map((line) => line.split(','))
    .filter((cells) => cells[at('dataset')] === `config_${configuration}` && cells[at('reference_value')] !== '')
    .map((cells) => ({
      tag: cells[at('tag')],
      family: cells[at('family')],
      value: cells[at('reference_value')],
      tolerance: Number(cells[at('tolerance')]),
    }));
}

/** IBSI's rule; diagnostics are counts with more digits, and compared with as many. */
function holds(value: number | undefined, { value: text, tolerance, family }: Reference): boolean {
  const written = text.replace(/[-.]/g, '').replace(/^0+/, '').length;
  const digits = family.startsWith('Diagnostics') ? Math.max(3, written) : 3;
  if (value === undefined) return false;
  return Math.abs(Number(value.toPrecision(digits)) - Number(text)) <= tolerance + 1e-9 * Math.abs(Number(text));
}

onReferenceData(`concord extract on IBSI’s CT phantom${ibsi1 === null ? ' (reference data absent)' : ''}`, () => {
  const phantom = `${ibsi1}/ct_phantom`;

  it.each([
    ['A', 346],
    ['B', 346],
    ['C', 210],
    ['D', 210],
    ['E', 210],
  ])('prints every reference value and the 60 diagnostics of configuration %s', async (configuration, count) => {
    const rows = await longRows(
      `ibsi1-${configuration}`,
      `${phantom}/phantom.nii.gz`,
      '--mask',
      `${phantom}/mask.nii.gz`,
    );
    const expected = references(configuration);
    expect(expected).toHaveLength(count + 60);
    const wrong = expected.filter(
      (one) => rows.get(one.tag)?.family !== one.family || !holds(rows.get(one.tag)?.value, one),
    );
    expect(wrong.map(({ tag, value }) => [tag, rows.get(tag), value])).toEqual([]);
  });

  it('prints the same from the DICOM series and its structure set, whose contours give the same mask', async () => {
    const dicom = [`${phantom}/dicom/image`, '--rtstruct', `${phantom}/dicom/mask/DCM_RS_00060.dcm`, '--roi', 'GTV-1'];
    const rows = await longRows('ibsi1-C', ...dicom);
    const expected = references('C');
    expect(expected.filter((one) => holds(rows.get(one.tag)?.value, one))).toHaveLength(expected.length);
    expect(rows.get('int_mask_vox_count_init_roi')?.value).toBe(125_256);
  });
});
