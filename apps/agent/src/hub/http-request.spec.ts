import { createServer, request as forward, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { httpSender, NoAnswerError, type NetworkSettings } from './http-request.js';

const servers: Server[] = [];

async function serverOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

function sender(settings: Partial<NetworkSettings> = {}): ReturnType<typeof httpSender> {
  return httpSender({ proxyUrl: null, noProxy: null, caFile: null, idleTimeoutMs: 400, ...settings });
}

async function failureOf(url: string, settings: Partial<NetworkSettings> = {}): Promise<NoAnswerError> {
  const error: unknown = await sender(settings)
    .send(new URL(url), 'POST', {}, Buffer.from('body'))
    .catch((thrown: unknown) => thrown);
  if (error instanceof NoAnswerError) return error;
  throw new Error('it was answered');
}

describe('httpSender', () => {
  it('sends the body with its length and reads the whole reply', async () => {
    const url = await serverOf((request, response) => {
      request.on('data', (chunk: Buffer) => response.write(`${request.headers['content-length']} ${chunk.toString()}`));
      request.on('end', () => response.end());
    });
    const reply = await sender().send(new URL(url), 'POST', {}, Buffer.from('abc'));
    expect([reply.status, reply.body.toString()]).toEqual([200, '3 abc']);
  });

  it('knows that nothing left when nobody listens', async () => {
    const url = await serverOf(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await failureOf(url)).toMatchObject({ reason: 'ECONNREFUSED', hasConnected: false });
  });

  it('gives up after a silence, and takes a cut answer for none', async () => {
    const silent = await serverOf(() => undefined);
    expect(await failureOf(silent)).toMatchObject({ reason: 'IDLE', hasConnected: true });
    const cutting = await serverOf((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await failureOf(cutting)).toMatchObject({ hasConnected: true });
  });

  it('waits longer than the silence allows while bytes still come', async () => {
    const url = await serverOf((_, response) => {
      let count = 0;
      const timer = setInterval(() => {
        response.write('x');
        if (++count === 5) {
          clearInterval(timer);
          response.end();
        }
      }, 150);
    });
    expect((await sender().send(new URL(url), 'GET', {}, new Uint8Array(0))).body.toString()).toBe('xxxxx');
  });

  it('goes through the proxy, except for what is excepted', async () => {
    const hub = await serverOf((_, response) => response.end('hub'));
    const seen: (string | undefined)[] = [];
    const proxyUrl = await serverOf((request, response) => {
      seen.push(request.url);
      forward(request.url ?? '', (reply) => reply.pipe(response)).end();
    });
    const url = new URL(`${hub}/agent/v1/orders`);
    const through = await sender({ proxyUrl, noProxy: 'other.example' }).send(url, 'GET', {}, new Uint8Array(0));
    expect(through.body.toString()).toBe('hub');
    expect(seen).toEqual([url.href]);
    await sender({ proxyUrl, noProxy: '127.0.0.1' }).send(url, 'GET', {}, new Uint8Array(0));
    expect(seen).toHaveLength(1);
  });

  it('says which file of certificates it cannot read', () => {
    expect(() => sender({ caFile: '/nowhere/ca.pem' })).toThrow('/nowhere/ca.pem');
  });

  it.each(['proxy.example:3128', 'http://', 'socks5://proxy.example', 'proxy'])(
    'refuses the proxy address "%s" rather than going round the proxy',
    (proxyUrl) => {
      expect(() => sender({ proxyUrl })).toThrow(/does not begin with http/);
    },
  );
});
