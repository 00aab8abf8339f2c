import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { printPdf } from './print-pdf.js';

const isThere = spawnSync('chromium', ['--version']).status === 0;
const onChromium = isThere ? it : it.skip;

describe('printPdf', () => {
  let folder: string;
  let page: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'concord-print-spec-'));
    page = join(folder, 'page.html');
    const two = '<h1>Report</h1><p style="break-before: page">second page</p>';
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><style>@page { size: A4 }</style>${two}`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  onChromium(`prints the pages of a page on A4${isThere ? '' : ' (no Chromium here)'}`, async () => {
    const text = Buffer.from(await printPdf(page)).toString('latin1');
    expect(text.startsWith('%PDF-')).toBe(true);
    expect(text.match(/\/Type\s*\/Page\b/g)).toHaveLength(2);
    // A4 is 595 × 842 points.
    expect(text).toMatch(/\/MediaBox\s*\[0 0 59[45](\.\d+)? 84[12](\.\d+)?\]/);
  });

  it('says so where there is no browser, and where one prints nothing', async () => {
    await expect(printPdf(page, ['no-such-browser'])).rejects.toMatchObject({
      code: 'NOT_PRINTED',
      what: expect.stringContaining('no-such-browser') as string,
    });
    await expect(printPdf(page, ['no-such-browser', 'true'])).rejects.toThrow(/true printed nothing/);
  });
});
