import { ContractError } from '@concord/contracts';

import { HubError } from '../errors/hub-error.js';
import type { SiteKey } from './site.js';

export function siteExists(code: string): HubError {
  return new HubError('SITE_EXISTS', 'there is a site of that code', `site ${code}`, 'Choose another code.');
}

export function siteUnknown({ studyId, code }: SiteKey): ContractError {
  return new ContractError(
    'SITE_UNKNOWN',
    `site ${code} has not joined study ${studyId}`,
    `site ${code}`,
    'Join with the token that the coordinator sent.',
  );
}
