import { Option, type Command } from 'commander';
import { stringify } from 'yaml';

import { addHubOptions, connect, type HubFlags } from '../hub/connection.js';
import { writeProtocol } from '../hub/study-changes.js';
import { readProtocol } from '../hub/study-records.js';
import type { Cli } from '../lib/cli.js';
import { addHubExamples } from '../lib/command.js';
import { UsageError } from '../lib/errors.js';
import type { Template } from '../hub/protocol-file.js';

interface ProtocolFlags extends HubFlags {
  readonly file?: string;
  readonly template?: Template;
  readonly check?: boolean;
}

/** `concord study protocol`: writes, shows or checks a protocol, or prints one to start from. */
export function configureProtocol(parent: Command, cli: Cli): void {
  const command = parent
    .command('protocol')
    .description('write the protocol of a draft; without --file show the one that stands')
    .argument('[study]', 'its id; else the studyId of the file')
    .option('--file <file>', 'the protocol, YAML or JSON')
    .option('--check', 'only check the file, without a hub')
    .addOption(new Option('--template <kind>', 'print one to start from').choices(['images', 'table']));
  addHubOptions(command).action(async (study: string | undefined, flags: ProtocolFlags) => {
    // Its modules read settings of extraction: loaded for this command only.
    const { readProtocolFile, templateProtocol, templateText } = await import('../hub/protocol-file.js');
    if (flags.template !== undefined) {
      if (cli.isJson) cli.printJson(templateProtocol(flags.template));
      else cli.print(templateText(flags.template));
    } else if (flags.file === undefined) {
      await show(study, flags, cli);
    } else {
      const protocol = readProtocolFile(flags.file);
      if (flags.check) {
        if (cli.isJson) cli.printJson({ studyId: protocol.studyId, holds: true });
        else cli.print(`holds: ${protocol.features.length} features, ${protocol.sites.length} sites`);
        return;
      }
      const written = await writeProtocol(connect(flags, cli), study ?? protocol.studyId, protocol);
      if (cli.isJson) cli.printJson(written);
      else cli.print(`the protocol of ${written.id} is written, version ${written.version}`);
    }
  });
  addHubExamples(
    command,
    'npx concord study protocol --template table > protocol.yaml',
    'npx concord study protocol my-study --file protocol.yaml',
  );
}

async function show(study: string | undefined, flags: ProtocolFlags, cli: Cli): Promise<void> {
  if (study === undefined || flags.check) {
    throw new UsageError('neither a study nor a file is named', 'concord study protocol', 'Give a study, or --file.');
  }
  const protocol = await readProtocol(connect(flags, cli), study);
  if (cli.isJson) cli.printJson(protocol);
  else if (protocol === null)
    cli.print('No protocol is written yet. Start from: concord study protocol --template images');
  else cli.print(stringify(protocol, { lineWidth: 110 }));
}
