import {
  isSumsKind,
  PSEUDONYM_COLUMN,
  releaseColumns,
  sumsCodebook,
  type ReleaseKind,
  type StudyProtocol,
} from '@concord/contracts';
import type { SiteRows, SumsRule } from '@concord/harmonization';
import { releaseHarmonizationSums, releaseTable, Suppressed, type Released, type ReleaseRule } from '@concord/privacy';
import { numberValues, tableToArrow, textValues, type FeatureTable } from '@concord/tables';

/** What a site lets out: of tables, and of sums over its patients. */
export interface SiteRules {
  readonly vectors: ReleaseRule;
  readonly sums: { readonly name: string; readonly rule: SumsRule; readonly minimumRows: number };
}

/** What is to leave, and of whom. */
export interface Offer {
  readonly kind: ReleaseKind;
  readonly protocol: StudyProtocol;
  readonly source: 'images' | 'table';
  /** Code of this site: the batch that its sums are of. */
  readonly site: string;
  /** The table that leaves; for sums, the patients they are formed of, which stay. */
  readonly table: FeatureTable;
  /** Members of every release that may have left before and tells the same. */
  readonly earlier: readonly (readonly string[])[];
}

/** The bytes that may leave, or why none may. */
export function checkRelease(offer: Offer, rules: SiteRules): Released<Uint8Array> | Suppressed {
  const { kind, protocol, source, table, earlier, site } = offer;
  if (!isSumsKind(kind)) {
    const columns = releaseColumns(protocol, kind);
    const checked = releaseTable(table, rules.vectors, { columns, source, earlier });
    return checked instanceof Suppressed ? checked : checked.as((value) => tableToArrow(value));
  }
  const { name, rule, minimumRows } = rules.sums;
  if (table.rowCount < minimumRows) {
    return new Suppressed(
      'TOO_FEW_ROWS',
      'patients',
      `${table.rowCount} patients are fewer than the ${minimumRows} that this site asks for`,
      'Add cases, or mend refused ones.',
    );
  }
  const patients = membersOf(table);
  const ledger = earlier.map((members) => ({ members }));
  const rows = sumsRows(protocol, site, table);
  return releaseHarmonizationSums({ codebook: sumsCodebook(protocol), rows, patients, rule, ledger }, name);
}

/** A site's own patients as sums are formed of them, and finished by: one batch, named by the site. */
export function sumsRows(protocol: StudyProtocol, site: string, table: FeatureTable): SiteRows {
  return {
    features: protocol.features.map((name) => ({ name, values: numberValues(table, name) })),
    batch: new Array<string>(table.rowCount).fill(site),
    covariates: (protocol.harmonization.covariates ?? []).map(({ kind, name }) =>
      kind === 'categorical'
        ? { kind, name, values: textValues(table, name) }
        : { kind, name, values: numberValues(table, name) },
    ),
  };
}

export function membersOf(table: FeatureTable): string[] {
  return textValues(table, PSEUDONYM_COLUMN).filter((member) => member !== null);
}
