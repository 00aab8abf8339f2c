import { readFileSync, statSync } from 'node:fs';
import { join as joinPath } from 'node:path';

import { sha256 } from '@concord/contracts';
import { tableToArrow, tableToCsv, textValues } from '@concord/tables';

import type { Agent } from './agent.js';
import { FakeHub } from './fake-hub.js';
import { firstBrokenEntry } from './store/ledger.js';
import { pass, PROTOCOL, statesOf, TestSite } from './test-agent.js';

let hub: FakeHub;
let site: TestSite;

beforeEach(async () => {
  hub = new FakeHub(PROTOCOL);
  site = new TestSite();
  await hub.start();
});

afterEach(async () => {
  site.close();
  await hub.stop();
});

function chunkBytes(agent: Agent): number {
  const sent = agent.ledger.entries().filter(({ action }) => action === 'sent');
  return sent.reduce((sum, { details }) => sum + (details['byteCount'] as number), 0);
}

describe('joining', () => {
  it('keeps keys to the owner and refuses a second use of the token with the hub’s own code', async () => {
    await site.join(hub);
    for (const file of ['site.json', 'site-key.json', 'agent.sqlite']) {
      expect(statSync(joinPath(site.dataFolder, file)).mode & 0o077).toBe(0);
    }
    await expect(site.join(hub)).rejects.toMatchObject({ code: 'ALREADY_JOINED' });
    await expect(site.join(hub, joinPath(site.folder, 'second'))).rejects.toMatchObject({ code: 'TOKEN_USED' });
    await expect(site.join(hub, joinPath(site.folder, 'third'), 'nonsense')).rejects.toMatchObject({
      code: 'TOKEN_UNKNOWN',
    });
  });

  it('does not believe a hub that cannot sign with the key of the token', async () => {
    hub.areRepliesSigned = false;
    await expect(site.join(hub)).rejects.toMatchObject({ code: 'HUB_REPLY_UNSIGNED' });
  });
});

describe('a site under the rule automatic', () => {
  beforeEach(async () => {
    site.writeTable(12);
    await site.join(hub);
  });

  it('sends the table of the protocol, rows by pseudonym, and then the outcomes of the same patients', async () => {
    const agent = site.agent();
    expect(await pass(agent)).toBeNull();
    expect(hub.arrivals.map(({ header }) => [header.kind, header.sequence, header.rowCount])).toEqual([
      ['features', 1, 12],
      ['outcomes', 2, 12],
    ]);
    const [features, outcomes] = hub.arrivals.map(({ table }) => table);
    expect(features.columns.map(({ name }) => name)).toEqual(['pseudonym', 'manufacturer', 'stat_mean', 'stat_var']);
    expect(outcomes.columns.map(({ name }) => name)).toEqual(['pseudonym', 'mvi', 'months']);
    const names = textValues(features, 'pseudonym');
    expect([...names].sort()).toEqual(names);
    expect(textValues(outcomes, 'pseudonym')).toEqual(names);
    // Row k of the file has mean k/7 and months k+1: features and outcomes of a patient stay together, unrounded.
    const means = features.columns[2].values as Float64Array;
    const months = outcomes.columns[2].values as Float64Array;
    expect([...months].map((month) => (month - 1) / 7)).toEqual([...means]);
    expect(statesOf(agent)).toEqual(['features acknowledged', 'outcomes acknowledged']);
  });

  it('writes a ledger whose chain holds and whose bytes are those the hub saw', async () => {
    const agent = site.agent();
    await pass(agent);
    const entries = agent.ledger.entries();
    expect(firstBrokenEntry(entries)).toBe(-1);
    const once = ['prepared', 'approved', 'sealed', 'sent', 'acknowledged'];
    expect(entries.map(({ action }) => action)).toEqual(['joined', 'protocol accepted', ...once, ...once]);
    const seen = (test: (path: string) => boolean): number =>
      hub.seen.filter(({ path }) => test(path)).reduce((sum, { byteCount }) => sum + byteCount, 0);
    const counted = Object.fromEntries(agent.traffic.rows().map(({ kind, byteCount }) => [kind, byteCount]));
    expect(counted).toEqual({
      join: seen((path) => path === 'join'),
      status: seen((path) => path === 'status'),
      chunk: seen((path) => path.startsWith('uploads/')),
      poll: 0,
      message: 0,
    });
    expect(chunkBytes(agent)).toBe(counted['chunk']);
    const requestCount = agent.traffic.rows().reduce((sum, row) => sum + row.requestCount, 0);
    expect(requestCount).toBe(hub.seen.length);
  });

  it('lets no patient id out: not sealed, not in the opened tables, not in logs or ledger', async () => {
    const agent = site.agent();
    await pass(agent);
    const opened = hub.arrivals.map(
      ({ table }) => tableToCsv(table) + Buffer.from(tableToArrow(table)).toString('latin1'),
    );
    const sealed = hub.arrivals.map(({ message }) => Buffer.from(message).toString('latin1'));
    for (const text of [...opened, ...sealed, ...site.logLines, JSON.stringify(agent.ledger.entries())]) {
      expect(text).not.toMatch(/MRN-0000/);
    }
    expect(readFileSync(site.tableFile, 'utf8')).toMatch(/MRN-0000/);
  });

  it('gives the same bytes for the same cases in another order', async () => {
    await pass(site.agent());
    const [first] = hub.arrivals;
    const lines = readFileSync(site.tableFile, 'utf8').trim().split('\n');
    site.writeTable(12, (_, row) => lines[12 - row]);
    const agent = site.agent();
    hub.arrivals = [];
    await pass(agent);
    expect(agent.releases.list()).toHaveLength(2);
    expect(hub.arrivals[0].header.tableDigest).toBe(first.header.tableDigest);
  });

  it('keeps back fewer than ten patients, says why, and sends when there are enough', async () => {
    site.writeTable(9);
    const agent = site.agent();
    expect(await pass(agent)).toBeNull();
    expect(agent.preparation.keptBack('features')).toMatchObject({ code: 'TOO_FEW_ROWS' });
    await pass(agent);
    expect(agent.ledger.entries().filter(({ action }) => action === 'kept back')).toHaveLength(1);
    expect(hub.arrivals).toHaveLength(0);
    site.writeTable(11);
    await pass(agent);
    expect(hub.arrivals[0].header.rowCount).toBe(11);
  });

  it('keeps an outcome column with a wrong value back without repeating it', async () => {
    site.writeTable(12, (line, row) => (row === 3 ? line.replace(/,1,4$/, ',7,4') : line));
    const agent = site.agent();
    await pass(agent);
    expect(agent.preparation.keptBack('outcomes')).toMatchObject({
      code: 'CLINICAL_NOT_USABLE',
      where: 'features.csv',
    });
    expect(statesOf(agent)).toEqual(['features acknowledged']);
  });

  it('refuses rows without a patient and with a patient that occurs twice, and uses the others', async () => {
    site.writeTable(14, (line, row) =>
      row === 0 ? line.replace('MRN-000000', '') : line.replace('MRN-000002', 'MRN-000001'),
    );
    const agent = site.agent();
    await pass(agent);
    const refused = agent.parts.source.cases().filter(({ state }) => state === 'refused');
    expect(refused.map(({ place, problem }) => [place, problem?.code])).toEqual([
      ['row 2', 'CASE_NO_PATIENT'],
      ['row 3', 'CASE_TWICE'],
      ['row 4', 'CASE_TWICE'],
    ]);
    expect(hub.arrivals[0].header.rowCount).toBe(11);
    expect(hub.statuses.at(-1)).toMatchObject({ caseCount: 14, doneCount: 11, refusedCount: 3 });
  });
});

describe('stopped anywhere', () => {
  const stages = ['sealing', 'sealed', 'chunk sent', 'uploaded', 'committed', 'acknowledged'] as const;

  it.each(stages)('at "%s", it goes on: one message a table at the hub, nothing lost', async (stage) => {
    site.writeTable(12);
    await site.join(hub);
    const crashing = site.agent('automatic', (at) => {
      if (at === stage) throw new Error('crash');
    });
    expect(await pass(crashing)).toBe('Error: crash');
    site.crash();
    const agent = site.agent();
    expect(await pass(agent)).toBeNull();
    expect(hub.arrivals.map(({ header }) => header.kind)).toEqual(['features', 'outcomes']);
    expect(statesOf(agent)).toEqual(['features acknowledged', 'outcomes acknowledged']);
    const actions = agent.ledger.entries().map(({ action }) => action);
    expect(actions.filter((action) => action === 'sealed')).toHaveLength(2);
    expect(actions.filter((action) => action === 'acknowledged')).toHaveLength(2);
    expect(firstBrokenEntry(agent.ledger.entries())).toBe(-1);
  });

  it.each(['before', 'after'] as const)(
    'with every first answer lost %s the hub worked, it goes on',
    async (moment) => {
      site.writeTable(12);
      await site.join(hub);
      const lost = new Set<string>();
      hub.onRequest = ({ method, path }, at) => {
        const key = `${method} ${path}`;
        if (at !== moment || path === 'join' || lost.has(key)) return undefined;
        lost.add(key);
        return 'hang up';
      };
      const agent = site.agent();
      const problems: (string | null)[] = [];
      for (let turn = 0; turn < 12; turn++) problems.push(await pass(agent));
      expect(new Set(problems)).toEqual(new Set(['HUB_UNREACHABLE', null]));
      expect(hub.arrivals.map(({ header }) => header.sequence)).toEqual([1, 2]);
      expect(statesOf(agent)).toEqual(['features acknowledged', 'outcomes acknowledged']);
      const bytes = hub.seen.filter(({ path }) => path.startsWith('uploads/')).reduce((sum, r) => sum + r.byteCount, 0);
      expect(chunkBytes(agent)).toBe(bytes);
    },
  );

  it('goes on after the hub was away, and counts no byte that could not leave', async () => {
    site.writeTable(12);
    await site.join(hub);
    await hub.stop();
    const agent = site.agent();
    expect(await pass(agent)).toBe('HUB_UNREACHABLE');
    expect(agent.connection.problem?.code).toBe('HUB_UNREACHABLE');
    expect(agent.traffic.rows().find(({ kind }) => kind === 'poll')?.requestCount).toBe(0);
    await hub.start();
    expect(await pass(agent)).toBeNull();
    expect(hub.arrivals).toHaveLength(2);
  });

  it('resumes an upload in the middle of a message of several chunks', async () => {
    const features = Array.from({ length: 400 }, (_, index) => `f${index}`);
    hub.protocol = { ...PROTOCOL, features, acquisition: [] };
    const lines = [['patient_id', ...features, 'mvi', 'months'].join(',')];
    for (let row = 0; row < 400; row++) {
      lines.push([`MRN-${row}`, ...features.map((_, f) => row + f / 401), row % 2, row].join(','));
    }
    site.writeTable(399, (_, row) => lines[row + 1]);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(site.tableFile, lines.join('\n'));
    await site.join(hub);
    let chunks = 0;
    const crashing = site.agent('automatic', (at) => {
      if (at === 'chunk sent' && ++chunks === 1) throw new Error('crash');
    });
    await pass(crashing);
    site.crash();
    await pass(site.agent());
    const [message] = hub.arrivals;
    expect(message.message.length).toBeGreaterThan(1 << 20);
    const first = hub.seen.filter(({ method, path }) => method === 'PUT' && path.endsWith(sha256(message.message)));
    expect(first.map(({ byteCount }) => byteCount)).toEqual([1 << 20, message.message.length - (1 << 20)]);
  });

  it('sends the kept message again when the hub has lost it, and a new one when its number is taken', async () => {
    site.writeTable(12);
    await site.join(hub);
    const agent = site.agent();
    await pass(agent);
    const [features, outcomes] = hub.arrivals;
    hub.arrivals = [features];
    hub.uploads.clear();
    await pass(agent);
    expect(Buffer.from(hub.arrivals[1].message).equals(outcomes.message)).toBe(true);
    // Somebody else's table sits at number 2 now: the same table goes out under number 3.
    hub.arrivals = [features, { ...features, header: { ...features.header, sequence: 2 } }];
    for (let turn = 0; turn < 3; turn++) await pass(agent);
    expect(hub.arrivals.at(-1)?.header).toMatchObject({ kind: 'outcomes', sequence: 3 });
    expect(statesOf(agent)).toEqual(['features acknowledged', 'outcomes acknowledged']);
  });

  it('jumps over request numbers the hub has seen, after a restore from an old copy', async () => {
    site.writeTable(12);
    await site.join(hub);
    hub.counter = 2500;
    const agent = site.agent();
    const problems = [await pass(agent), await pass(agent), await pass(agent), await pass(agent)];
    expect(problems).toEqual(['REQUEST_REPLAYED', 'REQUEST_REPLAYED', 'REQUEST_REPLAYED', null]);
    expect(hub.arrivals).toHaveLength(2);
  });
});

describe('a site under the rule hold', () => {
  beforeEach(async () => {
    site.writeTable(12);
    await site.join(hub);
  });

  it('lets nothing out before a person said yes, and nothing at all after a no', async () => {
    const agent = site.agent('hold');
    await pass(agent);
    expect(statesOf(agent)).toEqual(['features held']);
    expect(hub.statuses.at(-1)?.phase).toBe('holding');
    expect(hub.seen.filter(({ path }) => path.startsWith('uploads'))).toHaveLength(0);
    agent.decisions.refuse(1, 'Dr Test', 'the ethics vote is missing');
    await pass(agent);
    expect(statesOf(agent)).toEqual(['features refused']);
    expect(() => agent.decisions.approve(1, 'Dr Test')).toThrow('does not wait');
    // Only other cases bring it back to the desk.
    site.writeTable(20);
    await pass(agent);
    expect(statesOf(agent)).toEqual(['features refused', 'features held']);
    agent.decisions.approve(2, 'Dr Test');
    await pass(agent);
    expect(hub.arrivals[0].header.rowCount).toBe(20);
    expect(agent.ledger.latest('approved')?.details).toMatchObject({ by: 'Dr Test' });
  });

  it('puts a new table on the desk when the cases change, and does not take a decision on the old one', async () => {
    const agent = site.agent('hold');
    await pass(agent);
    const seen = agent.releases.get(1).tableDigest;
    site.writeTable(13);
    await pass(agent);
    expect(statesOf(agent)).toEqual(['features superseded', 'features held']);
    expect(() => agent.decisions.approve(2, 'Dr Test', seen)).toThrow('not the one you looked at');
  });

  it('does not send bytes that were changed after they were approved', async () => {
    const agent = site.agent('hold');
    await pass(agent);
    agent.decisions.approve(1, 'Dr Test');
    const bytes = Uint8Array.from(agent.releases.tableBytes(1));
    const mean = Buffer.alloc(8);
    mean.writeDoubleLE(3 / 7);
    bytes[Buffer.from(bytes).indexOf(mean)] ^= 1;
    agent.parts.database.prepare('UPDATE releases SET tableBytes = ? WHERE id = 1').run(bytes);
    expect(await pass(agent)).toBe('RELEASE_CHANGED');
    expect(hub.arrivals).toHaveLength(0);
  });

  it('withdraws what is undecided when the study is finished', async () => {
    const agent = site.agent('hold');
    await pass(agent);
    hub.isFinished = true;
    await pass(agent);
    expect(statesOf(agent)).toEqual(['features withdrawn']);
  });
});

describe('the ledger', () => {
  it('cannot be changed through the database, and shows when the file was', async () => {
    site.writeTable(12);
    await site.join(hub);
    const agent = site.agent();
    await pass(agent);
    const { database } = agent.parts;
    expect(() => database.exec("UPDATE ledger SET details = '{}' WHERE sequence = 3")).toThrow('only grows');
    expect(() => database.exec('DELETE FROM ledger WHERE sequence = 3')).toThrow('only grows');
    database.exec("DROP TRIGGER ledgerKeeps; UPDATE ledger SET details = '{}' WHERE sequence = 3");
    expect(firstBrokenEntry(agent.ledger.entries())).toBe(2);
  });
});
