import { existsSync } from 'node:fs';

import { addHubOptions, connect, type HubFlags } from '../hub/connection.js';
import { fetchReport } from '../hub/fetch-report.js';
import { addExamples, addHubExamples, type Configure } from '../lib/command.js';
import { FileNotReadableError } from '../lib/errors.js';
import { assertOutputFree, writeOutput } from '../lib/files.js';
import { printPdf } from '../report/print-pdf.js';

interface FetchFlags extends HubFlags {
  readonly out: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  command.description('Fetch the report of a study with all that it stands on.');
  const fetch = command
    .command('fetch')
    .description('fetch report and bundle; every digest and signature is checked as it comes')
    .argument('<study>', 'its id')
    .requiredOption('--out <folder>', 'gets report.html, report.json and bundle/')
    .option('--force', 'replace a report that is there');
  addHubOptions(fetch).action(async (study: string, flags: FetchFlags) => {
    const hub = connect(flags, cli);
    const fetched = await cli.timed('fetching', () =>
      fetchReport(hub, study, flags.out, flags.force === true, (line) => cli.note(line)),
    );
    if (cli.isJson) return cli.printJson(fetched);
    const { objectCount, byteCount, signatureCount, auditEntryCount } = fetched;
    cli.print(`${fetched.html}\n${fetched.report}\n${fetched.bundle}`);
    cli.note(
      `holds: ${objectCount} objects (${byteCount} bytes), ${signatureCount} signatures, ${auditEntryCount} audit entries`,
    );
    cli.note(`Anyone may check it again without an account: concord verify ${fetched.bundle}`);
  });
  const print = command
    .command('print')
    .description('print a report to PDF, on A4, by the Chromium of this machine; needs no hub')
    .argument('<report>', 'report.html as it was fetched')
    .requiredOption('--out <file>', 'gets the PDF')
    .option('--force', 'replace a file that is there')
    .action(async (report: string, flags: { out: string; force?: boolean }) => {
      if (!existsSync(report)) throw new FileNotReadableError('there is no such file', report, 'Check the path.');
      assertOutputFree(flags.out, flags.force === true);
      const bytes = await cli.timed('printing', () => printPdf(report));
      writeOutput(flags.out, bytes, flags.force === true);
      if (cli.isJson) cli.printJson({ pdf: flags.out, byteCount: bytes.length });
      else cli.print(flags.out);
    });
  addExamples(
    print,
    'npx concord report print concord-demo/report.html --out concord-demo/report.pdf',
    'npx concord report print concord-demo/report.html --out concord-demo/report.pdf --json --force',
  );
  const examples = [
    'npx concord report fetch my-study --out my-study-report',
    'npx concord report fetch my-study --out my-study-report --json',
  ] as const;
  addHubExamples(fetch, ...examples);
  addHubExamples(command, ...examples);
};
