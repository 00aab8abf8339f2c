import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
// The parser is a package of the command line.
const { parse } = createRequire(join(ROOT, 'apps/cli/package.json'))('yaml') as { parse: (text: string) => unknown };

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}

const compose = parse(read('docker-compose.yml')) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const dockerfiles = ['infra/hub.Dockerfile', 'infra/agent.Dockerfile'];

/** Variables that a config.ts reads: written whole, or composed as `CONCORD_S3_${name}`. */
function knownVariables(file: string): Set<string> {
  const source = read(file);
  const names = new Set(
    [...source.matchAll(/['"]((?:CONCORD|NODE|HTTPS|NO)_[A-Z0-9_]+)['"]/g)].map(([, name]) => name),
  );
  for (const [, name] of source.matchAll(/CONCORD_S3_([A-Z_]+)/g)) names.add(`CONCORD_S3_${name}`);
  for (const [, list] of source.matchAll(/names = \[([^\]]+)\]/g)) {
    for (const [, name] of list.matchAll(/'([A-Z_]+)'/g)) names.add(`CONCORD_S3_${name}`);
  }
  return names;
}

const hubKnows = knownVariables('apps/hub/src/config.ts');
const agentKnows = knownVariables('apps/agent/src/config.ts');
const exampleNames = new Set(
  [...read('.env.example').matchAll(/\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)=/g)].map(([, name]) => name),
);

/** `ENV a=b \` continued over lines, as pairs. */
function environmentOf(dockerfile: string): Record<string, string> {
  const joined = read(dockerfile).replace(/\\\n/g, ' ');
  const lines = joined.split('\n').filter((line) => line.startsWith('ENV '));
  return Object.fromEntries(
    lines.flatMap((line) => [...line.matchAll(/([A-Z][A-Z0-9_]*)=(\S+)/g)].map(([, name, value]) => [name, value])),
  );
}

function commandsOf(dockerfile: string): string[][] {
  return [...read(dockerfile).matchAll(/^CMD (\[.*\])$/gm)].map(([, list]) => JSON.parse(list) as string[]);
}

/** The source that `dist/x.js` is built from. */
function sourceOf(script: string): string {
  return script.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
}

describe('docker-compose.yml', () => {
  it('builds from Dockerfiles that exist', () => {
    const built = services.flatMap(([, { build }]) =>
      build === undefined ? [] : [join(build.context, build.dockerfile)],
    );
    expect(built.sort()).toEqual([...dockerfiles].sort());
    for (const file of built) expect(existsSync(join(ROOT, file))).toBe(true);
  });

  it('starts only scripts that are built from a source', () => {
    const own = services.filter(([, { image }]) => image?.startsWith('concord-') === true);
    const commands = own.flatMap(([, { command }]) => (command === undefined ? [] : [[...command]]));
    const started = [...commands, ...dockerfiles.flatMap(commandsOf)].map(([program, script]) => ({ program, script }));
    expect(started.map(({ script }) => script).sort()).toEqual([
      'apps/agent/dist/main.js',
      'apps/hub/dist/main.js',
      'apps/hub/dist/worker.js',
    ]);
    for (const { program, script } of started) {
      expect(program).toBe('node');
      expect(`${script}: ${existsSync(join(ROOT, sourceOf(script)))}`).toBe(`${script}: true`);
    }
  });

  it('sets no variable that the hub, the worker or the agent does not read', () => {
    const unknown = services.flatMap(([name, { environment = {} }]) => {
      const knows = name === 'agent' ? agentKnows : hubKnows;
      const own = Object.keys(environment).filter((variable) => variable.startsWith('CONCORD_'));
      return own.filter((variable) => !knows.has(variable)).map((variable) => `${name}: ${variable}`);
    });
    expect(unknown).toEqual([]);
    for (const name of ['hub', 'worker', 'agent']) {
      expect(Object.keys(compose.services[name]?.environment ?? {}).length).toBeGreaterThan(0);
    }
  });

  it('asks only for variables that .env.example names', () => {
    const asked = [...read('docker-compose.yml').matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !exampleNames.has(name))).toEqual([]);
  });

  it('uses every volume it declares, and declares every named one it uses', () => {
    const used = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const named = [...new Set(used.filter((source) => /^[a-z]/.test(source)))];
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it('waits only for services that have a health check', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const other of Object.keys(depends_on)) {
        const target = compose.services[other];
        const hasCheck = target?.healthcheck?.test !== undefined || target?.build !== undefined;
        expect(`${name} waits for ${other}: ${hasCheck}`).toBe(`${name} waits for ${other}: true`);
      }
    }
  });

  it('opens the hub alone, to this machine alone, on its default port', () => {
    const open = services.flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
    const [, port] = /null\) return (\d+);/.exec(read('apps/hub/src/config.ts')) ?? [];
    expect(port).toBeDefined();
    expect(open).toEqual([`hub 127.0.0.1:${port}:${port}`]);
  });

  it('puts the agent on the host’s network: its page answers on 127.0.0.1 only', () => {
    expect(read('apps/agent/src/page/page-server.ts')).toContain("listen(port, '127.0.0.1'");
    expect(compose.services['agent']?.network_mode).toBe('host');
  });

  it('gives the object store the keys that the hub uses, and no way around them', () => {
    const { environment = {}, command = [], ports } = compose.services['objects'] ?? {};
    const hub = compose.services['hub']?.environment ?? {};
    const bare = (text: string | undefined): string | undefined => /\$\{([A-Z0-9_]+)/.exec(text ?? '')?.[1];
    expect(bare(environment['AWS_ACCESS_KEY_ID'])).toBe('CONCORD_S3_ACCESS_KEY');
    expect(bare(environment['AWS_SECRET_ACCESS_KEY'])).toBe('CONCORD_S3_SECRET_KEY');
    expect(bare(hub['CONCORD_S3_ACCESS_KEY'])).toBe('CONCORD_S3_ACCESS_KEY');
    expect(ports).toBeUndefined();
    const port = command.find((word) => word.startsWith('-s3.port='))?.split('=')[1];
    expect(hub['CONCORD_S3_ENDPOINT']).toBe(`http://objects:${port}`);
  });
});

describe.each(dockerfiles)('%s', (dockerfile) => {
  const knows = dockerfile.includes('hub') ? hubKnows : agentKnows;
  const lines = read(dockerfile).split('\n');

  it('copies only what is in the repository', () => {
    const copies = lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
    const sources = copies.flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
  });

  it('copies everything that the installation reads', () => {
    const text = lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from=')).join('\n');
    const needed = [
      'package.json',
      'package-lock.json',
      '.npmrc',
      'apps',
      'libs',
      'prisma',
      'scripts',
      'tsconfig.base.json',
    ];
    expect(needed.filter((name) => !text.includes(name))).toEqual([]);
    const root = JSON.parse(read('tsconfig.json')) as { references: { path: string }[] };
    const outside = root.references.map(({ path }) => path).filter((path) => !/^(apps|libs)\//.test(path));
    expect(outside.filter((path) => !text.includes(`${path}/tsconfig.json`))).toEqual([]);
  });

  it('sets only variables that its process reads', () => {
    const unknown = Object.keys(environmentOf(dockerfile)).filter((name) => !knows.has(name) && name !== 'NODE_ENV');
    expect(unknown).toEqual([]);
  });

  it('runs as a user without rights, on the oldest Node that works or a newer one', () => {
    expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    const images = lines.filter((line) => line.startsWith('FROM ')).map((line) => Number(/node:(\d+)/.exec(line)?.[1]));
    expect(images.every((major) => major >= 24)).toBe(true);
  });

  it('keeps its data in the volume that its process writes to', () => {
    const environment = environmentOf(dockerfile);
    const folder = environment['CONCORD_HUB_DATA'] ?? environment['CONCORD_AGENT_DATA'];
    expect(lines).toContain(`VOLUME ${folder}`);
    const service = dockerfile.includes('hub') ? 'hub' : 'agent';
    expect(compose.services[service]?.volumes?.some((volume) => volume.split(':')[1] === folder)).toBe(true);
  });

  it('checks its health at an address that answers', () => {
    const url = new URL(/fetch\('([^']+)'\)/.exec(read(dockerfile))?.[1] ?? 'about:blank');
    if (dockerfile.includes('hub')) {
      expect(url.port).toBe(environmentOf(dockerfile)['CONCORD_HUB_PORT']);
      const routes = [...read('apps/hub/src/observe/observe.controller.ts').matchAll(/@Get\('(\w+)'\)/g)];
      expect(routes.map(([, route]) => `/${route}`)).toContain(url.pathname);
    } else {
      const [, port] = /'CONCORD_AGENT_PAGE_PORT', (\d+)/.exec(read('apps/agent/src/config.ts')) ?? [];
      expect(url.port).toBe(port);
      expect(read('apps/agent/src/page/page-server.ts')).toContain(`path === '${url.pathname}'`);
    }
  });
});

describe('.env.example', () => {
  it('names every variable that the hub and the agent read', () => {
    const lowerCaseTwins = ['https_proxy', 'no_proxy'];
    const read = [...hubKnows, ...agentKnows].filter((name) => !lowerCaseTwins.includes(name));
    expect(read.length).toBeGreaterThan(15);
    expect(read.filter((name) => !exampleNames.has(name))).toEqual([]);
  });

  it('holds no value: a secret in it would be everybody’s', () => {
    const set = read('.env.example')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'));
    expect(set).toEqual([]);
  });
});
