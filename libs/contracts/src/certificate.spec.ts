import {
  certificateDigest,
  makeSigningKeys,
  signCertificate,
  verifyCertificate,
  type Certificate,
  type SignedCertificate,
} from './index.js';

const keys = makeSigningKeys();
const certificate = {
  format: 'concord.conformance/1',
  concordVersion: '1.2.3',
  holds: true,
  families: [
    { family: 'statistics', holding: 18, checked: 18, worstDeviation: 0.2 },
    { family: 'glcm', holding: 150, checked: 150 },
  ],
  values: [{ name: 'stat_mean', value: 2.15 }],
} satisfies Certificate & Record<string, unknown>;
const signed = signCertificate(certificate, keys);

const codeOf = (document: unknown): string => {
  try {
    verifyCertificate(document, keys.publicKey);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const resigned = (change: Partial<Certificate>): SignedCertificate =>
  signCertificate({ ...certificate, ...change }, keys);

describe('a conformance certificate', () => {
  it('comes through JSON whole, with what only the engine knows', () => {
    const received = verifyCertificate(JSON.parse(JSON.stringify(signed)), keys.publicKey);
    expect(received).toEqual(certificate);
    expect(certificateDigest(received)).toBe(certificateDigest(certificate));
  });

  it('is believed from its site only, unchanged', () => {
    expect(codeOf({ ...signed, certificate: { ...certificate, concordVersion: '1.2.4' } })).toBe('SIGNATURE_INVALID');
    expect(codeOf(signCertificate(certificate, makeSigningKeys()))).toBe('SIGNATURE_INVALID');
    expect(codeOf({ ...signed, signature: '' })).toBe('SIGNATURE_INVALID');
  });

  it.each<[string, unknown]>([
    ['no certificate', null],
    ['one of another format', resigned({ format: 'concord.conformance/0' as never })],
    ['one that says it does not hold', resigned({ holds: false })],
    ['one with a missed value', resigned({ families: [{ family: 'glcm', holding: 149, checked: 150 }] })],
    ['one that checked nothing', resigned({ families: [] })],
  ])('is refused as %s', (_, document) => {
    expect(codeOf(document)).toBe('CERTIFICATE_INVALID');
  });
});
