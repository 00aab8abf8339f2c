import { covariatesOf, type StudyProtocol } from '@concord/contracts';
import { pseudonym } from '@concord/privacy';
import type { FeatureTable } from '@concord/tables';

import { AgentError } from '../agent-errors.js';
import type { AgentConfig } from '../config.js';
import type { CaseSource } from '../ingest/case-source.js';
import { fileStamp, readSiteTable } from '../ingest/site-table.js';
import type { Releases } from '../store/releases.js';
import { featuresTable, outcomesTable, sumsTable } from './build-table.js';
import { covariateColumns, type FindCovariates } from './covariates.js';
import type { Wanted } from './prepare.js';

/** Makes the tables that the hub wants, and those that sums are formed of, from the site's cases and clinical file. */
export class SiteTables {
  constructor(
    private readonly site: {
      readonly config: AgentConfig;
      readonly source: CaseSource;
      readonly identity: { readonly studyId: string };
      readonly pseudonymKey: Uint8Array;
    },
    private readonly releases: Releases,
  ) {}

  /**
   * @returns null while cases are still measured, or the features are not at the hub whose outcomes are wanted
   * @throws {AgentError} TABLE_NOT_USABLE, CLINICAL_NOT_USABLE
   */
  of(wanted: Wanted): FeatureTable | null {
    return wanted.kind === 'outcomes' ? this.outcomes(wanted) : this.features(wanted);
  }

  /** Differs when the clinical file was written. */
  clinicalStamp(): string | null {
    const file = this.clinicalFile;
    return file === null ? null : fileStamp(file);
  }

  private features({ protocol, kind }: Wanted): FeatureTable | null {
    const { source } = this.site;
    if (protocol.source.kind !== source.kind) {
      throw new AgentError(
        'TABLE_NOT_USABLE',
        `the protocol wants ${protocol.source.kind}, this agent has ${source.kind}`,
        'CONCORD_AGENT_SOURCE',
        'Set the source that the protocol names, and start the agent again.',
      );
    }
    const vectors = source.vectors(protocol);
    if (vectors === null) return null;
    const build = kind === 'features' ? featuresTable : sumsTable;
    return build(protocol, vectors, this.nameOf, this.covariates);
  }

  private outcomes(wanted: Wanted): FeatureTable | null {
    const sent = this.releases
      .list()
      .findLast(
        ({ kind, state, protocolDigest }) =>
          kind === 'features' && state === 'acknowledged' && protocolDigest === wanted.protocolDigest,
      );
    if (sent === undefined) return null; // outcomes of patients whose features are not there yet mean nothing
    const file = this.requireClinicalFile();
    const clinical = readSiteTable(file, 'CLINICAL_NOT_USABLE');
    return outcomesTable(wanted.protocol, sent.members, clinical, file, this.nameOf);
  }

  private get clinicalFile(): string | null {
    const { clinicalFile, source } = this.site.config;
    return clinicalFile ?? (source?.kind === 'table' ? source.file : null);
  }

  private requireClinicalFile(): string {
    const file = this.clinicalFile;
    if (file !== null) return file;
    throw new AgentError(
      'CLINICAL_NOT_USABLE',
      'no clinical file is set',
      'CONCORD_AGENT_CLINICAL',
      'Set it to a CSV file with the patients, their covariates and their outcomes, and start the agent again.',
    );
  }

  private readonly covariates: FindCovariates = (protocol: StudyProtocol, patientIds) => {
    if (covariatesOf(protocol).length === 0) return [];
    const file = this.requireClinicalFile();
    return covariateColumns(protocol, patientIds, readSiteTable(file, 'CLINICAL_NOT_USABLE'), file);
  };

  private readonly nameOf = (patientId: string): string =>
    pseudonym(this.site.pseudonymKey, this.site.identity.studyId, patientId);
}
