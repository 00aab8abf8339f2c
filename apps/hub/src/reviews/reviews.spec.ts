import { jest } from '@jest/globals';

import { digestOf, sha256, type AuditRecord, type BundleManifest, type StudyProtocol } from '@concord/contracts';
import { rqs1, type StudyAssessment, type StudyFacts } from '@concord/rqs';
import { tableToArrow } from '@concord/tables';

import { AuditService } from '../audit/audit.service.js';
import { AuthService } from '../auth/auth.service.js';
import { testDatabaseKinds } from '../database/test-database.js';
import { InlineStepPool, StepPool, type PooledTask } from '../runs/step.pool.js';
import type { StepResult } from '../runs/step.task.js';
import { openTestHub, type TestHub } from '../test-hub.js';
import { finishStudy } from '../test-run.js';
import { featureTable, siteData, smallProtocol } from '../test-study.js';
import { currentQuality } from './quality.service.js';

jest.setTimeout(120_000);

interface Item {
  readonly id: string;
  readonly number: number;
  readonly points: number;
  readonly frozenPoints: number;
  readonly state: string;
  readonly reason: string;
  readonly stale: string[];
  readonly evidence: {
    kind: string;
    digest: string;
    origin: string;
    site: string | null;
    signature: string | null;
    at: string;
  }[];
}
interface Quality {
  readonly total: number;
  readonly frozenTotal: number;
  readonly isStale: boolean;
  readonly hardStops: string[];
  readonly items: Item[];
  readonly statements: { id: string; standing: string; signer: string; reviews: { reviewer: string }[] }[];
  readonly objections: { id: string; item: string }[];
  readonly assessment: StudyAssessment;
}

const QUALITY = `quality { total frozenTotal isStale hardStops assessment
  items { id number points frozenPoints state reason stale evidence { kind digest origin site signature at } }
  statements { id standing signer reviews { reviewer } } objections { id item } withdrawals { digest by reason } }`;

const BLIND = `blindScores { scheme sealedBy agreement { reviewers totals studyCount icc { value reason }
  items { id number points kappa { value observed subjectCount reason } } } }`;

const PEOPLE = {
  author: ['coordinator', 'Ada Author', 'Alder University Hospital'],
  colleague: ['reviewer', 'Carl Colleague', 'Alder University Hospital'],
  ruth: ['reviewer', 'Ruth Reviewer', 'Birch University Hospital'],
  rolf: ['reviewer', 'Rolf Reviewer', 'Cedar University Hospital'],
} as const;
type Person = keyof typeof PEOPLE;

const STATED = { item: 'rqs1.15', option: 'yes', statement: 'The cost of the test is set out in the attached report.' };
const WHY = 'I read the attached report and checked its sums.';

describe.each(testDatabaseKinds(process.env.CONCORD_TEST_DATABASE_URL))(
  'statements and reviews on $name',
  ({ open }) => {
    let hub: TestHub;
    let tokens: Record<Person | 'twin', string>;
    let protocol: StudyProtocol;

    beforeAll(async () => {
      hub = await openTestHub({ open });
      protocol = smallProtocol({ studyId: 'reviewed', leakAuditReplicates: 3 });
      await finishStudy(hub, protocol);
      const issue = `mutation ($role: PersonRole!, $name: String!, $institution: String!) {
      issueToken(role: $role, name: $name, institution: $institution) }`;
      const entries = await Promise.all(
        Object.entries(PEOPLE).map(async ([key, [role, name, institution]]) => {
          const { data } = await hub.query<{ issueToken: string }>(issue, { role, name, institution });
          return [key, data.issueToken] as const;
        }),
      );
      // One person who holds both kinds of token.
      const twin = await hub.app.get(AuthService).issue('reviewer', PEOPLE.author[1], PEOPLE.author[2]);
      tokens = { ...(Object.fromEntries(entries) as Record<Person, string>), twin };
    });
    afterAll(() => hub.close());

    const log = () => hub.app.get(AuditService).list('reviewed');
    const tokenOf = (who: Person | 'twin' | 'first' | 'firstReviewer') =>
      who === 'first' ? hub.tokens.coordinator : who === 'firstReviewer' ? hub.tokens.reviewer : tokens[who];

    async function quality(policy = 'strict', studyId = 'reviewed'): Promise<Quality> {
      const query = `{ study(id: "${studyId}") { ${QUALITY.replace('quality', `quality(policy: ${policy})`)} } }`;
      const { data, error } = await hub.query<{ study: { quality: Quality } }>(query);
      expect(error).toBeUndefined();
      return data.study.quality;
    }
    const item = async (number: number) => (await quality()).items[number - 1];

    /** Calls a mutation on the study. */
    function call(
      who: Parameters<typeof tokenOf>[0],
      name: string,
      args: Record<string, unknown>,
      types: string,
      studyId = 'reviewed',
    ) {
      const pass = Object.keys(args).map((key) => `${key}: $${key}`);
      const query = `mutation (${types}) { ${name}(studyId: "${studyId}", ${pass.join(', ')}) { id } }`;
      return hub.query(query, args, tokenOf(who));
    }
    const state = (who: Parameters<typeof tokenOf>[0], input: object = STATED, studyId = 'reviewed') =>
      call(who, 'stateClaim', { input }, '$input: StatementInput!', studyId);
    const review = (who: Parameters<typeof tokenOf>[0], claimId: string, verdict = 'accept', reason = WHY) =>
      call(who, 'reviewClaim', { claimId, verdict, reason }, '$claimId: ID!, $verdict: Verdict!, $reason: String!');
    const withdrawClaim = (who: Parameters<typeof tokenOf>[0], claimId: string) =>
      call(who, 'withdrawClaim', { claimId, reason: 'The report had an error.' }, '$claimId: ID!, $reason: String!');
    const contest = (who: Parameters<typeof tokenOf>[0], id: string, reason = 'The figure does not show this.') =>
      call(who, 'contestItem', { item: id, reason }, '$item: ID!, $reason: String!');
    const lift = (who: Parameters<typeof tokenOf>[0], objectionId: string) =>
      call(
        who,
        'liftObjection',
        { objectionId, reason: 'The author sent the figure.' },
        '$objectionId: ID!, $reason: String!',
      );
    const withdrawEvidence = (who: Parameters<typeof tokenOf>[0], digest: string) =>
      call(
        who,
        'withdrawEvidence',
        { digest, reason: 'The site withdrew its consent.' },
        '$digest: String!, $reason: String!',
      );
    const seal = (who: Parameters<typeof tokenOf>[0], options: unknown, scheme = 'rqs1') =>
      call(who, 'sealScore', { scheme, options }, '$scheme: String!, $options: JSON!');

    async function expectRefusal(code: string, attempt: () => ReturnType<typeof call>): Promise<void> {
      const before = await log();
      const { error } = await attempt();
      expect(error).toMatchObject({
        code,
        what: expect.any(String),
        where: expect.any(String),
        fix: expect.any(String),
      });
      expect(await log()).toEqual(before);
      expect(await hub.database.client.sealedScore.count()).toBe(0);
    }

    it('earn nothing while they wait, their points once another person accepted them, and nothing once withdrawn', async () => {
      const start = await quality();
      expect(await item(15)).toMatchObject({ points: 0, state: 'NOT_MET' });
      const document = Buffer.from('Health-economic report');
      const attachmentDigest = sha256(document);
      const put = (token: string, to = attachmentDigest) =>
        fetch(`${hub.url}/objects/${to}`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${token}` },
          body: document,
        });
      expect((await put(tokens.ruth)).status).toBe(403);
      expect((await put(tokens.author, sha256('other'))).status).toBe(422);
      await expectRefusal('OBJECT_MISSING', () => state('author', { ...STATED, attachmentDigest }));
      expect((await put(tokens.author)).status).toBe(204);
      expect((await state('author', { ...STATED, attachmentDigest })).error).toBeUndefined();
      expect(await item(15)).toMatchObject({ points: 0, state: 'CLAIMED' });
      expect((await review('ruth', 'statement-1')).error).toBeUndefined();
      expect(await item(15)).toMatchObject({
        points: 1,
        state: 'PROVEN',
        reason: expect.stringContaining('Ruth Reviewer'),
      });
      expect((await quality()).total).toBe(start.total + 1);
      expect(
        (await review('rolf', 'statement-1', 'contest', 'The sums in table 2 do not add up.')).error,
      ).toBeUndefined();
      expect(await item(15)).toMatchObject({ points: 0, state: 'CONTESTED' });
      expect((await review('rolf', 'statement-1', 'accept', 'The author corrected table 2.')).error).toBeUndefined();
      expect(await item(15)).toMatchObject({ points: 1 });
      expect((await withdrawClaim('author', 'statement-1')).error).toBeUndefined();
      expect(await item(15)).toMatchObject({ points: 0, state: 'NOT_MET' });
      expect((await quality()).statements[0]).toMatchObject({ standing: 'withdrawn', signer: 'Ada Author' });
    });

    it('are refused to whoever may not make them, with a code, and nothing is written', async () => {
      expect((await state('author')).error).toBeUndefined(); // statement-2
      const twelve = { ...STATED, item: 'rqs1.12', option: 'one-external' };
      expect((await state('author', twelve)).error).toBeUndefined(); // statement-3
      await expectRefusal('FORBIDDEN', () => state('ruth'));
      await expectRefusal('INSTITUTION_UNKNOWN', () => state('first'));
      await expectRefusal('INPUT_INVALID', () => state('author', { ...STATED, item: 'rqs1.99' }));
      await expectRefusal('INPUT_INVALID', () => state('author', { ...STATED, option: 'perhaps' }));
      await expectRefusal('INPUT_INVALID', () => state('author', { ...STATED, statement: 'Yes.' }));
      await expectRefusal('STUDY_UNKNOWN', () => state('author', STATED, 'absent'));
      await expectRefusal('FORBIDDEN', () => review('author', 'statement-2'));
      await expectRefusal('CLAIM_OWN', () => review('twin', 'statement-2'));
      await expectRefusal('CLAIM_INSTITUTION', () => review('colleague', 'statement-3'));
      await expectRefusal('INSTITUTION_UNKNOWN', () => review('firstReviewer', 'statement-2'));
      await expectRefusal('CLAIM_UNKNOWN', () => review('ruth', 'statement-9'));
      await expectRefusal('CLAIM_WITHDRAWN', () => review('ruth', 'statement-1'));
      await expectRefusal('INPUT_INVALID', () => review('ruth', 'statement-2', 'accept', 'ok'));
      await expectRefusal('FORBIDDEN', () => withdrawClaim('ruth', 'statement-2'));
      await expectRefusal('FORBIDDEN', () => withdrawClaim('first', 'statement-2'));
      await expectRefusal('FORBIDDEN', () => contest('author', 'rqs1.05'));
      await expectRefusal('INPUT_INVALID', () => contest('ruth', 'rqs1.5'));
      await expectRefusal('CONTEST_UNKNOWN', () => lift('ruth', 'objection-9'));
      await expectRefusal('FORBIDDEN', () => withdrawEvidence('ruth', sha256('any')));
      await expectRefusal('EVIDENCE_UNKNOWN', () => withdrawEvidence('author', sha256('any')));
      // Same institution may review what is no validation at other institutions; another one may review that.
      expect((await review('colleague', 'statement-2')).error).toBeUndefined();
      expect((await review('rolf', 'statement-3')).error).toBeUndefined();
    });

    it('let a reviewer take an item’s points by an objection, and only him give them back', async () => {
      const { points } = await item(5);
      expect(points).toBe(3);
      expect((await contest('ruth', 'rqs1.05')).error).toBeUndefined();
      expect(await item(5)).toMatchObject({ points: -3, state: 'CONTESTED' });
      await expectRefusal('FORBIDDEN', () => lift('rolf', 'objection-1'));
      expect((await lift('ruth', 'objection-1')).error).toBeUndefined();
      expect(await item(5)).toMatchObject({ points: 3, state: 'PROVEN' });
    });

    it('keep blind scores sealed until both reviewers have scored, and then show how far they agree', async () => {
      const lowest = Object.fromEntries(
        rqs1.items.map(({ id, selection, options }) => [id, selection === 'multi' ? [] : [options[0].id]]),
      );
      const blind = async () =>
        (
          await hub.query<{
            study: {
              blindScores: {
                sealedBy: string[];
                agreement: null | {
                  totals: number[];
                  items: { id: string; points: number[]; kappa: object }[];
                  icc: object;
                };
              };
            };
          }>(`{ study(id: "reviewed") { ${BLIND} } }`, {}, tokens.rolf)
        ).data.study.blindScores;
      await expectRefusal('FORBIDDEN', () => seal('author', lowest));
      await expectRefusal('CLAIM_OWN', () => seal('twin', lowest));
      await expectRefusal('INPUT_INVALID', () => seal('ruth', ['yes']));
      await expectRefusal('ILLEGAL_OPTION', () => seal('ruth', { ...lowest, 'rqs1.05': ['none-of-these'] }));
      expect((await seal('ruth', lowest)).error).toBeUndefined();
      expect(await blind()).toMatchObject({ sealedBy: ['Ruth Reviewer'], agreement: null });
      expect(JSON.stringify(await log())).not.toContain('none-of-these');
      const sealed = (await log()).at(-1)!;
      expect(Object.keys(sealed.details).sort()).toEqual(['digest', 'institution']);
      expect((await seal('ruth', lowest)).error).toMatchObject({ code: 'SCORE_SEALED' });
      const other = { ...lowest, 'rqs1.08': ['yes'] };
      expect((await seal('rolf', other)).error).toBeUndefined();
      const { sealedBy, agreement } = await blind();
      expect(sealedBy).toEqual([]);
      expect(agreement?.totals[1]).toBe((agreement?.totals[0] ?? NaN) + 1);
      expect(agreement?.items.filter(({ points }) => points[0] !== points[1]).map(({ id }) => id)).toEqual(['rqs1.08']);
      expect(agreement?.icc).toMatchObject({ value: null, reason: expect.stringContaining('3 studies') });
      await expectRefusal('SCORES_OPENED', () => seal('colleague', lowest));
      const opened = (await log()).at(-1)!.details['scores'] as { options: object; salt: string; digest: string }[];
      const digests = (await log())
        .filter(({ action }) => action === 'scores.sealed')
        .map(({ details }) => details['digest']);
      expect(opened.map(({ options, salt }) => digestOf({ options, salt }))).toEqual(digests);
    });

    it('are the same when the audit log of the bundle is replayed by a stranger', async () => {
      const response = await fetch(`${hub.url}/studies/reviewed/bundle`, {
        headers: { authorization: `Bearer ${tokens.ruth}` },
      });
      const bundle = (await response.json()) as BundleManifest;
      const assess = bundle.steps.find(({ name }) => name === 'assess')!;
      const read = async <T>(digest: string) =>
        JSON.parse(Buffer.from(await hub.objects.get(digest)).toString('utf8')) as T;
      const [facts, frozen] = [
        await read<StudyFacts>(assess.outputs['facts']),
        await read<StudyAssessment>(assess.outputs['assessment']),
      ];
      const { today, history } = currentQuality(facts, frozen, bundle.audit, bundle.steps);
      const shown = await quality();
      expect(today).toEqual(shown.assessment);
      expect(history.claims.map(({ id, reviews }) => [id, reviews.map(({ reviewer }) => reviewer)])).toEqual(
        shown.statements.map(({ id, reviews }) => [id, reviews.map(({ reviewer }) => reviewer)]),
      );
      expect(history.claims.flatMap(({ reviews }) => reviews)).toHaveLength(5);
      // It is the log that says so: without its last review, the score is another one.
      const cut = (drop: (entry: AuditRecord) => boolean) => bundle.audit.filter((entry) => !drop(entry));
      const without = currentQuality(
        facts,
        frozen,
        cut(({ action }) => action === 'claim.reviewed'),
        bundle.steps,
      );
      expect(without.today.strict.total).toBeLessThan(today.strict.total);
    });

    it('lose their ground at once when a record is withdrawn, and the score says what changed', async () => {
      const before = await quality();
      expect(before).toMatchObject({ isStale: false, hardStops: [] });
      const release = before.items.flatMap(({ evidence }) => evidence).find(({ kind }) => kind === 'validation run')!;
      const { data } = await hub.query<{
        study: { sites: { edges: { node: { code: string; releases: { kind: string; tableDigest: string }[] } }[] } };
      }>(`{ study(id: "reviewed") { sites { edges { node { code releases { kind tableDigest } } } } } }`);
      const site = data.study.sites.edges.find(({ node }) => node.code === 'site-c')!.node;
      const table = site.releases.find(({ kind }) => kind === 'outcomes')!;
      expect((await withdrawEvidence('author', table.tableDigest)).error).toBeUndefined();
      const after = await quality();
      expect(after.isStale).toBe(true);
      expect(after.total).toBeLessThan(before.total);
      const validation = after.items[11];
      expect(validation.evidence.map(({ digest }) => digest)).not.toContain(release.digest);
      expect(after.items[8]).toMatchObject({
        points: 0,
        stale: [expect.stringMatching(/made from a record.*Ada Author: The site withdrew/)],
      });
      expect(after.frozenTotal).toBe(before.frozenTotal);
      await expectRefusal('EVIDENCE_WITHDRAWN', () => withdrawEvidence('author', table.tableDigest));
      // A development table takes model, lock and validation with it.
      const development = data.study.sites.edges.find(({ node }) => node.code === 'site-a')!.node.releases[0];
      expect((await withdrawEvidence('author', development.tableDigest)).error).toBeUndefined();
      const least = await quality();
      expect(least.hardStops).toEqual(['There is no record of the model.']);
      expect(least.total).toBeLessThanOrEqual(after.total);
      expect(least.items[4]).toMatchObject({ points: -3, frozenPoints: 3 });
    });

    it('cannot save a study whose harmonization was fitted with validation rows: items 5, 8, 9, 10, 12 are lost', async () => {
      await finishStudy(hub, smallProtocol({ studyId: 'sound' }));
      await finishStudy(hub, smallProtocol({ studyId: 'leaky' }), new LeakyPool());
      const [sound, leaky] = [await quality('strict', 'sound'), await quality('strict', 'leaky')];
      expect(sound.hardStops).toEqual([]);
      expect(leaky.hardStops).toEqual([expect.stringMatching(/fitted on 90 rows, and the development sites gave 60/)]);
      const lost = leaky.items.filter(({ points }, index) => points < sound.items[index].points);
      expect(lost.map(({ number }) => number)).toEqual([5, 8, 9, 10, 12]);
      for (const { reason } of lost) expect(reason).toMatch(/fitted on 90 rows/);
      // What a reviewer clicks on: when the lock was made, by the hub.
      const lock = sound.items[7].evidence.find(({ kind }) => kind === 'lock');
      expect(lock).toMatchObject({ origin: expect.stringContaining('lock'), site: null });
      expect(Date.parse(lock?.at ?? '')).toBe(hub.clock.now().getTime());
    });
  },
);

/** Slips the rows of the validation site among those of a development site when harmonization is fitted. */
class LeakyPool extends StepPool {
  private readonly honest = new InlineStepPool();

  async compute(task: PooledTask): Promise<StepResult> {
    const result = await this.honest.compute(task);
    if (task.kind !== 'harmonize-development') return result;
    const [own, slipped] = ['site-a', 'site-c'].map((code) => featureTable(code, siteData(code)));
    const columns = own.columns.map((column, index) => {
      const values = [...column.values, ...slipped.columns[index].values];
      return column.kind === 'number'
        ? { ...column, values: Float64Array.from(values as number[]) }
        : { ...column, values: values as string[] };
    });
    const inputs = { ...task.inputs, 'features:site-a': tableToArrow({ rowCount: 60, columns }) };
    const { model } = await this.honest.compute({ ...task, inputs });
    return { ...result, model };
  }
}
