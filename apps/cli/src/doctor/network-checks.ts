import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

import { AGENT_API, UPLOAD_CHUNK_BYTES } from '@concord/contracts';

import { durationWords } from '../hub/words.js';
import { failed, ok, reasonOf, sizeWords, skipped, warning, type Check, type Outcome } from './check.js';
import { reach } from './ports.js';
import type { RemoteSettings } from './settings.js';
import { ask, proxyFor, type Answer, type SeenCertificate } from './way-to-hub.js';

const PATIENCE_MS = 5000;
const DAY_MS = 86_400_000;
const NOT_KNOWN = skipped('no hub is named: give --hub URL, or join one');

/** The way from here to a hub, as an agent goes it. @param remote null: every check is skipped */
export function networkChecks(remote: RemoteSettings | null, now: () => Date): Check[] {
  const state: Way = { remote, health: null };
  const checks: [string, (remote: RemoteSettings, url: URL) => Outcome | Promise<Outcome>][] = [
    ['hub-name', nameOutcome],
    ['proxy', proxyOutcome],
    ['authorities', ({ caFile }) => authoritiesOutcome(caFile, now())],
    ['hub-answers', (settings, url) => answerOutcome(state, settings, url)],
    ['certificate', (_, url) => certificateStep(state, url, now())],
    ['clock', () => (state.health === null ? NO_ANSWER : clockOutcome(state.health.date, now()))],
    ['uploads', (settings, url) => (state.health === null ? NO_ANSWER : uploadOutcome(settings, url))],
  ];
  return checks.map(([id, run]) => ({
    id,
    group: 'network',
    run: () => {
      if (remote === null) return NOT_KNOWN;
      const url = URL.canParse(remote.url) ? new URL(remote.url) : null;
      if (url === null || !/^https?:$/.test(url.protocol)) {
        return failed(`${remote.from} is no address of a hub`, 'Give one like https://hub.example.');
      }
      return run(remote, url);
    },
  }));
}

/** What one check leaves for the next. */
interface Way {
  readonly remote: RemoteSettings | null;
  health: Answer | null;
}

const BAD_PROXY = skipped('the address of the proxy is none');
const NO_ANSWER = skipped('the hub did not answer');

async function nameOutcome(remote: RemoteSettings, url: URL): Promise<Outcome> {
  const proxy = proxyFor(remote, url);
  if (!isUsable(proxy)) return BAD_PROXY;
  const hostname = (proxy === null ? url : new URL(proxy)).hostname.replace(/^\[|\]$/g, '');
  if (isIP(hostname) !== 0) return ok(`${hostname} is an address already`);
  try {
    const { address } = await lookup(hostname);
    return ok(`${hostname} is ${address}`);
  } catch (error) {
    return failed(
      `the name ${hostname} is not known here (${reasonOf(error)})`,
      'Correct the address; where names outside are known to the proxy only, set HTTPS_PROXY.',
    );
  }
}

/** Node takes `proxy.example:3128`, without http://, for no proxy at all. */
function isUsable(proxy: string | null): boolean {
  return proxy === null || (URL.canParse(proxy) && /^https?:$/.test(new URL(proxy).protocol));
}

async function proxyOutcome(remote: RemoteSettings, url: URL): Promise<Outcome> {
  const proxy = proxyFor(remote, url);
  if (proxy === null) return skipped(remote.proxyUrl === null ? 'HTTPS_PROXY is not set' : 'NO_PROXY names the hub');
  if (!isUsable(proxy)) {
    return failed('HTTPS_PROXY is no address: Node goes straight', 'Set one like http://proxy.example:3128.');
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 24 || (major === 24 && minor < 5)) {
    return failed(
      `Node ${process.versions.node} cannot use a proxy`,
      'Start Concord by npx concord: Node 24.5 is needed.',
    );
  }
  const { hostname, port, host } = new URL(proxy);
  try {
    await reach(hostname, port === '' ? 80 : Number(port), PATIENCE_MS);
    return ok(`the proxy at ${host} accepts connections`);
  } catch (error) {
    return failed(`the proxy at ${host} does not answer (${reasonOf(error)})`, 'Ask your IT for its address and port.');
  }
}

export function authoritiesOutcome(caFile: string | null, now: Date): Outcome {
  if (caFile === null) return skipped('no authorities of your own are set');
  try {
    const blocks =
      readFileSync(caFile, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0)
      return failed(`${caFile} holds no certificate`, 'It must be PEM text; ask your IT for that.');
    const expired = blocks.map((block) => new X509Certificate(block)).find(({ validTo }) => new Date(validTo) < now);
    if (expired === undefined) return ok(`${blocks.length} authorities of your own`);
    return failed(`an authority in ${caFile} ended on ${expired.validTo}`, 'Ask your IT for the new file.');
  } catch (error) {
    return failed(`${caFile} cannot be read (${reasonOf(error)})`, 'Correct the path or its rights.');
  }
}

async function answerOutcome(state: Way, remote: RemoteSettings, url: URL): Promise<Outcome> {
  if (!isUsable(proxyFor(remote, url))) return BAD_PROXY;
  let answer: Answer;
  try {
    answer = await ask(remote, new URL('/health', url));
  } catch (error) {
    if (reasonOf(error) === 'ERR_PROXY_TUNNEL') return proxyRefusal(error, url);
    return failed(
      `nothing answers at ${url.origin} (${reasonOf(error)})`,
      'Check that the hub runs; ask your IT to let this machine out to that host and port, or for the proxy.',
    );
  }
  if (answer.status === 407) return proxyRefusal({ statusCode: 407 }, url);
  if (answer.status !== 200 || !answer.body.includes('"status":"ok"')) {
    return failed(
      `what answers at ${url.origin} is not a hub (status ${answer.status})`,
      'Correct the address; a page of the proxy or of a login may answer in its place.',
    );
  }
  state.health = answer;
  return ok(`the hub at ${url.origin} answers`);
}

function proxyRefusal(error: unknown, { host }: URL): Outcome {
  const { statusCode } = error as { statusCode?: unknown };
  if (statusCode === 407) return failed('the proxy wants a password', 'Ask your IT for a rule without one.');
  const status = typeof statusCode === 'number' ? ` (status ${statusCode})` : '';
  return failed(
    `the proxy does not let this machine out to ${host}${status}`,
    'Ask your IT to allow that host and port.',
  );
}

function certificateStep(state: Way, url: URL, now: Date): Outcome {
  if (url.protocol === 'http:') {
    const isHere = /^(localhost|127\.|\[::1\])/.test(url.hostname);
    return isHere
      ? skipped('no certificate is needed on this machine')
      : warning('the address is http: others on the way can see who talks', 'Use an https address.');
  }
  const seen = state.health?.certificate ?? null;
  return seen === null ? NO_ANSWER : certificateOutcome(seen, state.remote?.caFile ?? null, now);
}

export function certificateOutcome(seen: SeenCertificate, caFile: string | null, now: Date): Outcome {
  const { issuer, distrust, validTo } = seen;
  if (distrust === 'CERT_HAS_EXPIRED')
    return failed(`the certificate ended on ${validTo.toISOString()}`, 'Tell the hub.');
  if (distrust === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return failed('the certificate is of another machine', 'Correct the address, or tell the hub.');
  }
  if (distrust !== null) {
    return failed(
      `the certificate is from “${issuer}”, which is not trusted here (${distrust})`,
      `If that is your hospital’s proxy, ask your IT for its authority as PEM file and set CONCORD_AGENT_CA${caFile === null ? '' : ': the one set is another'}.`,
    );
  }
  const leftMs = validTo.getTime() - now.getTime();
  const what = `the certificate is from “${issuer}”, good for ${durationWords(leftMs)}`;
  return leftMs < 14 * DAY_MS ? warning(what, 'Tell the hub to renew it.') : ok(what);
}

/** @param date of the hub's answer, whole seconds */
export function clockOutcome(date: Date | null, now: Date): Outcome {
  if (date === null) return skipped('the answer carries no time');
  const offMs = Math.abs(now.getTime() - date.getTime());
  if (offMs < 10_000) return ok('this clock and the hub’s agree');
  const what = `this clock and the hub’s differ by ${durationWords(offMs)}`;
  const fix = 'Set the clock by a time server (timedatectl set-ntp true); ledger and tokens carry times.';
  return offMs < 300_000 ? warning(what, fix) : failed(what, fix);
}

/** Sends a chunk as large as an upload's, of zeros and unsigned: the hub itself must be the one to refuse it. */
async function uploadOutcome(remote: RemoteSettings, url: URL): Promise<Outcome> {
  const size = sizeWords(UPLOAD_CHUNK_BYTES);
  try {
    const answer = await ask(remote, new URL(`${AGENT_API}/status`, url), new Uint8Array(UPLOAD_CHUNK_BYTES));
    if (answer.body.includes('"SIGNATURE_INVALID"')) return ok(`a request of ${size} reaches the hub`);
    return failed(
      `a request of ${size} is answered by something else (status ${answer.status})`,
      `Ask your IT to let requests of ${size} through to ${url.host}.`,
    );
  } catch (error) {
    return failed(
      `a request of ${size} does not get through (${reasonOf(error)})`,
      `Ask your IT to let requests of ${size} through to ${url.host}.`,
    );
  }
}
