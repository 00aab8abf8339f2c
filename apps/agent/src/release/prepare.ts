import type { DatabaseSync } from 'node:sqlite';

import { isSumsKind, sha256, type Digest, type ReleaseKind, type StudyProtocol } from '@concord/contracts';
import { Suppressed, SuppressedSums, type Released } from '@concord/privacy';
import { tableFromArrow, tableToArrow, type FeatureTable } from '@concord/tables';

import { AgentError, type Problem } from '../agent-errors.js';
import { inTransaction } from '../store/database.js';
import type { Facts } from '../store/facts.js';
import type { Ledger } from '../store/ledger.js';
import type { ReleaseRow, Releases } from '../store/releases.js';
import { checkRelease, membersOf, type SiteRules } from './check-release.js';

/** One table, or sums, that the hub wants, under which protocol and lock. */
export interface Wanted {
  readonly kind: ReleaseRow['kind'];
  readonly protocol: StudyProtocol;
  readonly protocolDigest: Digest;
  readonly lockDigest: Digest | null;
  readonly source: 'images' | 'table';
}

/** Puts tables on the desk, after the release rules. Nothing leaves from here. */
export class Preparation {
  constructor(
    private readonly database: DatabaseSync,
    private readonly releases: Releases,
    private readonly ledger: Ledger,
    private readonly facts: Facts,
    private readonly rules: SiteRules,
    private readonly site: string,
    private readonly now: () => Date,
  ) {}

  /**
   * Lays a table, or sums over its rows, on the desk unless it, or one that was decided, is there already. A table that waited undecided while
   * the cases changed is superseded.
   *
   * @returns the release that waits for a decision now, or null
   */
  prepare(wanted: Wanted, table: FeatureTable): ReleaseRow | null {
    const before = this.latest(wanted);
    if (before && !['held', 'refused'].includes(before.state)) return null;
    const checked = this.check(wanted, table, before?.id ?? null);
    if (checked instanceof Suppressed) {
      const { code, reason, where, fix } = checked;
      const findings = checked instanceof SuppressedSums ? { findings: checked.findings } : {};
      this.keepBack(wanted, { code, what: reason, where, fix, ...findings });
      return null;
    }
    const bytes = checked.value;
    const tableDigest = sha256(bytes);
    if (before?.tableDigest === tableDigest) return before.state === 'held' ? before : null;
    return inTransaction(this.database, () => {
      if (before?.state === 'held') this.supersede(before, 'the cases changed');
      const { kind, protocolDigest, lockDigest, source } = wanted;
      const release = this.releases.add(
        {
          ...{ kind, protocolDigest, lockDigest, source, tableDigest },
          rowCount: table.rowCount,
          columnCount: isSumsKind(kind) ? wanted.protocol.features.length : table.columns.length,
          rule: checked.record.rule,
          checks: checked.record.checks,
          members: membersOf(table),
          preparedAt: this.now().toISOString(),
        },
        bytes,
        isSumsKind(kind) ? tableToArrow(table) : null,
      );
      this.facts.set(`keptBack:${kind}`, null);
      this.ledger.append('prepared', `release ${release.id}`, {
        ...{ kind, rowCount: release.rowCount, columnCount: release.columnCount, byteCount: bytes.length, tableDigest },
        ...{ protocolDigest, lockDigest, rule: release.rule, checks: release.checks },
      });
      return release;
    });
  }

  /** Notes why no table of a kind can be laid on the desk; one that waited there is taken off. */
  keepBack(wanted: Wanted, problem: Problem): void {
    if (JSON.stringify(this.keptBack(wanted.kind)) === JSON.stringify(problem)) return;
    inTransaction(this.database, () => {
      const before = this.latest(wanted);
      if (before?.state === 'held') this.supersede(before, 'the cases changed');
      this.facts.set(`keptBack:${wanted.kind}`, problem);
      const { code, where, what, findings } = problem;
      const rule = isSumsKind(wanted.kind) ? this.rules.sums.name : this.rules.vectors.name;
      const cells = findings === undefined ? {} : { findings: findings.map((found) => `${found.rule}: ${found.cell}`) };
      this.ledger.append('kept back', wanted.kind, { rule, code, where, reason: what, ...cells });
    });
  }

  /**
   * The bytes of an approved release, which passed the rules once more: only so can they be sealed.
   *
   * @throws {AgentError} RELEASE_CHANGED if the rules would not let the approved bytes out unchanged
   */
  recheck(release: ReleaseRow, protocol: StudyProtocol): Released<Uint8Array> {
    const { id } = release;
    const bytes = isSumsKind(release.kind) ? this.releases.ownBytes(id) : this.releases.tableBytes(id);
    const table = tableFromArrow(bytes);
    const checked = this.check({ ...release, protocol }, table, release.id);
    if (checked instanceof Suppressed || sha256(checked.value) !== release.tableDigest) {
      throw new AgentError(
        'RELEASE_CHANGED',
        checked instanceof Suppressed
          ? `the rules keep it back now: ${checked.reason}`
          : 'its bytes are not those approved',
        `release ${release.id}`,
        'It is not sent. Restore the data folder from a copy, or report this.',
      );
    }
    return checked;
  }

  /** Why the newest table of a kind was kept back, or null. */
  keptBack(kind: ReleaseRow['kind']): Problem | null {
    return this.facts.get<Problem>(`keptBack:${kind}`);
  }

  private check(
    wanted: Pick<Wanted, 'kind' | 'protocol' | 'source'>,
    table: FeatureTable,
    ownId: number | null,
  ): Released<Uint8Array> | Suppressed {
    const earlier = this.releases
      .list()
      .filter((other) => tellsTheSame(other.kind, wanted.kind) && other.id !== ownId && mayHaveLeft(other))
      .map((other) => other.members);
    return checkRelease({ ...wanted, site: this.site, table, earlier }, this.rules);
  }

  private supersede(release: ReleaseRow, reason: string): void {
    this.releases.setState(release.id, 'superseded');
    this.ledger.append('superseded', `release ${release.id}`, { reason });
  }

  private latest({ kind, protocolDigest, lockDigest }: Wanted): ReleaseRow | null {
    const same = this.releases
      .list()
      .filter(
        (other) => other.kind === kind && other.protocolDigest === protocolDigest && other.lockDigest === lockDigest,
      );
    return same.findLast((other) => other.state !== 'superseded' && other.state !== 'withdrawn') ?? null;
  }
}

/** Rows and sums of the same features are held against each other: their difference would be a patient's row too. */
function tellsTheSame(a: ReleaseKind, b: ReleaseKind): boolean {
  return a === b || (a !== 'outcomes' && b !== 'outcomes');
}

/** Whether someone outside may know the members of a release: from approval on it may be on its way. */
function mayHaveLeft(release: ReleaseRow): boolean {
  return release.sequence !== null || release.state === 'approved';
}
