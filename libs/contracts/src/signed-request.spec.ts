import fc from 'fast-check';

import {
  ContractError,
  formatJoinToken,
  isReplySigned,
  joinRequestSchema,
  makeSealingKeys,
  makeSigningKeys,
  openJoin,
  parseJoinToken,
  REQUEST_HEADERS,
  seal,
  sealJoin,
  signReply,
  signRequest,
  siteStatusSchema,
  verifyRequest,
  type SignedRequest,
} from './index.js';

const keys = makeSigningKeys();
const request: SignedRequest = {
  studyId: 'hcc',
  site: 'site-a',
  counter: 41,
  method: 'PUT',
  path: '/agent/v1/uploads/abc?offset=0&total=3',
  body: Buffer.from('abc'),
};

function isAccepted(asked: SignedRequest, signature: string, siteKey = keys.publicKey): boolean {
  try {
    verifyRequest(asked, signature, siteKey);
    return true;
  } catch (error) {
    if (error instanceof ContractError && error.code === 'SIGNATURE_INVALID') return false;
    throw error;
  }
}

describe('a signed request', () => {
  const headers = signRequest(request, keys);
  const signature = headers[REQUEST_HEADERS.signature];

  it('says who asks and is accepted as it was signed', () => {
    expect(headers).toMatchObject({ 'concord-study': 'hcc', 'concord-site': 'site-a', 'concord-counter': '41' });
    expect(isAccepted(request, signature)).toBe(true);
  });

  it.each([
    ['study', { studyId: 'hcd' }],
    ['site', { site: 'site-b' }],
    ['counter', { counter: 42 }],
    ['method', { method: 'POST' }],
    ['path', { path: '/agent/v1/uploads/abc?offset=1&total=3' }],
    ['body', { body: Buffer.from('abd') }],
  ])('is refused with another %s', (_, change) => {
    expect(isAccepted({ ...request, ...change }, signature)).toBe(false);
  });

  it('is refused under another key, and with a signature that is none', () => {
    expect(isAccepted(request, signature, makeSigningKeys().publicKey)).toBe(false);
    expect(isAccepted(request, 'x')).toBe(false);
    expect(isAccepted(request, '')).toBe(false);
  });
});

describe('a signed reply', () => {
  it('answers one counter with one body', () => {
    const body = fc.uint8Array({ maxLength: 50 });
    fc.assert(
      fc.property(body, body, fc.nat(), fc.nat(), (a, b, counter, otherCounter) => {
        const signature = signReply(counter, a, keys);
        expect(isReplySigned(counter, a, signature, keys.publicKey)).toBe(true);
        expect(isReplySigned(counter, b, signature, keys.publicKey)).toBe(Buffer.compare(a, b) === 0);
        expect(isReplySigned(otherCounter, a, signature, keys.publicKey)).toBe(counter === otherCounter);
      }),
    );
  });
});

describe('a join token', () => {
  const token = { secret: 'a-secret_1', hubSignKey: keys.publicKey, hubSealKey: makeSealingKeys().publicKey };

  it('reads back, with blanks and a line end round it', () => {
    expect(parseJoinToken(` ${formatJoinToken(token)}\n`)).toEqual(token);
  });

  it.each(['', 'x', 'concord-join-2.a.b.c', 'concord-join-1.a.b', 'concord-join-1.a.b.c.d', 'concord-join-1..b.c'])(
    'is not "%s"',
    (text) => {
      expect(() => parseJoinToken(text)).toThrow(ContractError);
    },
  );
});

describe('what an agent sends in clear', () => {
  it('has no room for more than its fields', () => {
    const status = { format: 'concord.status/1', phase: 'idle', caseCount: 3, doneCount: 2, refusedCount: 1 };
    expect(siteStatusSchema.safeParse(status).success).toBe(true);
    expect(siteStatusSchema.safeParse({ ...status, note: 'P1' }).success).toBe(false);
    expect(siteStatusSchema.safeParse({ ...status, phase: 'Meier' }).success).toBe(false);
    const join = {
      format: 'concord.join/1',
      secret: 's'.repeat(20),
      signKey: keys.publicKey,
      proof: 'p',
      agentVersion: '1',
    };
    expect(joinRequestSchema.safeParse(join).success).toBe(true);
    expect(joinRequestSchema.safeParse({ ...join, patient: 1 }).success).toBe(false);
  });

  it('seals a join request so that only the hub of the token reads its secret', () => {
    const hub = makeSealingKeys();
    const keys = makeSigningKeys();
    const request = {
      format: 'concord.join/1',
      secret: 'a secret of twenty-four',
      signKey: keys.publicKey,
      proof: 'proof',
      agentVersion: '0.1.0',
    } as const;
    const sealed = sealJoin(request, hub.publicKey);
    expect(openJoin(sealed, hub)).toEqual(request);
    expect(Buffer.from(sealed).toString('latin1')).not.toContain(request.secret);
    expect(refusalOf(() => openJoin(sealed, makeSealingKeys()))).toBe('SEAL_BROKEN');
    const other = seal(hub.publicKey, Buffer.from('{"format":"concord.join/1"}'), Buffer.from('concord.join/1'));
    expect(refusalOf(() => openJoin(other, hub))).toBe('MESSAGE_MALFORMED');
  });
});

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof ContractError ? error.code : String(error);
  }
  return 'none';
}
