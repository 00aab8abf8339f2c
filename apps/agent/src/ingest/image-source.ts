import type { DatabaseSync } from 'node:sqlite';

import { sha256, type StudyProtocol } from '@concord/contracts';
import { featureCatalogue, parseSettings, settingsDigest, type ExtractionSettings } from '@concord/radiomics';

import { AgentError, problemOf, type Problem } from '../agent-errors.js';
import { CaseSource, type CaseVector, type CaseView, type SourceProgress } from './case-source.js';
import { FileIndex } from './file-index.js';
import { groupCases, type ImageCase } from './group-cases.js';
import type { MeasureResult } from './measure-case.js';
import type { Measurer } from './measure-pool.js';

/** How a protocol wants images measured. */
interface Plan {
  readonly settings: ExtractionSettings;
  readonly regionName: string;
  /** Under which results are kept: settings, region and the version that computes. */
  readonly digest: string;
}

/** A thread that hung or crashed may have been unlucky: such a result is not kept over a restart. */
const PASSING_CODES = ['MEASURE_TIMEOUT', 'MEASURE_MEMORY', 'MEASURE_CRASHED'];

const QUIET_MS = 5000;

/**
 * A folder of DICOM files, one image series and one region a patient. Results are kept by the digests of files and
 * settings, so a restart goes on where it was, and a file that changes is measured again.
 */
export class ImageSource extends CaseSource {
  readonly kind = 'images';
  revision = 0;
  private readonly index: FileIndex;
  private stamp = '';
  private newestMs = 0;
  private isSettled = false;
  private found: ImageCase[] = [];
  private results = new Map<string, MeasureResult>();
  private plan: Plan | null = null;
  private phase: SourceProgress['phase'] = 'reading';
  private problem: Problem | null = null;
  private rate: { readonly sinceMs: number; readonly doneBefore: number } | null = null;

  constructor(
    private readonly database: DatabaseSync,
    private readonly folder: string,
    private readonly measurer: Measurer,
    private readonly version: string,
    private readonly now: () => Date,
    /** Nothing is laid on the desk until no file has been written for so long. */
    private readonly quietMs = QUIET_MS,
  ) {
    super();
    this.index = new FileIndex(database, folder);
  }

  override async work(protocol: StudyProtocol | null, signal: AbortSignal): Promise<void> {
    try {
      await this.look(signal);
      if (protocol !== null && protocol.source.kind === 'images') await this.measure(protocol, signal);
      this.setProblem(null);
    } catch (error) {
      this.setProblem(problemOf(this.folderError(error)));
    } finally {
      this.phase = this.isSettled || this.problem !== null ? 'idle' : 'reading';
    }
  }

  override vectors(protocol: StudyProtocol): readonly CaseVector[] | null {
    const plan = planOf(protocol, this.version);
    if (this.stamp === '' || !this.isSettled || plan.digest !== this.plan?.digest || this.pending().length > 0)
      return null;
    return this.found.flatMap(({ patientId, inputDigest }) => {
      const result = this.results.get(inputDigest);
      if (patientId === null || result?.state !== 'ok') return [];
      return { patientId, features: result.features, acquisition: result.acquisition };
    });
  }

  override cases(): readonly CaseView[] {
    return this.found.map(({ caseKey, place, inputDigest, problem }): CaseView => {
      const result = this.results.get(inputDigest);
      if (problem) return { caseKey, place, state: 'refused', problem, warnings: [] };
      if (result === undefined) return { caseKey, place, state: 'found', problem: null, warnings: [] };
      if (result.state === 'ok') return { caseKey, place, state: 'ok', problem: null, warnings: result.warnings };
      const where = result.problem.where || place;
      return { caseKey, place, state: 'refused', problem: { ...result.problem, where }, warnings: [] };
    });
  }

  override progress(): SourceProgress {
    const views = this.cases();
    const doneCount = views.filter(({ state }) => state === 'ok').length;
    const refusedCount = views.filter(({ state }) => state === 'refused').length;
    const left = views.length - doneCount - refusedCount;
    const counts = { caseCount: views.length, doneCount, refusedCount };
    return { phase: this.phase, ...counts, secondsLeft: this.secondsLeft(left), problem: this.problem };
  }

  override close(): void {
    this.measurer.close();
  }

  private setProblem(problem: Problem | null): void {
    if (JSON.stringify(problem) === JSON.stringify(this.problem)) return;
    this.problem = problem;
    this.revision++;
  }

  private async look(signal: AbortSignal): Promise<void> {
    if (this.stamp === '') this.phase = 'reading';
    const scanned = await this.index.scan(this.stamp, signal);
    this.settle();
    if (scanned === null) return;
    this.newestMs = scanned.newestMs;
    this.isSettled = false;
    this.settle();
    this.found = groupCases(scanned.files);
    this.stamp = scanned.stamp;
    this.revision++;
  }

  /** Files that were written a moment ago may be the first of many. */
  private settle(): void {
    const ageMs = this.now().getTime() - this.newestMs;
    if (this.isSettled || (ageMs >= 0 && ageMs < this.quietMs)) return;
    this.isSettled = true;
    this.revision++;
  }

  private async measure(protocol: StudyProtocol, signal: AbortSignal): Promise<void> {
    const plan = planOf(protocol, this.version);
    if (plan.digest !== this.plan?.digest) {
      this.plan = plan;
      this.results = this.keptResults(plan);
      this.revision++;
    }
    const pending = this.pending();
    if (pending.length === 0) return;
    this.phase = 'extracting';
    this.rate = { sinceMs: this.now().getTime(), doneBefore: this.results.size };
    const queue = pending.values();
    const take = async (): Promise<void> => {
      for (const { inputDigest, imagePaths, region, byteCount } of queue) {
        if (signal.aborted || region === null) return;
        const { settings, regionName } = plan;
        const task = { folder: this.folder, imagePaths, region, byteCount, regionName, settings };
        let result = await this.measurer.measure(task);
        if (isPassing(result) && !signal.aborted) result = await this.measurer.measure(task); // once more, in a new thread
        if (!signal.aborted) this.keep(plan, inputDigest, result);
      }
    };
    await Promise.all(Array.from({ length: this.measurer.width }, take));
    if (!signal.aborted) this.revision++;
    this.measurer.close(); // threads hold memory that a resting agent need not
  }

  private pending(): ImageCase[] {
    return this.found.filter(({ problem, inputDigest }) => problem === null && !this.results.has(inputDigest));
  }

  private keep(plan: Plan, inputDigest: string, result: MeasureResult): void {
    this.results.set(inputDigest, result);
    if (isPassing(result)) return;
    this.database
      .prepare('INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)')
      .run(inputDigest, plan.digest, JSON.stringify(result));
  }

  private keptResults(plan: Plan): Map<string, MeasureResult> {
    const rows = this.database
      .prepare('SELECT inputDigest, result FROM vectors WHERE settingsDigest = ?')
      .all(plan.digest);
    return new Map(rows.map((row) => [String(row['inputDigest']), JSON.parse(String(row['result'])) as MeasureResult]));
  }

  private secondsLeft(leftCount: number): number | null {
    if (this.rate === null || this.phase !== 'extracting') return null;
    const done = this.results.size - this.rate.doneBefore;
    const seconds = (this.now().getTime() - this.rate.sinceMs) / 1000;
    return done > 0 ? (leftCount * seconds) / done : null;
  }

  private folderError(error: unknown): unknown {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) return error;
    return new AgentError(
      'FILE_NOT_READABLE',
      `the source folder cannot be read (${code ?? 'unknown'})`,
      this.folder,
      'Check that it is there and that the agent may read it.',
      { cause: error },
    );
  }
}

function isPassing(result: MeasureResult): boolean {
  return result.state === 'refused' && PASSING_CODES.includes(result.problem.code);
}

/** @throws {AgentError} TABLE_NOT_USABLE if the settings are none, or the protocol names features they do not give */
function planOf(protocol: StudyProtocol, version: string): Plan {
  if (protocol.source.kind !== 'images') {
    throw new AgentError('TABLE_NOT_USABLE', 'the protocol wants a table', 'protocol', 'Set the source to table:FILE.');
  }
  const { regionName } = protocol.source;
  const settings = parseSettings(protocol.source.extraction);
  const known = new Set(featureCatalogue(settings).map(({ name }) => name));
  const unknown = protocol.features.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new AgentError(
      'TABLE_NOT_USABLE',
      `its settings do not give the feature "${unknown}" that it names`,
      'protocol of the study',
      'Tell the coordinator; an agent of another version may know the feature.',
    );
  }
  return { settings, regionName, digest: sha256(JSON.stringify([settingsDigest(settings), regionName, version])) };
}
