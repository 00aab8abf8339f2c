import { Agent } from './agent.js';
import type { AgentConfig } from './config.js';
import { httpSender } from './hub/http-request.js';
import { pseudonymKey, requireIdentity, siteKeys } from './identity/site-identity.js';
import { openSource } from './ingest/open-source.js';
import { jsonLog } from './log.js';
import { certifyEngine } from './ingest/certify-engine.js';
import { PageServer } from './page/page-server.js';
import { lockDataFolder, openDatabase } from './store/database.js';

const IDLE_TIMEOUT_MS = 60_000;

/**
 * Runs the agent until SIGTERM or SIGINT: its page, its cases, its talk with the hub. Prints one JSON line with the
 * page's address on `out`, and logs on `err`.
 *
 * @returns the exit code
 * @throws {AgentError} NOT_JOINED, DATA_DIR_IN_USE, CONFIG_INVALID, FILE_NOT_READABLE, FILE_TOO_OPEN
 */
export async function serve(
  config: AgentConfig,
  streams: { out(text: string): void; err(text: string): void },
): Promise<number> {
  const identity = requireIdentity(config.dataFolder);
  const stop = new AbortController();
  const now = (): Date => new Date();
  const log = jsonLog((line) => streams.err(line), now);
  const unlock = lockDataFolder(config.dataFolder);
  const database = openDatabase(config.dataFolder);
  const sender = httpSender({
    proxyUrl: config.proxyUrl ?? identity.proxyUrl,
    noProxy: config.noProxy,
    caFile: config.caFile ?? identity.caFile,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  const source = await openSource(config, database, now);
  const onSignal = (): void => stop.abort();
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  try {
    const agent = new Agent({
      ...{ config, identity, database, source, log, now },
      keys: siteKeys(config.dataFolder),
      pseudonymKey: pseudonymKey(config.pseudonymKeyFile),
      send: sender.send,
      spread: Math.random,
      certify: certifyEngine,
    });
    if (source.kind === 'images') {
      const { holds, concordVersion } = agent.conformance.certificate;
      log(holds ? 'info' : 'error', 'conformance', { holds, concordVersion });
    }
    const page = new PageServer(agent);
    await page.start(config.pagePort);
    try {
      streams.out(`${JSON.stringify({ event: 'listening', url: page.url })}\n`);
      log('info', 'started', { site: identity.site, study: identity.studyId, rule: config.rule });
      await agent.run(stop.signal);
      log('info', 'stopped');
      return 0;
    } finally {
      await page.stop();
    }
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
    source.close();
    sender.close();
    database.close();
    unlock();
  }
}
