import { Released, releaseTable, pseudonym, VECTOR_DEFAULTS, type ReleasableTable } from '@concord/privacy';
import { tableFromArrow, tableToArrow } from '@concord/tables';
import fc from 'fast-check';

import {
  ContractError,
  isSignedBy,
  makeSealingKeys,
  makeSigningKeys,
  openMessage,
  openSealed,
  packMessage,
  readMessage,
  seal,
  sha256,
  signBytes,
  verifyMessage,
} from './index.js';

const siteKeys = makeSigningKeys();
const hubKeys = makeSealingKeys();

function releasedTable(): Released<Uint8Array> {
  const key = new Uint8Array(32).fill(1);
  const members = Array.from({ length: 12 }, (_, index) => pseudonym(key, 'hcc', `P${index}`));
  const table: ReleasableTable = {
    rowCount: 12,
    columns: [
      { kind: 'text', name: 'pseudonym', values: members },
      { kind: 'number', name: 'stat_mean', values: Float64Array.from(members, (_, index) => index / 7) },
    ],
  };
  const context = { columns: ['pseudonym', 'stat_mean'], source: 'table' as const, earlier: [] };
  const released = releaseTable(table, VECTOR_DEFAULTS, context);
  if (!(released instanceof Released)) throw new Error(released.reason);
  return released.as((value) => tableToArrow(value));
}

const header = {
  kind: 'features' as const,
  studyId: 'hcc',
  site: 'site-a',
  sequence: 1,
  protocolDigest: sha256('protocol'),
  lockDigest: null,
  certificateDigest: null,
  rowCount: 12,
};
const table = releasedTable();
const bytes = packMessage(header, table, siteKeys, hubKeys.publicKey);

/** What the hub does with a message; throws a ContractError on the first thing that is wrong. */
function takeIn(message: Uint8Array): Uint8Array {
  const received = readMessage(message);
  verifyMessage(received, siteKeys.publicKey);
  return openMessage(received, hubKeys);
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'taken';
  } catch (error) {
    if (error instanceof ContractError) return error.code;
    throw error;
  }
}

describe('a message', () => {
  it('arrives as it was packed', () => {
    expect(Buffer.from(takeIn(bytes)).equals(table.value)).toBe(true);
    expect(tableFromArrow(takeIn(bytes)).rowCount).toBe(12);
    expect(readMessage(bytes).header).toMatchObject({ ...header, tableDigest: sha256(table.value) });
  });

  it('is refused with any bit changed, wherever it is', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
        const changed = Uint8Array.from(bytes);
        changed[at] ^= 1 << bit;
        expect(['MESSAGE_MALFORMED', 'SIGNATURE_INVALID', 'SEAL_BROKEN', 'DIGEST_MISMATCH']).toContain(
          codeOf(() => takeIn(changed)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is refused cut short or grown', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), (length) => {
        expect(codeOf(() => takeIn(bytes.subarray(0, length)))).not.toBe('taken');
      }),
    );
    expect(codeOf(() => takeIn(Buffer.concat([bytes, Buffer.from([0])])))).toBe('SEAL_BROKEN');
  });

  it('is refused under the key of another site', () => {
    expect(codeOf(() => verifyMessage(readMessage(bytes), makeSigningKeys().publicKey))).toBe('SIGNATURE_INVALID');
  });

  it('cannot be opened by another hub', () => {
    expect(codeOf(() => openMessage(readMessage(bytes), makeSealingKeys()))).toBe('SEAL_BROKEN');
  });

  it('cannot carry the table of another message, even of the same site', () => {
    const other = packMessage({ ...header, sequence: 2 }, table, siteKeys, hubKeys.publicKey);
    const [a, b] = [readMessage(bytes), readMessage(other)];
    expect(codeOf(() => openMessage({ ...a, sealed: b.sealed }, hubKeys))).toBe('SEAL_BROKEN');
  });

  it('is refused when the table inside is not the one that was signed', () => {
    const received = readMessage(bytes);
    const sealed = seal(hubKeys.publicKey, Buffer.from('another table'), received.headerBytes);
    expect(codeOf(() => openMessage({ ...received, sealed }, hubKeys))).toBe('DIGEST_MISMATCH');
  });

  it('shows no byte of the table in clear', () => {
    const clear = Buffer.from(table.value).subarray(200, 232);
    expect(Buffer.from(table.value).includes(clear)).toBe(true);
    expect(Buffer.from(bytes).includes(clear)).toBe(false);
    expect(Buffer.from(bytes).includes('stat_mean')).toBe(false);
  });

  it('is malformed with a field more in its header', () => {
    const text = JSON.stringify({ ...readMessage(bytes).header, patient: 'x' });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    const grown = Buffer.concat([Buffer.from('CCD1'), length, Buffer.from(text), Buffer.alloc(64 + 60)]);
    expect(codeOf(() => readMessage(grown))).toBe('MESSAGE_MALFORMED');
  });
});

describe('seal', () => {
  const any = fc.uint8Array({ maxLength: 300 });

  it('opens to the same bytes under the same header only', () => {
    fc.assert(
      fc.property(any, any, any, (plain, head, otherHead) => {
        const sealed = seal(hubKeys.publicKey, plain, head);
        expect(sealed.length).toBe(plain.length + 48);
        expect(Buffer.from(openSealed(hubKeys, sealed, head)).equals(plain)).toBe(true);
        if (Buffer.compare(head, otherHead) !== 0) {
          expect(codeOf(() => openSealed(hubKeys, sealed, otherHead))).toBe('SEAL_BROKEN');
        }
      }),
    );
  });

  it('refuses an all-zero ephemeral key and a stub', () => {
    const sealed = Uint8Array.from(seal(hubKeys.publicKey, Buffer.from('x'), Buffer.alloc(0))).fill(0, 0, 32);
    expect(codeOf(() => openSealed(hubKeys, sealed, Buffer.alloc(0)))).toBe('SEAL_BROKEN');
    expect(codeOf(() => openSealed(hubKeys, sealed.subarray(0, 40), Buffer.alloc(0)))).toBe('SEAL_BROKEN');
  });
});

describe('a signature', () => {
  // RFC 8032, section 7.1, test 3
  const rfc = {
    privateKey: Buffer.from('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7', 'hex').toString(
      'base64url',
    ),
    publicKey: Buffer.from('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'hex').toString(
      'base64url',
    ),
  };

  it('is the one RFC 8032 prints for its third test', () => {
    expect(Buffer.from(signBytes(rfc, Buffer.from('af82', 'hex'))).toString('hex')).toBe(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
        '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    );
  });

  it('holds for its bytes and key only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (message, at) => {
        const signature = signBytes(siteKeys, message);
        expect(isSignedBy(siteKeys.publicKey, message, signature)).toBe(true);
        const changed = Uint8Array.from(message);
        changed[at % message.length] ^= 1;
        expect(isSignedBy(siteKeys.publicKey, changed, signature)).toBe(false);
        expect(isSignedBy(rfc.publicKey, message, signature)).toBe(false);
      }),
    );
  });

  it('is not there when key or signature cannot be read', () => {
    expect(isSignedBy('no key', Buffer.from('x'), Buffer.alloc(64))).toBe(false);
    expect(isSignedBy(siteKeys.publicKey, Buffer.from('x'), Buffer.alloc(3))).toBe(false);
  });
});
