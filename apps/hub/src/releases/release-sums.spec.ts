import { parseProtocol, protocolDigest, sumsCodebook, type MessageHeader } from '@concord/contracts';
import { encodeSums, siteSums, type SiteRows } from '@concord/harmonization';
import { randomNormal, seededRandom } from '@concord/numeric';

import { TEST_PROTOCOL } from '../test-site.js';
import { checkReleasedSums } from './release-sums.js';

const protocol = parseProtocol({
  ...TEST_PROTOCOL,
  harmonization: {
    ...TEST_PROTOCOL.harmonization,
    covariates: [{ name: 'sex', kind: 'categorical', levels: ['f', 'm'] }],
  },
});
const header: MessageHeader = {
  format: 'concord.message/1',
  kind: 'harmonization-sums',
  studyId: 'trial',
  site: 'site-a',
  sequence: 1,
  protocolDigest: protocolDigest(protocol),
  lockDigest: null,
  certificateDigest: null,
  tableDigest: '0'.repeat(64),
  tableByteCount: 1,
  rowCount: 20,
};

function rowsOf(women: number, batch = 'site-a', over: Partial<SiteRows> = {}): SiteRows {
  const random = seededRandom('released sums');
  const at = Array.from({ length: 20 }, (_, row) => row);
  return {
    batch: at.map(() => batch),
    features: protocol.features.map((name) => ({ name, values: Float64Array.from(at, () => randomNormal(random)) })),
    covariates: [{ name: 'sex', kind: 'categorical', values: at.map((row) => (row < women ? 'f' : 'm')) }],
    ...over,
  };
}

const check = (rows: SiteRows, over: Partial<MessageHeader> = {}) =>
  checkReleasedSums(encodeSums(siteSums(sumsCodebook(protocol), rows)), { ...header, ...over }, protocol);

describe('checkReleasedSums', () => {
  it('takes sums of the one batch that the site is', () => {
    expect(check(rowsOf(10)).parts[0].batches[0].count).toBe(20);
    expect(check(rowsOf(0)).parts).toHaveLength(1); // nobody of a level is no small cell
  });

  it.each([
    [
      'a cell of 4 patients, whatever the agent let out',
      rowsOf(4),
      {},
      'the cell batch site-a, sex=f has fewer than 5',
    ],
    ['another batch', rowsOf(10, 'site-b'), {}, 'not of the one batch'],
    [
      'two batches',
      rowsOf(10, 'site-a', { batch: Array.from({ length: 20 }, (_, row) => `site-${row % 2}`) }),
      {},
      'not of the one batch',
    ],
    [
      'folds that nobody asked for',
      rowsOf(10, 'site-a', { fold: Array.from({ length: 20 }, (_, row) => `${row % 2}`) }),
      {},
      'not of the one batch',
    ],
    ['another count than the header says', rowsOf(10), { rowCount: 21 }, 'the header says 21'],
  ])('refuses %s', (_, rows, over, what) => {
    expect(() => check(rows, over)).toThrow(what);
  });

  it('refuses bytes that are no sums, or sums of another protocol', () => {
    const bytes = encodeSums(siteSums(sumsCodebook(protocol), rowsOf(10)));
    expect(() => checkReleasedSums(bytes.subarray(1), header, protocol)).toThrow('not what they must be');
    expect(() => checkReleasedSums(bytes, header, { ...protocol, features: ['a', 'b'] })).toThrow('another codebook');
  });
});
