// Takes the picture of the README from a report: node docs/images/make.mjs concord-demo/report.html
// Needs Chromium (CHROMIUM, else /usr/bin/chromium).
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

const report = process.argv[2] ?? 'concord-demo/report.html';
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(pathToFileURL(resolve(report)).href);
const { left, right } = await page
  .locator('main')
  .first()
  .evaluate((main) => main.getBoundingClientRect());
await page.screenshot({
  path: new URL('report.png', import.meta.url).pathname,
  clip: { x: left - 24, y: 0, width: right - left + 48, height: 1090 },
  fullPage: true,
});
await browser.close();
