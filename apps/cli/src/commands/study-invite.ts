import type { Command } from 'commander';

import { addHubOptions, connect, type HubFlags } from '../hub/connection.js';
import { inviteSite } from '../hub/study-changes.js';
import { dateWords } from '../hub/words.js';
import type { Cli } from '../lib/cli.js';
import { addHubExamples } from '../lib/command.js';
import { UsageError } from '../lib/errors.js';
import { assertSecretWritable, writeSecretFile } from '../lib/secret-file.js';

interface InviteFlags extends HubFlags {
  readonly name?: string;
  readonly out?: string;
  readonly print?: boolean;
  readonly force?: boolean;
}

/** `concord study invite`: makes the token by which one hospital's agent joins. */
export function configureInvite(parent: Command, cli: Cli): void {
  const command = parent
    .command('invite')
    .description('invite a site; its token is used once and lets one agent join')
    .argument('<study>', 'id of the study')
    .argument('<code>', 'code of the site, as in the protocol')
    .option('--name <name>', 'name of the hospital; else its code')
    .option('--out <file>', 'file for the token, readable by you only; else STUDY-CODE.token')
    .option('--print', 'print the token instead; mind who sees the screen')
    .option('--force', 'replace the file');
  addHubOptions(command).action(async (study: string, code: string, flags: InviteFlags) => {
    if (flags.print && flags.out !== undefined) {
      throw new UsageError('--print and --out exclude each other', 'concord study invite', 'Give one of them.');
    }
    const file = flags.print ? null : (flags.out ?? `${safe(study)}-${safe(code)}.token`);
    if (file !== null) assertSecretWritable(file, flags.force === true); // a token that cannot be kept must not be made
    const offer = await inviteSite(connect(flags, cli), study, code, flags.name ?? code);
    if (file !== null) writeSecretFile(file, `${offer.token}\n`, flags.force === true);
    if (cli.isJson) {
      const { token, expiresAt } = offer;
      cli.printJson({ studyId: study, code, expiresAt, ...(file === null ? { token } : { file }) });
    } else if (file === null) cli.print(offer.token);
    else cli.print(file);
    cli.note(
      `Good until ${dateWords(offer.expiresAt)}, for one agent. Hand it over by a way you trust; there it is typed:`,
    );
    cli.note(`  concord agent join ADDRESS-OF-THIS-HUB --token-file ${file ?? 'FILE'}`);
  });
  addHubExamples(
    command,
    'npx concord study invite my-study site-a --name "Alder University Hospital"',
    'npx concord study invite my-study site-b --out site-b.token',
  );
}

/** Arguments become a name of a file here: no path. */
function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, '_');
}
