import { ContractError, sumsCodebook, type MessageHeader, type StudyProtocol } from '@concord/contracts';
import { isConcordError } from '@concord/errors';
import { decodeSums, type SiteSums } from '@concord/harmonization';
import { smallCells, SUMS_DEFAULTS } from '@concord/privacy';

/**
 * Reads released sums and holds them against the protocol: one batch, which is the site; as many patients as the header
 * says; no cell of fewer patients than the default minimum. The hub does not rely on the agent for that.
 *
 * @throws {ContractError} TABLE_INVALID
 */
export function checkReleasedSums(bytes: Uint8Array, header: MessageHeader, protocol: StudyProtocol): SiteSums {
  const where = `message ${header.sequence} of ${header.site}`;
  const sums = readSums(bytes, protocol, where);
  const [part, ...otherParts] = sums.parts;
  const [batch, ...otherBatches] = part?.batches ?? [];
  if (part?.without !== null || otherParts.length > 0 || batch?.batch !== header.site || otherBatches.length > 0) {
    throw invalid('they are not of the one batch that the site is', where);
  }
  if (batch.count !== header.rowCount) {
    throw invalid(`they are over ${batch.count} patients where the header says ${header.rowCount}`, where);
  }
  const [cell] = smallCells(sums, SUMS_DEFAULTS.minimum);
  if (cell !== undefined) throw invalid(`the cell ${cell} has fewer than ${SUMS_DEFAULTS.minimum} patients`, where);
  return sums;
}

function readSums(bytes: Uint8Array, protocol: StudyProtocol, where: string): SiteSums {
  try {
    return decodeSums(sumsCodebook(protocol), bytes);
  } catch (error) {
    throw invalid(isConcordError(error) ? error.what : 'they cannot be read', where, error);
  }
}

function invalid(what: string, where: string, cause?: unknown): ContractError {
  return new ContractError(
    'TABLE_INVALID',
    `the sums are not what they must be: ${what}`,
    where,
    'Form them again with the agent.',
    {
      cause,
    },
  );
}
