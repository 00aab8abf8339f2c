import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { drawingOf, canaries, planConsortium, renderPatient, type PhantomFile } from './index.js';

/** Representations of free text, names, dates and UIDs. */
const TELLING = ['DA', 'LO', 'LT', 'PN', 'SH', 'ST', 'TM', 'UI', 'UT'];

interface Parsed {
  readonly tag: string;
  readonly vr: string;
  readonly bytes: Buffer;
  readonly items: Parsed[][];
}

/** A reader written for this test alone: explicit VR little endian with defined lengths, from PS3.5 section 7. */
function parse(bytes: Buffer): Parsed[] {
  const elements: Parsed[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag =
      bytes.readUInt16LE(at).toString(16).padStart(4, '0') +
      bytes
        .readUInt16LE(at + 2)
        .toString(16)
        .padStart(4, '0');
    const vr = bytes.toString('latin1', at + 4, at + 6);
    const isLong = ['OB', 'OW', 'SQ', 'UT', 'UN'].includes(vr);
    const length = isLong ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6);
    const start = at + (isLong ? 12 : 8);
    if (start + length > bytes.length || length % 2 === 1) throw new Error(`bad length at ${tag}`);
    const body = bytes.subarray(start, start + length);
    elements.push({ tag, vr, bytes: body, items: vr === 'SQ' ? parseItems(body) : [] });
    at = start + length;
  }
  return elements;
}

function parseItems(bytes: Buffer): Parsed[][] {
  const items: Parsed[][] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes.readUInt32LE(at) !== 0xe000fffe) throw new Error('no item');
    const length = bytes.readUInt32LE(at + 4);
    items.push(parse(bytes.subarray(at + 8, at + 8 + length)));
    at += 8 + length;
  }
  return items;
}

function parseFile({ bytes }: PhantomFile): Parsed[] {
  return parse(Buffer.from(bytes).subarray(132));
}

function get(elements: Parsed[], tag: string): Parsed {
  const found = elements.find((element) => element.tag === tag);
  if (found === undefined) throw new Error(`no element ${tag}`);
  return found;
}

function text(elements: Parsed[], tag: string): string {
  return get(elements, tag)
    .bytes.toString('utf8')
    .replace(/[ \0]+$/, '');
}

function numbers(elements: Parsed[], tag: string): number[] {
  return text(elements, tag).split('\\').map(Number);
}

function everyText(elements: Parsed[]): { tag: string; vr: string; value: string }[] {
  return elements.flatMap(({ tag, vr, bytes, items }) => {
    if (vr === 'SQ') return items.flatMap(everyText);
    if (!TELLING.includes(vr)) return [];
    const values = bytes.toString('utf8').split('\\');
    return values.map((value) => ({ tag, vr, value: value.replace(/[ \0]+$/, '') }));
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const plan = planConsortium({ seed: 20260101, siteCodes: ['site-a', 'site-b'], patientsPerSite: 5 });
const rendered = [0, 1].map((site) => [0, 1, 2, 3, 4].map((patient) => renderPatient(plan, site, patient).files));

describe('renderPatient', () => {
  it('gives the same bytes for the same seed, whatever was rendered before', () => {
    const again = planConsortium({ seed: 20260101, siteCodes: ['site-a', 'site-b'], patientsPerSite: 5 });
    expect(renderPatient(again, 1, 3).files.map(({ path, bytes }) => [path, sha256(bytes)])).toEqual(
      rendered[1][3].map(({ path, bytes }) => [path, sha256(bytes)]),
    );
    const other = planConsortium({ seed: 20260102, siteCodes: ['site-a', 'site-b'], patientsPerSite: 5 });
    expect(drawingOf(other, 1, 3).stored).not.toEqual(drawingOf(plan, 1, 3).stored);
  });

  it('stores the drawn values, slices told apart by position only', () => {
    for (const site of [0, 1]) {
      const drawing = drawingOf(plan, site, 2);
      const slices = rendered[site][2].slice(0, -1).map(parseFile);
      slices.sort((a, b) => numbers(a, '00200032')[2] - numbers(b, '00200032')[2]);
      const pixels = Buffer.concat(slices.map((slice) => get(slice, '7fe00010').bytes));
      expect(pixels.equals(Buffer.from(drawing.stored.buffer))).toBe(true);
      const steps = slices
        .slice(1)
        .map((slice, k) => numbers(slice, '00200032')[2] - numbers(slices[k], '00200032')[2]);
      steps.forEach((step) => expect(step).toBeCloseTo(plan.sites[site].scanner.sliceThicknessMm, 9));
      expect(numbers(slices[0], '00200013')[0] === 1).toBe(site === 0);
      expect(new Set(slices.map((slice) => text(slice, '00080018'))).size).toBe(slices.length);
    }
  });

  it('keeps the drawn tumour in the SEG, bit for bit', () => {
    const seg = parseFile(rendered[0][1].at(-1)!);
    const drawing = drawingOf(plan, 0, 1);
    const mask = new Uint8Array(drawing.mask.length);
    const packed = get(seg, '7fe00010').bytes;
    get(seg, '52009230').items.forEach((groups, frame) => {
      const z = numbers(get(groups, '00209113').items[0], '00200032')[2];
      const slice = Math.round((z - drawing.affine[11]) / drawing.affine[10]);
      for (let index = 0; index < 96 * 96; index++) {
        const bit = frame * 96 * 96 + index;
        mask[slice * 96 * 96 + index] = (packed[bit >> 3] >> (bit & 7)) & 1;
      }
    });
    expect(Buffer.from(mask).equals(Buffer.from(drawing.mask))).toBe(true);
    expect(text(get(seg, '00620002').items[0], '00620005')).toBe('tumour');
    expect(mask.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(1000);
  });
});

describe('RTSTRUCT', () => {
  it('outlines the drawn tumour: a voxel centre is inside the contours exactly if it is in the mask', () => {
    const structureSet = parseFile(rendered[1][4].at(-1)!);
    const { affine, mask } = drawingOf(plan, 1, 4);
    const inside = new Uint8Array(mask.length);
    for (const contour of get(get(structureSet, '30060039').items[0], '30060040').items) {
      const points = numbers(contour, '30060050');
      expect(points).toHaveLength(3 * numbers(contour, '30060046')[0]);
      const start = 96 * 96 * Math.round((points[2] - affine[11]) / affine[10]);
      // Even-odd rule by scan lines: every crossing flips the centres to its left.
      for (let at = 0; at < points.length; at += 3) {
        const next = (at + 3) % points.length;
        for (let j = 0; j < 96; j++) {
          const y = affine[7] + j * affine[5];
          if (points[at + 1] > y === points[next + 1] > y) continue;
          const share = (y - points[at + 1]) / (points[next + 1] - points[at + 1]);
          const x = points[at] + share * (points[next] - points[at]);
          for (let i = 0; affine[3] + i * affine[0] < x; i++) inside[start + 96 * j + i] ^= 1;
        }
      }
    }
    expect(Buffer.from(inside).equals(Buffer.from(mask))).toBe(true);
  });
});

describe('pydicom', () => {
  interface Case {
    readonly filesSha256: string;
    readonly origin: number[];
    readonly spacing: number[];
    readonly huSha256: string;
    readonly roi: string;
    readonly label: string;
    readonly maskVoxels: number;
    readonly maskSha256: string;
    readonly [name: string]: unknown;
  }
  const url = new URL('../golden/pydicom/expected.json', import.meta.url);
  const golden = JSON.parse(readFileSync(url, 'utf8')) as { pydicom: string; cases: Record<string, Case> };

  it.each([0, 1])('reads in the files of site %i the image, geometry, region and texts that were drawn', (site) => {
    const { affine, stored, mask } = drawingOf(plan, site, 0);
    const expected = golden.cases[plan.sites[site].code];
    const { scanner, identity, patients, roiFormat } = plan.sites[site];
    expect(sha256(new Uint8Array(Int16Array.from(stored, (value) => value - 1024).buffer))).toBe(expected.huSha256);
    expect(sha256(mask)).toBe(expected.maskSha256);
    const files = rendered[site][0].toSorted((a, b) => (a.path < b.path ? -1 : 1));
    expect(sha256(Buffer.concat(files.map(({ bytes }) => bytes)))).toBe(expected.filesSha256);
    expect(mask.reduce((sum, value) => sum + value, 0)).toBe(expected.maskVoxels);
    expect([affine[3], affine[7], affine[11]]).toEqual(expected.origin);
    expect([affine[0], affine[5], affine[10]]).toEqual(expected.spacing);
    expect(expected).toMatchObject({
      roi: roiFormat,
      label: 'tumour',
      manufacturer: scanner.manufacturer,
      model: scanner.model,
      kernel: scanner.kernel,
      kvp: scanner.kvp,
      sliceThickness: scanner.sliceThicknessMm,
      institution: identity.institution,
      patientName: patients[0].identity.name,
      birthDate: patients[0].identity.birthDate,
      privateNote: patients[0].identity.privateNote,
      sharesFrameOfReference: true,
    });
  });
});

describe('canaries', () => {
  const listed = canaries(plan);
  const files = rendered.flat(2);

  it('name every identifying text of every file', () => {
    // What a protocol may release, what the standard fixes, and what is the same for every phantom ever drawn.
    const open =
      /^(1\.2\.840\.10008\.[\d.]*|CONCORD.*|Concord phantoms|(Segmentation|Structure set) writer|tumour|HU)$/;
    const openTags = ['00080070', '00081090', '00181210', '00080104', '00080102', '00080100', '00209421', '00020012'];
    const known = new Set(listed);
    const words = listed.filter((word) => /^[A-Z][a-z]{9}$/.test(word));
    const unknown = files.flatMap((file) =>
      everyText(parseFile(file)).filter(
        ({ tag, value }) =>
          value !== '' &&
          !openTags.includes(tag) &&
          !open.test(value) &&
          !known.has(value) &&
          !words.some((word) => value.includes(word)),
      ),
    );
    expect(unknown).toEqual([]);
  });

  it('all stand in the files, but for dates in their second spelling', () => {
    const texts = files.flatMap((file) => [file.path, ...everyText(parseFile(file)).map(({ value }) => value)]);
    const everything = [...new Set(texts)].join('\n');
    const absent = listed.filter((canary) => !everything.includes(canary));
    expect(absent.filter((canary) => !/^\d{4}-\d\d-\d\d$/.test(canary))).toEqual([]);
  });
});
