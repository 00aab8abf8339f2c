import { basename } from 'node:path';

import type { StudyProtocol } from '@concord/contracts';
import { column, hasColumn, textValues } from '@concord/tables';

import { AgentError, problemOf, type Problem } from '../agent-errors.js';
import { CaseSource, type CaseVector, type CaseView, type SourceProgress } from './case-source.js';
import { fileStamp, readSiteTable, type SiteTable } from './site-table.js';

/** The site's own feature table: a row a patient, columns named as in the protocol. */
export class TableSource extends CaseSource {
  readonly kind = 'table';
  revision = 0;
  private stamp: string | null = null;
  private table: SiteTable | null = null;
  private views: CaseView[] = [];
  private problem: Problem | null = null;

  constructor(private readonly file: string) {
    super();
  }

  override async work(): Promise<void> {
    const stamp = fileStamp(this.file) ?? 'absent';
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    this.revision++;
    this.problem = null;
    try {
      this.table = readSiteTable(this.file, 'TABLE_NOT_USABLE');
      this.views = viewsOf(this.table);
    } catch (error) {
      this.table = null;
      this.views = [];
      this.problem = problemOf(error);
    }
  }

  override vectors(protocol: StudyProtocol): readonly CaseVector[] | null {
    if (this.table === null) return null;
    const { table, patientIds } = this.table;
    const features = protocol.features.map((name) => [name, this.numbers(name)] as const);
    const facts = protocol.acquisition.map((name) => [name, this.facts(name, table.rowCount)] as const);
    return patientIds.flatMap((patientId, row) => {
      if (patientId === null || this.views[row].state !== 'ok') return [];
      return {
        patientId,
        features: Object.fromEntries(features.map(([name, values]) => [name, values[row]])),
        acquisition: Object.fromEntries(facts.map(([name, values]) => [name, values[row]])),
      };
    });
  }

  override cases(): readonly CaseView[] {
    return this.views;
  }

  override progress(): SourceProgress {
    const doneCount = this.views.filter((view) => view.state === 'ok').length;
    const caseCount = this.views.length;
    return {
      phase: 'idle',
      caseCount,
      doneCount,
      refusedCount: caseCount - doneCount,
      secondsLeft: null,
      problem: this.problem,
    };
  }

  private numbers(name: string): Float64Array {
    const table = this.table?.table;
    const found = table && hasColumn(table, name) ? column(table, name) : null;
    if (found?.kind === 'number') return found.values;
    throw new AgentError(
      'TABLE_NOT_USABLE',
      found === null ? `it has no column "${name}"` : `its column "${name}" holds text`,
      basename(this.file),
      'The protocol needs this column as numbers: add or mend it.',
    );
  }

  private facts(name: string, rowCount: number): readonly (string | number | null)[] {
    const table = this.table?.table;
    if (!table || !hasColumn(table, name)) return new Array<null>(rowCount).fill(null);
    return textValues(table, name);
  }
}

function viewsOf({ patientIds }: SiteTable): CaseView[] {
  const counts = new Map<string, number>();
  for (const id of patientIds) if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
  return patientIds.map((id, row): CaseView => {
    const place = `row ${row + 2}`; // as a spreadsheet counts, the header being row 1
    const view = { caseKey: place, place, warnings: [] };
    if (id === null) {
      const problem = problemAt('CASE_NO_PATIENT', 'the row names no patient', place, 'Fill the cell or drop the row.');
      return { ...view, state: 'refused', problem };
    }
    if ((counts.get(id) ?? 0) > 1) {
      const problem = problemAt('CASE_TWICE', 'its patient has another row too', place, 'Keep one row a patient.');
      return { ...view, state: 'refused', problem };
    }
    return { ...view, state: 'ok', problem: null };
  });
}

function problemAt(code: string, what: string, where: string, fix: string): Problem {
  return { code, what, where, fix };
}
