import type { DatabaseSync } from 'node:sqlite';

import type { Certificate, KeyPair, SiteOrders, SiteStatus, StudyProtocol } from '@concord/contracts';
import { stricterRule, SUMS_DEFAULTS, VECTOR_DEFAULTS, type ReleaseRule } from '@concord/privacy';

import { AgentError, problemOf, type Problem } from './agent-errors.js';
import type { AgentConfig } from './config.js';
import type { SendHttp } from './hub/http-request.js';
import { HubClient } from './hub/hub-client.js';
import { sharingOf, sumsObstacle } from './hub/orders.js';
import type { SiteIdentity } from './identity/site-identity.js';
import type { CaseSource } from './ingest/case-source.js';
import type { Log } from './log.js';
import { Pause, waitMs } from './pause.js';
import type { SiteRules } from './release/check-release.js';
import { Conformance } from './release/conformance.js';
import { Decisions } from './release/decide.js';
import { finishPatients, writeFinished } from './release/finish.js';
import { Outbox, type OnStage } from './release/outbox.js';
import { Preparation, type Wanted } from './release/prepare.js';
import { SiteTables } from './release/site-tables.js';
import { inTransaction } from './store/database.js';
import { Facts } from './store/facts.js';
import { Ledger } from './store/ledger.js';
import { Releases } from './store/releases.js';
import { Traffic } from './store/traffic.js';

export interface AgentParts {
  readonly config: AgentConfig;
  readonly identity: SiteIdentity;
  readonly keys: KeyPair;
  readonly pseudonymKey: Uint8Array;
  readonly database: DatabaseSync;
  readonly source: CaseSource;
  readonly send: SendHttp;
  readonly log: Log;
  /** Runs the reference cases of feature extraction on this machine. */
  readonly certify: () => Certificate;
  readonly now: () => Date;
  /** From [0, 1): spreads the times at which sites ask. */
  readonly spread: () => number;
  readonly onStage?: OnStage;
}

/** A protocol this site has taken on: from then on no other one is followed. */
export interface AcceptedProtocol {
  readonly protocol: StudyProtocol;
  readonly digest: string;
  readonly acceptedAt: string;
}

/** The site's own patients, harmonised here by what the sums of all sites came to. */
export interface Finished {
  readonly pooledDigest: string;
  /** Where their features and the model are; nobody else gets them. */
  readonly folder: string;
  readonly rowCount: number;
}

export interface Connection {
  /** Last time the hub answered with its signature, ISO; survives a restart. */
  readonly lastContactAt: string | null;
  readonly problem: Problem | null;
}

const STATUS_INTERVAL_MS = 60_000;
/** A slow scan rests twenty times as long as it took, at most a minute. */
const SCAN_PATIENCE = 20;
const SCAN_LIMIT_MS = 60_000;

/** The site agent: fetches its orders, measures cases, lays tables on the desk, sends what was approved. */
export class Agent {
  readonly ledger: Ledger;
  readonly releases: Releases;
  readonly traffic: Traffic;
  readonly decisions: Decisions;
  readonly preparation: Preparation;
  readonly rules: SiteRules;
  readonly conformance: Conformance;
  private readonly facts: Facts;
  private readonly hub: HubClient;
  private readonly tables: SiteTables;
  private readonly outbox: Outbox;
  private readonly pause = new Pause();
  private readonly workPause = new Pause();
  private problem: Problem | null = null;
  private preparedFor = '';
  private lastStatus = { text: '', atMs: -Infinity };

  constructor(readonly parts: AgentParts) {
    const { database, now, identity, keys, config } = parts;
    this.ledger = new Ledger(database, now);
    this.releases = new Releases(database);
    this.traffic = new Traffic(database, this.ledger);
    this.facts = new Facts(database);
    this.decisions = new Decisions(database, this.releases, this.ledger, now);
    this.tables = new SiteTables(parts, this.releases);
    this.rules = { vectors: siteRule(config), sums: sumsRule(config) };
    const { site } = identity;
    this.preparation = new Preparation(database, this.releases, this.ledger, this.facts, this.rules, site, now);
    this.hub = new HubClient(identity, keys, this.traffic, parts.send, config.sharing);
    this.conformance = new Conformance(parts.certify, keys, this.hub, this.ledger);
    this.outbox = new Outbox(
      database,
      this.releases,
      this.ledger,
      this.preparation,
      this.hub,
      this.conformance,
      identity,
      keys,
      now,
      parts.onStage,
    );
    this.traffic.closeInterrupted();
  }

  get accepted(): AcceptedProtocol | null {
    return this.facts.get<AcceptedProtocol>('protocol');
  }

  get connection(): Connection {
    return { lastContactAt: this.facts.get<string>('lastContactAt'), problem: this.problem };
  }

  /** What this site's own patients came to, after the sums of all sites; null before. */
  get finished(): Finished | null {
    return this.facts.get<Finished>('finished');
  }

  /** Works and asks until the signal aborts; never gives up. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.workLoop(signal), this.contactLoop(signal)]);
  }

  /** Looks at once, instead of at the next poll: something was decided. */
  wake(): void {
    this.pause.wake();
  }

  /** One pass over the site's cases. */
  async work(signal: AbortSignal): Promise<void> {
    const before = this.parts.source.revision;
    await this.parts.source.work(this.accepted?.protocol ?? null, signal);
    if (this.parts.source.revision !== before) this.wake();
  }

  /**
   * One pass of talk with the hub: orders, preparation, sending, status.
   *
   * @throws what went wrong; it is kept as the connection's problem
   */
  async contact(): Promise<void> {
    try {
      let orders = await this.fetchOrders();
      this.outbox.reconcile(orders);
      this.prepareWanted(orders);
      await this.sendStatus();
      for (;;) {
        const newest = await this.outbox.flush(orders);
        if (newest === orders) break;
        orders = newest; // what was sent may make the next table due
        this.prepareWanted(orders);
      }
      await this.finish(orders);
      await this.sendStatus();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
      throw error;
    }
  }

  /** Counts only. */
  status(): SiteStatus {
    const { phase, caseCount, doneCount, refusedCount } = this.parts.source.progress();
    const isHolding = this.releases.list().some(({ state }) => state === 'held');
    const quiet = isHolding ? 'holding' : this.outbox.isSending() ? 'sending' : 'idle';
    const current = phase === 'idle' ? quiet : phase;
    return { format: 'concord.status/1', phase: current, caseCount, doneCount, refusedCount };
  }

  private async fetchOrders(): Promise<SiteOrders> {
    try {
      const orders = await this.hub.orders();
      this.acceptProtocol(orders);
      this.facts.set('lastContactAt', this.parts.now().toISOString());
      this.facts.set('refusedOrders', null);
      return orders;
    } catch (error) {
      if (error instanceof AgentError && ['ORDERS_REFUSED', 'PROTOCOL_CHANGED'].includes(error.code)) {
        this.noteRefusedOrders(error);
      }
      throw error;
    }
  }

  private acceptProtocol(orders: SiteOrders): void {
    const { protocol, protocolDigest } = orders;
    const { accepted } = this;
    if (accepted !== null) {
      if (protocolDigest === accepted.digest) return;
      throw new AgentError(
        'PROTOCOL_CHANGED',
        'the hub names another protocol than the one this site accepted',
        `protocol ${accepted.digest.slice(0, 12)}`,
        'A frozen protocol never changes. Nothing leaves until the coordinator has explained it.',
      );
    }
    if (protocol === null || protocolDigest === null) return;
    const acceptedAt = this.parts.now().toISOString();
    inTransaction(this.parts.database, () => {
      this.facts.set('protocol', { protocol, digest: protocolDigest, acceptedAt } satisfies AcceptedProtocol);
      this.ledger.append('protocol accepted', `protocol ${protocolDigest}`, {
        title: protocol.title,
        featureCount: protocol.features.length,
        source: protocol.source.kind,
      });
    });
    this.workPause.wake();
  }

  private noteRefusedOrders(error: AgentError): void {
    if (this.facts.get<string>('refusedOrders') === error.what) return;
    inTransaction(this.parts.database, () => {
      this.facts.set('refusedOrders', error.what);
      this.ledger.append('orders refused', error.where, { code: error.code, reason: error.what });
    });
  }

  /** Lays on the desk what the hub wants and the cases give; under the rule `automatic` approves it. */
  private prepareWanted(orders: SiteOrders): void {
    const { protocol, protocolDigest } = orders;
    if (protocol === null || protocolDigest === null || orders.isFinished) return;
    const stamp = JSON.stringify([
      orders.wanted,
      this.parts.source.revision,
      this.tables.clinicalStamp(),
      this.releases.list().map(({ id, state }) => [id, state]),
    ]);
    if (stamp === this.preparedFor) return;
    this.noteObstacle(protocol, protocolDigest);
    for (const { kind, lockDigest } of orders.wanted) {
      const wanted: Wanted = { kind, lockDigest, protocol, protocolDigest, source: protocol.source.kind };
      const release = this.prepareOne(wanted);
      if (release !== null && this.parts.config.rule === 'automatic') {
        this.decisions.approve(release, 'rule automatic');
      }
    }
    this.preparedFor = stamp;
  }

  /** Says why nothing is prepared here, where that is so. */
  private noteObstacle(protocol: StudyProtocol, protocolDigest: string): void {
    const { config, identity, source } = this.parts;
    const obstacle = sharingOf(protocol, config.sharing) === 'sums' ? sumsObstacle(protocol, identity.site) : null;
    if (obstacle === null) return;
    const wanted = {
      kind: 'harmonization-sums',
      lockDigest: null,
      protocol,
      protocolDigest,
      source: source.kind,
    } as const;
    this.preparation.keepBack(wanted, obstacle);
  }

  /** Harmonises this site's own patients, once, when the sums of all sites have come to something. */
  private async finish({ pooledDigest, protocol }: SiteOrders): Promise<void> {
    if (pooledDigest === undefined || protocol === null || this.finished?.pooledDigest === pooledDigest) return;
    const own = this.releases
      .list()
      .findLast(({ kind, state }) => kind === 'harmonization-sums' && state === 'acknowledged');
    if (own === undefined) return;
    const offer = { json: await this.hub.pooled(pooledDigest), digest: pooledDigest };
    const done = finishPatients(offer, this.releases.ownBytes(own.id), protocol, this.parts.identity.site);
    const folder = writeFinished(this.parts.config.dataFolder, done);
    inTransaction(this.parts.database, () => {
      this.facts.set('finished', { pooledDigest, folder, rowCount: own.rowCount } satisfies Finished);
      this.ledger.append('harmonized', `release ${own.id}`, { pooledDigest, rowCount: own.rowCount });
    });
  }

  /** @returns the id of a release that waits for a decision, or null */
  private prepareOne(wanted: Wanted): number | null {
    try {
      const table = this.tables.of(wanted);
      return table === null ? null : (this.preparation.prepare(wanted, table)?.id ?? null);
    } catch (error) {
      this.preparation.keepBack(wanted, problemOf(error));
      this.parts.log('warn', 'kept back', { kind: wanted.kind, code: problemOf(error).code });
      return null;
    }
  }

  private async sendStatus(): Promise<void> {
    const status = this.status();
    const text = JSON.stringify(status);
    const nowMs = this.parts.now().getTime();
    if (text === this.lastStatus.text && nowMs - this.lastStatus.atMs < STATUS_INTERVAL_MS) return;
    await this.hub.status(status);
    this.lastStatus = { text, atMs: nowMs };
  }

  private async contactLoop(signal: AbortSignal): Promise<void> {
    const { config, log, spread } = this.parts;
    let failureCount = 0;
    while (!signal.aborted) {
      try {
        await this.contact();
        if (failureCount > 0) log('info', 'hub answers again', { failureCount });
        failureCount = 0;
      } catch (error) {
        if (failureCount++ < 3 || failureCount % 20 === 0)
          log('warn', 'contact failed', { code: problemOf(error).code });
        if (problemOf(error).code === 'INTERNAL') log('error', 'bug', { stack: stackOf(error) });
      }
      await this.pause.sleep(waitMs(config.pollMs, failureCount, spread()), signal);
    }
  }

  private async workLoop(signal: AbortSignal): Promise<void> {
    const { config, log, now, source } = this.parts;
    while (!signal.aborted) {
      const start = now().getTime();
      try {
        await this.work(signal);
      } catch (error) {
        log('error', 'reading cases failed', { code: problemOf(error).code, stack: stackOf(error) });
      }
      const tookMs = now().getTime() - start;
      const isQuiet = source.progress().phase === 'idle';
      const restMs = isQuiet ? Math.min(SCAN_LIMIT_MS, SCAN_PATIENCE * tookMs) : 0;
      await this.workPause.sleep(Math.max(config.pollMs, restMs), signal);
    }
  }
}

/** The defaults, or what the site set where that is stricter. */
function siteRule({ minimumRows, significantDigits }: AgentConfig): ReleaseRule {
  if (minimumRows === null && significantDigits === null) return VECTOR_DEFAULTS;
  const asked = {
    ...(minimumRows === null ? {} : { minimumRows }),
    ...(significantDigits === null ? {} : { significantDigits }),
  };
  return stricterRule(VECTOR_DEFAULTS, asked, 'vectors-site');
}

/** The defaults of sums, or what the site set where that is stricter. */
function sumsRule({ minimumCell, minimumRows }: AgentConfig): SiteRules['sums'] {
  const minimum = Math.max(SUMS_DEFAULTS.minimum, minimumCell ?? 0);
  const isOwn = minimum > SUMS_DEFAULTS.minimum || minimumRows !== null;
  return {
    name: isOwn ? 'sums-site' : 'sums-default',
    rule: { ...SUMS_DEFAULTS, minimum },
    minimumRows: minimumRows ?? 0,
  };
}

/** Where in the code it happened; not the message, which could hold a patient's value. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 6)
    .join(' ')
    .trim();
}
