import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

import { jest } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Download, type Page } from 'playwright-core';

import { serveDemo, type ServedDemo } from './served-demo.js';

const CHROMIUM = '/usr/bin/chromium';
const SHOTS = resolve(import.meta.dirname, '../../test-results/web');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PARTS = ['', '/validation', '/scanner-effect', '/quality', '/quality?reading=lenient', '/audit', '/protocol'];
jest.setTimeout(180_000);

const describeInBrowser = existsSync(CHROMIUM) ? describe : describe.skip;

describeInBrowser(`the web page in a browser (skipped without ${CHROMIUM})`, () => {
  let demo: ServedDemo;
  let browser: Browser;
  let problems: string[];
  let study: string;

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    [demo, browser] = await Promise.all([serveDemo(), chromium.launch({ executablePath: CHROMIUM })]);
    study = `/studies/${demo.report.study.id}`;
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });
  beforeEach(() => {
    problems = [];
  });

  /** A page that entered with the token; everything the browser complains about is collected. */
  async function open(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${demo.url}/#token=${demo.token}`);
    await page.waitForSelector('.studies');
    return page;
  }

  async function violations(page: Page, name: string): Promise<string[]> {
    const result = await page.evaluate<AxeResults>('axe.run()');
    expect(result.passes.length).toBeGreaterThan(10); // it did look
    return result.violations.map(({ id, nodes }) => `${name}: ${id} at ${nodes.map((node) => node.html).join(' ')}`);
  }

  const text = async (page: Page, selector: string) => (await page.textContent(selector)) ?? '';

  async function saved(page: Page, button: string): Promise<string> {
    const [download] = await Promise.all<[Download, void]>([
      page.waitForEvent('download'),
      page.click(button),
    ] as never);
    return readFileSync(await download.path(), 'utf8');
  }

  it('keeps the token out of the address, and asks for one where there is none', async () => {
    const page = await open();
    expect(page.url()).toBe(`${demo.url}/`);
    await page.reload();
    await page.waitForSelector('.studies');
    await page.click('text=Sign out');
    await page.fill('input[type=password]', 'wrong-token');
    await page.click('text=Open the studies');
    await page.waitForSelector('text=does not know the token');
    await page.context().close();
    // The browser itself reports nothing here: the hub refuses inside a GraphQL reply.
    expect(problems).toEqual([]);
  });

  it('has no violation, no error and no sideways scroll on any page, wide and narrow, light and dark', async () => {
    const page = await open();
    const found: string[] = [];
    for (const path of ['/studies', ...PARTS.map((part) => `${study}${part}`)]) {
      await page.goto(`${demo.url}${path}`);
      await page.waitForSelector('.studies, .verdict');
      await page.evaluate(AXE);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }); // colours do not glide while they are measured
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 900 });
          await page.waitForFunction('document.querySelector(".skeleton") === null');
          const sideways = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          if (sideways > 0) found.push(`${path} is ${sideways} px wider than ${width}`);
          const name = `${path.replace(/[^a-z-]+/g, '_').replace(/^_/, '')}-${width}-${colorScheme}.png`;
          if ((width === 1280) === (colorScheme === 'light')) found.push(...(await violations(page, name)));
          await page.screenshot({ path: join(SHOTS, name), fullPage: true });
        }
      }
    }
    await page.context().close();
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('shows the numbers of the report', async () => {
    const page = await open();
    const { report } = demo;
    await page.goto(`${demo.url}${study}/validation`);
    const auc = report.validation?.pooled?.auc;
    if (auc?.value == null || auc.interval === null) throw new Error('the demo has no pooled AUC');
    expect(await text(page, '.verdict')).toContain(`AUC ${auc.value.toFixed(2)}`);
    const csv = await saved(page, 'text=CSV of the table Discrimination');
    expect(csv).toContain(`${auc.value} (${auc.interval[0]} to ${auc.interval[1]})`);
    await page.goto(`${demo.url}${study}/scanner-effect`);
    const { before, after } = report.scannerEffect ?? { before: { affectedCount: -1 }, after: { affectedCount: -1 } };
    expect(await text(page, '.verdict')).toMatch(
      new RegExp(`24 features, ${before.affectedCount} .* ${after.affectedCount} after`),
    );
    await page.goto(`${demo.url}${study}/quality`);
    expect(await text(page, '.verdict')).toContain(`${report.rqs?.strict.total} of 36 points`);
    await page.context().close();
    expect(problems).toEqual([]);
  });

  it('hands out the report and the bundle as they are stored', async () => {
    const page = await open();
    await page.goto(`${demo.url}${study}`);
    expect(JSON.parse(await saved(page, 'text=Report (JSON)'))).toEqual(demo.report);
    expect(await saved(page, 'text=Report (HTML)')).toMatch(/^<!doctype html>/);
    const bundle = JSON.parse(await saved(page, 'text=Bundle')) as { format: string; studyId: string };
    expect(bundle).toMatchObject({ format: 'concord.bundle/1', studyId: demo.report.study.id });
    await page.context().close();
    expect(problems).toEqual([]);
  });

  it('tells of a change at once, without a reload', async () => {
    const page = await open();
    await mutate('createStudy(input: { id: "live", title: "A study that begins" }) { id }');
    await page.goto(`${demo.url}/studies/live`);
    await page.waitForSelector('.chip:has-text("live")');
    expect(await text(page, '.verdict')).toContain('no site is invited yet');
    await mutate('inviteSite(studyId: "live", code: "harbour", name: "Harbour Clinic") { expiresAt }');
    // Asking regularly would take 30 s.
    await page.waitForSelector('.site:has-text("Harbour Clinic")', { timeout: 8000 });
    expect(await text(page, '.verdict')).toContain('0 of 1 sites have joined');
    await page.screenshot({ path: join(SHOTS, 'draft-1280.png'), fullPage: true });
    await page.click('text=Invite a site');
    await page.fill('text=Code, such as', 'lakeside');
    await page.fill('text=Name of the hospital', 'Lakeside Hospital');
    await page.click('text=Make a token');
    await page.waitForSelector('.token');
    await page.waitForSelector('.site:has-text("Lakeside Hospital")');
    await page.goto(`${demo.url}/studies/live/validation`);
    await page.waitForSelector('text=The validation is not there yet');
    await page.context().close();
    expect(problems).toEqual([]);
  });

  it('keeps what it read when the hub is away, and says so', async () => {
    const page = await open();
    await page.goto(`${demo.url}${study}`);
    await page.waitForSelector('.facts');
    await page.context().setOffline(true);
    await page.waitForSelector('.kept:has-text("The hub does not answer")', { timeout: 60_000 });
    expect(await page.isVisible('.facts')).toBe(true);
    await page.context().setOffline(false);
    await page.waitForSelector('.kept', { state: 'detached', timeout: 15_000 });
    await page.context().close();
  });

  it('says what to do at an address that leads nowhere', async () => {
    const page = await open();
    await page.goto(`${demo.url}/studies/no-such-study`);
    await page.waitForSelector('text=There is no such study');
    await page.goto(`${demo.url}/nothing/here`);
    await page.waitForSelector('text=There is no page at this address');
    await page.context().close();
    expect(problems).toEqual([]);
  });

  it('is used by keyboard alone', async () => {
    const page = await open();
    await page.goto(`${demo.url}${study}`);
    await page.waitForSelector('.facts');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.textContent')) === 'Quality') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('.items');
    expect(page.url()).toBe(`${demo.url}${study}/quality`);
    await page.context().close();
    expect(problems).toEqual([]);
  });

  async function mutate(mutation: string): Promise<void> {
    const response = await fetch(`${demo.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${demo.token}` },
      body: JSON.stringify({ query: `mutation { ${mutation} }` }),
    });
    const reply = (await response.json()) as { errors?: { message: string }[] };
    expect(reply.errors).toBeUndefined();
  }
});
