import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { jest } from '@jest/globals';

import { openTestHub, type TestHub } from '../test-hub.js';

jest.setTimeout(60_000);

const SCHEMA_FILE = resolve(import.meta.dirname, '../../schema.graphql');

/** A selection so many levels deep. */
function nested(depth: number): string {
  let text = 'endCursor';
  for (let level = 0; level < depth; level++) text = `pageInfo { ${text} }`;
  return text;
}

const page = (inner: string, args = '') => `{ studies${args} { edges { node { ${inner} } } } }`;
const sitesInSites = (args: string) => page(`sites${args} { edges { node { releases { kind } } } }`, args);
const aliased = (count: number) => Array.from({ length: count }, (_, index) => `f${index}: me { name }`).join(' ');

const ATTACKS: [name: string, query: string, variables?: Record<string, unknown>][] = [
  ['fields 12 deep', `{ studies { ${nested(12)} } }`],
  ['fields 40 deep through fragments', deepFragments(40)],
  ['a fragment that is in itself', '{ studies { ...a } } fragment a on StudyConnection { ...a }'],
  [
    'two fragments in a circle',
    '{ studies { ...a } } fragment a on StudyConnection { ...b } fragment b on StudyConnection { ...a }',
  ],
  ['50 aliases', `{ ${aliased(50)} }`],
  [
    '20 aliases of an expensive field',
    `{ ${Array.from({ length: 20 }, (_, i) => `f${i}: studies { edges { cursor } }`).join(' ')} }`,
  ],
  ['50 directives', `{ me { name ${'@include(if: true) '.repeat(50)} } }`],
  ['10,000 tokens', `{ me { ${'name '.repeat(10_000)} } }`],
  ['100 studies of 100 sites, said in the query', sitesInSites('(first: 100)')],
  ['100 studies of 100 sites, said in a variable', `query ($n: Int!) ${sitesInSites('(first: $n)')}`, { n: 100 }],
  ['a subscription', 'subscription { studyChanged(studyId: "x") { what } }'],
  ['a field that does not exist', '{ studies { edges { node { secret } } } }'],
  ['no query at all', '}{'],
];

function deepFragments(depth: number): string {
  const fragments = Array.from(
    { length: depth },
    (_, level) => `fragment f${level} on StudyConnection { pageInfo { endCursor } ...f${level + 1} }`,
  );
  const last = `fragment f${depth} on StudyConnection { edges { node { sites { ${nested(12)} } } } }`;
  return `{ studies { ...f0 } } ${fragments.join(' ')} ${last}`;
}

describe('the gate before GraphQL', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await openTestHub({ isProduction: true });
  });
  afterAll(() => hub.close());

  const post = (body: unknown, headers: Record<string, string> = {}, path = '/graphql') =>
    fetch(`${hub.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.tokens.coordinator}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  it.each(ATTACKS)('refuses %s, with a code', async (_name, query, variables = {}) => {
    const response = await post({ query, variables });
    expect(response.status).toBe(400);
    const { errors, data } = (await response.json()) as { errors: { extensions: { code: string } }[]; data?: unknown };
    expect(data).toBeUndefined();
    expect(errors[0].extensions.code).toMatch(/^(GRAPHQL_|QUERY_REFUSED)/);
  });

  it('answers a modest query, so that the refusals above are not for nothing', async () => {
    const { status, error } = await hub.query(sitesInSites('(first: 20)'));
    expect({ status, error }).toEqual({ status: 200, error: undefined });
  });

  it('tells nothing of its schema in production, neither by introspection nor by suggestions', async () => {
    expect((await post({ query: '{ __schema { types { name } } }' })).status).toBe(400);
    expect(await (await post({ query: '{ studie { edges { cursor } } }' })).text()).not.toContain('studies');
  });

  it('refuses batches, GET without a header, and bodies beyond 2 MB', async () => {
    expect((await post([{ query: '{ me { name } }' }, { query: '{ me { name } }' }])).status).toBe(400);
    expect((await fetch(`${hub.url}/graphql?query=${encodeURIComponent('{ me { name } }')}`)).status).toBe(400);
    const large = await post({ query: '{ me { name } }', variables: { text: 'x'.repeat(2 ** 21) } });
    expect([large.status, await large.json()]).toMatchObject([413, { code: 'BODY_TOO_LARGE' }]);
    expect((await post('{ "query": ')).status).toBe(400);
  });

  it.each(ATTACKS.slice(0, 7))('refuses %s at /events too', async (_name, query) => {
    const asSubscription = query.startsWith('{') ? `subscription ${query}` : query;
    const response = await post({ query: asSubscription }, { accept: 'text/event-stream' }, '/events');
    expect(response.status).toBe(400);
  });

  it('answers an error nobody foresaw with a sentence, and logs it without what it said', async () => {
    const find = jest.spyOn(hub.database.client.study, 'findUnique').mockImplementation(() => {
      throw new Error('patient Smith');
    });
    const { error } = await hub.query('{ study(id: "x") { id } }');
    find.mockRestore();
    expect(error).toMatchObject({ code: 'INTERNAL_ERROR', what: 'the hub failed' });
    expect(hub.logLines.join('')).toContain('graphql.failed');
    expect(hub.logLines.join('')).not.toContain('Smith');
  });
});

describe('the schema', () => {
  it('is the one that is committed', async () => {
    const { GraphQLSchemaHost } = await import('@nestjs/graphql');
    const { lexicographicSortSchema, printSchema } = await import('graphql');
    const hub = await openTestHub();
    const printed = `${printSchema(lexicographicSortSchema(hub.app.get(GraphQLSchemaHost).schema))}\n`;
    await hub.close();
    if (process.env.CONCORD_WRITE_SCHEMA) writeFileSync(SCHEMA_FILE, printed);
    // When it differs: look at the difference, then run this test with CONCORD_WRITE_SCHEMA=1 and commit the file.
    expect(printed).toBe(existsSync(SCHEMA_FILE) ? readFileSync(SCHEMA_FILE, 'utf8') : '');
  });
});

describe('what the hub serves beside GraphQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'concord-web-'));
  let hub: TestHub;
  beforeAll(async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<title>Concord</title>');
    writeFileSync(join(folder, 'assets', 'app.js'), '1');
    hub = await openTestHub({ webFolder: folder });
  });
  afterAll(async () => {
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  const get = (path: string, accept = 'text/html') => fetch(`${hub.url}${path}`, { headers: { accept } });

  it('serves the page at every path of its own, under a policy that loads nothing from elsewhere', async () => {
    for (const path of ['/', '/studies/trial']) {
      const response = await get(path);
      expect(await response.text()).toContain('Concord');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(response.headers.get('cache-control')).toBe('no-cache');
    }
    expect((await get('/assets/app.js')).headers.get('cache-control')).toContain('immutable');
  });

  it('answers what is not there with 404 and a code, not with the page', async () => {
    expect(await (await get('/agent/v1/nothing')).json()).toMatchObject({ code: 'NOT_FOUND' });
    expect((await get('/assets/absent.js', 'text/javascript')).status).toBe(404);
  });

  it('says whether it lives and is ready, and counts', async () => {
    expect(await (await get('/health')).json()).toEqual({ status: 'ok' });
    expect(await (await get('/ready')).json()).toEqual({ database: true, objects: true });
    const check = jest.spyOn(hub.objects, 'check').mockRejectedValueOnce(new Error('gone'));
    const response = await get('/ready');
    expect([response.status, await response.json()]).toEqual([503, { database: true, objects: false }]);
    check.mockRestore();
    await get('/objects/x', 'application/json');
    const text = await (await get('/metrics')).text();
    expect(text).toContain('concord_requests_total{surface="ready",status="5xx"} 1');
    expect(text).toContain('concord_refused_total{code="UNAUTHENTICATED"} 1');
    expect(text).toContain('# TYPE concord_steps gauge');
  });
});
