import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundleObjects } from '@concord/contracts';
import { verifyBundle } from '@concord/contracts/verify-bundle';
import { randomInteger, seededRandom } from '@concord/numeric';

import type { CalmStudy } from './calm.suite.js';
import { concord } from './lib/installation.js';

const SLOW_MS = 120_000;
const SEED = 'tamper 1';

interface Verdict {
  readonly code: number | null;
  /** Places that do not hold. */
  readonly places: readonly string[];
  /** Code of the error that ended it instead. */
  readonly error: string | null;
}

/** What `concord verify` says to bundles that somebody changed. */
export function describeTampering(folder: string, study: () => CalmStudy): void {
  describe('a bundle changed in one byte does not verify', () => {
    const copy = join(folder, 'tampered');
    const file = join(copy, 'bundle.json');
    let text: string;
    /** Writes a change into the copy, verifies it, and undoes the change. */
    const verdictOn = async (path: string, change: (bytes: Buffer) => Buffer): Promise<Verdict> => {
      const bytes = readFileSync(path);
      writeFileSync(path, change(Buffer.from(bytes)));
      try {
        return await verify(copy);
      } finally {
        writeFileSync(path, bytes);
      }
    };
    const objectOf = (digest: string) => join(copy, 'objects', digest);

    beforeAll(() => {
      cpSync(study().result.bundle.folder, copy, { recursive: true });
      text = readFileSync(file, 'utf8');
    });

    it('but unchanged it does', async () => {
      expect(await verify(copy)).toEqual({ code: 0, places: [], error: null });
    });

    it(
      'and the released table is named, with its hospital',
      async () => {
        const random = seededRandom(SEED);
        for (const { site, kind, tableDigest } of study().result.bundle.manifest.releases.slice(2, 5)) {
          const { code, places } = await verdictOn(objectOf(tableDigest), (bytes) =>
            flip(bytes, randomInteger(random, bytes.length)),
          );
          expect({ code, places }).toEqual({ code: 3, places: [`objects/${tableDigest} (${kind} table of ${site})`] });
        }
      },
      SLOW_MS,
    );

    it(
      'and the model is named',
      async () => {
        const onnx = study().result.bundle.manifest.steps.find(({ name }) => name === 'fit')?.outputs['onnx'] ?? '';
        for (const position of [0, 100]) {
          const { code, places } = await verdictOn(objectOf(onnx), (bytes) => flip(bytes, position));
          expect({ code, places }).toEqual({ code: 3, places: [`objects/${onnx} (onnx of step fit)`] });
        }
      },
      SLOW_MS,
    );

    it(
      'and the entry of the audit log is named, wherever in it the byte is',
      async () => {
        const random = seededRandom(SEED);
        const { audit } = study().result.bundle.manifest;
        for (let round = 0; round < 12; round++) {
          const entry = audit[randomInteger(random, audit.length)];
          const line = JSON.stringify(entry);
          const at = letterAt(line, random);
          const changed = text.replace(
            line,
            () => `${line.slice(0, at)}${otherLetter(line[at] ?? '')}${line.slice(at + 1)}`,
          );
          expect(changed).not.toBe(text);
          const { code, places, error } = await verdictOn(file, () => Buffer.from(changed));
          expect({ at: line.slice(at - 10, at + 10), code, names: error ?? places.join('; ') }).toEqual({
            at: line.slice(at - 10, at + 10),
            code: 3,
            // A key or word of JSON that is changed makes it no bundle; all else is named by its number.
            names: expect.stringMatching(
              error === null ? `audit entry ${entry?.sequence}([ ;]|$)` : '^BUNDLE_INVALID$',
            ),
          });
        }
      },
      SLOW_MS,
    );

    it(
      'and a signature is named, be it of a hospital or of the hub',
      async () => {
        const { releases, hubSignature } = study().result.bundle.manifest;
        const [release] = releases;
        const changed = (value: string, at: number) =>
          Buffer.from(
            text.replace(value, `${value.slice(0, at)}${otherLetter(value[at] ?? '')}${value.slice(at + 1)}`),
          );
        const signature = release?.signature ?? '';
        const ofSite = await verdictOn(file, () => changed(signature, 40));
        expect(ofSite.code).toBe(3);
        expect(ofSite.places).toContain(`release 1 of ${release?.site} (features)`);
        const ofHub = await verdictOn(file, () => changed(hubSignature, 40));
        expect(ofHub).toEqual({ code: 3, places: ['bundle.json'], error: null });
        // 86 characters hold 516 bits, a signature 512: the last four must be refused if they are not zero.
        for (const value of [signature, hubSignature]) {
          expect((await verdictOn(file, () => changed(value, value.length - 1))).code).toBe(3);
        }
      },
      SLOW_MS,
    );

    it(
      'at any of 200 places drawn at random from all its files, and the file is named',
      async () => {
        const { manifest } = study().result.bundle;
        const names = ['bundle.json', ...[...bundleObjects(manifest).keys()].map((digest) => `objects/${digest}`)];
        const files = new Map<string, Uint8Array>(names.map((name) => [name, readFileSync(join(copy, name))]));
        const random = seededRandom(SEED);
        for (let round = 0; round < 200; round++) {
          const name = names[randomInteger(random, names.length)] ?? '';
          const bytes = Buffer.from(files.get(name) ?? []);
          const at = randomInteger(random, bytes.length);
          const changed = new Map(files).set(name, flip(bytes, at));
          const { problems } = await verifyBundle(async (wanted) => changed.get(wanted) ?? null);
          const places = problems.map(({ where }) => where).join('; ');
          const expected = name === 'bundle.json' ? /bundle\.json|release|step|audit entry/ : new RegExp(name);
          expect({ name, at, places }).toEqual({ name, at, places: expect.stringMatching(expected) as string });
        }
      },
      SLOW_MS,
    );

    it(
      'to the verifier that lies in it, alone in an empty folder',
      async () => {
        const alone = join(folder, 'alone');
        mkdirSync(alone);
        cpSync(join(copy, 'verify-bundle.mjs'), join(alone, 'verify-bundle.mjs'));
        const run = () => spawnSync(process.execPath, ['verify-bundle.mjs', copy], { cwd: alone, env: {} });
        expect(run().stdout.toString()).toMatch(/^holds: /);
        const { tableDigest } = study().result.bundle.manifest.releases[0] ?? { tableDigest: '' };
        const bytes = readFileSync(objectOf(tableDigest));
        writeFileSync(objectOf(tableDigest), flip(bytes, 7));
        expect(run()).toMatchObject({ status: 3 });
        writeFileSync(objectOf(tableDigest), bytes);
      },
      SLOW_MS,
    );
  });

  describe('what is no bundle', () => {
    it(
      'is refused in one clear sentence',
      async () => {
        const empty = join(folder, 'empty');
        const cut = join(folder, 'cut');
        mkdirSync(empty);
        mkdirSync(cut);
        writeFileSync(
          join(cut, 'bundle.json'),
          readFileSync(join(study().result.bundle.folder, 'bundle.json')).subarray(0, 5000),
        );
        for (const [path, sentence] of [
          [empty, 'FILE_NOT_READABLE: it holds no bundle.json'],
          [join(folder, 'absent'), 'FILE_NOT_READABLE: there is no such folder'],
          [join(folder, 'calm', 'hub'), 'FILE_NOT_READABLE: it holds no bundle.json'],
          [cut, 'BUNDLE_INVALID: it is not JSON: it was changed or cut'],
        ] as const) {
          const { code, out, err } = await concord('verify', path);
          expect({ code, out }).toEqual({ code: 3, out: '' });
          expect(err).toMatch(new RegExp(`^error ${sentence}\n  where  .+\n  fix    .+\n$`));
        }
      },
      SLOW_MS,
    );

    it(
      'is a bundle with an object missing, and the object is named',
      async () => {
        const copy = join(folder, 'missing');
        cpSync(study().result.bundle.folder, copy, { recursive: true });
        const { tableDigest } = study().result.bundle.manifest.releases[0] ?? { tableDigest: '' };
        rmSync(join(copy, 'objects', tableDigest));
        expect((await verify(copy)).places).toEqual([`objects/${tableDigest} (features table of site-a)`]);
      },
      SLOW_MS,
    );
  });
}

async function verify(folder: string): Promise<Verdict> {
  const { code, out } = await concord('verify', folder, '--json');
  const reply = JSON.parse(out) as { problems?: { where: string }[]; code?: string };
  return { code, places: (reply.problems ?? []).map(({ where }) => where), error: reply.code ?? null };
}

function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

/** The position of a letter or digit. */
function letterAt(line: string, random: ReturnType<typeof seededRandom>): number {
  for (;;) {
    const at = randomInteger(random, line.length);
    if (/[A-Za-z0-9]/.test(line[at] ?? '')) return at;
  }
}

/** Another letter or digit, so that JSON stays JSON. */
function otherLetter(letter: string): string {
  if (/[0-8]/.test(letter)) return String(Number(letter) + 1);
  return letter === '9' ? '8' : letter === 'a' ? 'b' : 'a';
}
