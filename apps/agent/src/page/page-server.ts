import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { tableToCsv } from '@concord/tables';

import { AgentError, problemOf } from '../agent-errors.js';
import type { Agent } from '../agent.js';
import { casesPage } from './cases-page.js';
import { html, type Html } from './html.js';
import { layout, problemNote } from './layout.js';
import { leavingTable } from './leaving.js';
import { ledgerPage } from './ledger-page.js';
import { overviewPage } from './overview-page.js';
import { releasePage, releasesPage } from './release-page.js';
import { STYLE } from './style.js';

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly location?: string;
}

const FORM_LIMIT_BYTES = 16_384;
const REFRESH_SECONDS = 3;
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * The agent's page, on this computer only. It takes no request that came through another name than this computer's
 * (a web page elsewhere could point its name here), and no form that was not made by this process.
 */
export class PageServer {
  private readonly formToken = randomBytes(32).toString('hex');
  private server: Server | null = null;
  private port = 0;

  constructor(private readonly agent: Agent) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** @param port 0 takes any free one */
  async start(port: number): Promise<void> {
    const server = createServer((request, response) => void this.serve(request, response));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new AgentError(
            'CONFIG_INVALID',
            `the page cannot be served (${error.code ?? 'unknown'})`,
            `port ${port}`,
            'Set CONCORD_AGENT_PAGE_PORT to a free port, or to 0 for any.',
            { cause: error },
          ),
        ),
      );
      server.listen(port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let reply: Reply;
    try {
      reply = await this.answer(request);
    } catch (error) {
      const problem = problemOf(error);
      const status = problem.code === 'RELEASE_UNKNOWN' ? 404 : problem.code === 'INTERNAL' ? 500 : 409;
      this.agent.parts.log(status === 500 ? 'error' : 'info', 'page', { status, code: problem.code });
      reply = this.page(
        '/error',
        'Not done',
        html`<h1>That was not done.</h1>
          ${problemNote(problem)}`,
        status,
      );
    }
    const location = reply.location === undefined ? {} : { location: reply.location };
    response.writeHead(reply.status, { ...HEADERS, 'content-type': reply.type, ...location });
    response.end(request.method === 'HEAD' ? '' : reply.body);
  }

  private async answer(request: IncomingMessage): Promise<Reply> {
    const hosts = [`127.0.0.1:${this.port}`, `localhost:${this.port}`];
    if (!hosts.includes(request.headers.host ?? '')) return refused(421, 'This page answers on 127.0.0.1 only.');
    const { pathname } = new URL(request.url ?? '/', this.url);
    if (request.method === 'POST') return this.post(request, pathname);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refused(405, 'Only GET and POST.');
    return this.get(pathname);
  }

  private get(path: string): Reply {
    const { agent } = this;
    if (path === '/style.css') return { status: 200, type: 'text/css; charset=utf-8', body: STYLE };
    if (path === '/') return this.page(path, 'Overview', overviewPage(agent), 200, this.isMoving());
    if (path === '/cases') return this.page(path, 'Cases', casesPage(agent));
    if (path === '/releases') return this.page(path, 'Releases', releasesPage(agent));
    if (path === '/ledger') return this.page(path, 'Ledger', ledgerPage(agent));
    if (path === '/ledger.json') {
      const body = `${JSON.stringify(agent.ledger.entries(), null, 2)}\n`;
      return { status: 200, type: 'application/json', body };
    }
    const [, id, csv] = /^\/releases\/(\d{1,9})(\.csv)?$/.exec(path) ?? [];
    if (id === undefined) {
      return this.page(
        path,
        'Not found',
        html`<h1>There is no such page.</h1>
          <p><a href="/">Overview</a></p>`,
        404,
      );
    }
    if (csv === undefined) return this.releasePage(Number(id), null, 200);
    const table = leavingTable(agent, agent.releases.get(Number(id))); // refuses an unknown one
    return { status: 200, type: 'text/csv; charset=utf-8', body: tableToCsv(table) };
  }

  private async post(request: IncomingMessage, path: string): Promise<Reply> {
    const origin = request.headers.origin;
    if (origin !== undefined && origin !== `http://${request.headers.host ?? ''}`) {
      return refused(403, 'This form comes from another page.');
    }
    const form = await readForm(request);
    if (form === null) return refused(413, 'This form is too long.');
    if (!this.isOwnForm(form.get('formToken') ?? '')) {
      return refused(403, 'This form was not made by this agent, or before it was restarted: open the page again.');
    }
    const [, id, action] = /^\/releases\/(\d{1,9})\/(approve|refuse)$/.exec(path) ?? [];
    if (id === undefined) return refused(404, 'There is no such action.');
    return this.decide(Number(id), action as 'approve' | 'refuse', form);
  }

  private decide(id: number, action: 'approve' | 'refuse', form: URLSearchParams): Reply {
    const field = (name: string): string => (form.get(name) ?? '').trim().slice(0, 300);
    const by = field('by');
    const seenDigest = field('tableDigest');
    const { studyTitle } = this.agent.parts.identity;
    if (by === '') return this.releasePage(id, 'Nothing was done: write your name.', 422);
    if (action === 'approve') {
      if (field('study') !== studyTitle) {
        return this.releasePage(id, `Nothing was done: the study’s name is “${studyTitle}”.`, 422);
      }
      this.agent.decisions.approve(id, by, seenDigest);
      this.agent.wake();
    } else {
      if (field('reason') === '') return this.releasePage(id, 'Nothing was done: write the reason.', 422);
      this.agent.decisions.refuse(id, by, field('reason'), seenDigest);
    }
    return { status: 303, type: 'text/plain; charset=utf-8', body: '', location: `/releases/${id}` };
  }

  private isOwnForm(token: string): boolean {
    const [own, given] = [Buffer.from(this.formToken), Buffer.from(token)];
    return own.length === given.length && timingSafeEqual(own, given);
  }

  private isMoving(): boolean {
    return ['reading', 'extracting', 'sending'].includes(this.agent.status().phase);
  }

  private releasePage(id: number, mistake: string | null, status: number): Reply {
    const release = this.agent.releases.get(id);
    return this.page('/release', `Release ${id}`, releasePage(this.agent, release, this.formToken, mistake), status);
  }

  private page(path: string, title: string, content: Html, status = 200, isMoving = false): Reply {
    const { siteName, studyTitle } = this.agent.parts.identity;
    const refreshSeconds = isMoving ? REFRESH_SECONDS : null;
    const page = layout({ title, path, siteName, studyTitle, refreshSeconds }, content);
    return { status, type: 'text/html; charset=utf-8', body: page.markup };
  }
}

function refused(status: number, body: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of request) {
    byteCount += (chunk as Buffer).length;
    if (byteCount > FORM_LIMIT_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
