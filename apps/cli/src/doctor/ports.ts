import { connect, createServer } from 'node:net';

import { failed, ok, reasonOf, type Outcome } from './check.js';

/**
 * Whether a server could listen there; a Concord that listens already is fine as well.
 *
 * @param isOurs asks what listens there whether it is Concord
 */
export async function portOutcome(
  host: string,
  port: string,
  isOurs: (url: URL) => Promise<boolean>,
): Promise<Outcome> {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65_535)
    return failed(`${port} is no port`, 'Set a whole number from 0 to 65535.');
  if (number === 0) return ok('any free port will be taken');
  try {
    await listenOnce(host, number);
    return ok(`port ${port} on ${host} is free`);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'EADDRINUSE') {
      const asked = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
      if (await isOurs(new URL(`http://${asked.includes(':') ? `[${asked}]` : asked}:${port}`))) {
        return ok(`Concord listens on port ${port} already`);
      }
      return failed(`another program listens on port ${port}`, 'Stop it, or set another port.');
    }
    if (reason === 'EACCES') return failed(`port ${port} needs more rights`, 'Set a port from 1024 up.');
    return failed(`nothing can listen on ${host} (${reason})`, 'Set an address of this machine, or 127.0.0.1.');
  }
}

function listenOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

/** Whether something accepts connections there. @throws the system's error, or TIMEOUT */
export function reach(host: string, port: number, patienceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: patienceMs });
    const end = (done: () => void) => {
      socket.destroy();
      done();
    };
    socket.once('connect', () => end(resolve));
    socket.once('timeout', () => end(() => reject(Object.assign(new Error('no answer'), { code: 'TIMEOUT' }))));
    socket.once('error', (error) => end(() => reject(error)));
  });
}
