import { Controller, Get, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { AGENT_API, ContractError, openJoin, siteStatusSchema, type UploadState } from '@concord/contracts';

import { HubSecrets } from '../auth/hub-keys.js';
import { OpenToAll } from '../auth/role.guard.js';
import { SiteService } from '../sites/site.service.js';
import { AgentMessages } from './agent.messages.js';
import { believe, sendSigned } from './reply.js';
import { RequestGate, bodyOf } from './request.gate.js';

/** What agents call; `AGENT_API` in contracts lists the calls. Who calls is known by the site's signature. */
@Controller(AGENT_API.slice(1))
@OpenToAll()
export class AgentController {
  constructor(
    private readonly gate: RequestGate,
    private readonly sites: SiteService,
    private readonly messages: AgentMessages,
    private readonly secrets: HubSecrets,
  ) {}

  @Post('join')
  async join(@Req() request: Request, @Res() response: Response): Promise<void> {
    const reply = await this.sites.join(openJoin(bodyOf(request), this.secrets.keys.seal));
    believe(response, 0); // a join has no counter
    this.send(response, reply);
  }

  @Get('orders')
  async orders(@Req() request: Request, @Res() response: Response): Promise<void> {
    const key = await this.gate.admit(request, response);
    this.send(response, await this.messages.releases.orders(key));
  }

  @Post('status')
  async status(@Req() request: Request, @Res() response: Response): Promise<void> {
    const key = await this.gate.admit(request, response);
    await this.sites.report(key, parsed(siteStatusSchema, bodyOf(request)));
    this.send(response, {});
  }

  @Post('certificate')
  async certificate(@Req() request: Request, @Res() response: Response): Promise<void> {
    const key = await this.gate.admit(request, response);
    await this.sites.certify(key, jsonOf(bodyOf(request)));
    this.send(response, {});
  }

  @Get('uploads/:digest')
  async uploaded(@Req() request: Request, @Res() response: Response, @Param('digest') digest: string): Promise<void> {
    const key = await this.gate.admit(request, response);
    this.sendState(response, await this.messages.uploads.receivedByteCount(key, digest));
  }

  @Put('uploads/:digest')
  async upload(@Req() request: Request, @Res() response: Response, @Param('digest') digest: string): Promise<void> {
    const key = await this.gate.admit(request, response);
    const offset = countIn(request, 'offset');
    const total = countIn(request, 'total');
    this.sendState(response, await this.messages.uploads.append(key, digest, offset, total, bodyOf(request)));
  }

  @Post('messages/:digest')
  async message(@Req() request: Request, @Res() response: Response, @Param('digest') digest: string): Promise<void> {
    const key = await this.gate.admit(request, response);
    const { releases, uploads, metrics } = this.messages;
    await releases.refuseKnown(key, digest);
    const bytes = await uploads.read(key, digest);
    try {
      const receipt = await releases.takeIn(key, digest, bytes);
      await uploads.remove(key, digest);
      metrics.count('concord_releases_total', { kind: receipt.kind });
      this.send(response, receipt);
    } catch (error) {
      // What was refused is refused again; what failed here stays, to be tried again.
      if (error instanceof ContractError) await uploads.remove(key, digest);
      throw error;
    }
  }

  @Get('pooled/:digest')
  async pooled(@Req() request: Request, @Res() response: Response, @Param('digest') digest: string): Promise<void> {
    const key = await this.gate.admit(request, response);
    this.send(response, await this.messages.releases.pooled(key, digest));
  }

  private sendState(response: Response, receivedByteCount: number): void {
    this.send(response, { receivedByteCount } satisfies UploadState);
  }

  private send(response: Response, body: unknown): void {
    sendSigned(response, 200, body, this.secrets.keys.sign);
  }
}

/** @throws {ContractError} MESSAGE_MALFORMED */
function parsed<T>(schema: { safeParse(value: unknown): Parsed<T> }, body: Uint8Array): T {
  const result = schema.safeParse(jsonOf(body));
  if (!result.success) throw malformed(result.error.issues.map((issue) => issue.path.join('.')).join(', '));
  return result.data;
}

/** @throws {ContractError} MESSAGE_MALFORMED */
function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (error) {
    throw malformed('it is not JSON', error);
  }
}

type Parsed<T> =
  { success: true; data: T } | { success: false; error: { issues: readonly { path: readonly PropertyKey[] }[] } };

/** @throws {ContractError} MESSAGE_MALFORMED */
function countIn(request: Request, name: string): number {
  const text: unknown = request.query[name];
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw malformed(`${name} is not a whole number`);
  return Number(text);
}

function malformed(what: string, cause?: unknown): ContractError {
  return new ContractError(
    'MESSAGE_MALFORMED',
    `the request cannot be read: ${what}`,
    'request',
    'Use an agent of the same version as the hub.',
    { cause },
  );
}
