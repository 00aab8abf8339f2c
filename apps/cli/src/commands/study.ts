import type { Command } from 'commander';

import { readAudit } from '../hub/audit-log.js';
import { addHubOptions, connect, type HubFlags } from '../hub/connection.js';
import { createStudy, freezeStudy, startRun } from '../hub/study-changes.js';
import { listStudies, readStudy } from '../hub/study-records.js';
import { dateWords, printable, textTable } from '../hub/words.js';
import { askToType } from '../hub/confirm.js';
import type { Cli } from '../lib/cli.js';
import { addHubExamples, type Configure } from '../lib/command.js';
import { EXIT } from '../lib/errors.js';
import { configureInvite } from './study-invite.js';
import { configureProtocol } from './study-protocol.js';

export const configure: Configure = (command, cli) => {
  command.description('Write, freeze and start a study on a hub, and look at what became of it.');
  configureList(command, cli);
  configureShow(command, cli);
  configureCreate(command, cli);
  configureProtocol(command, cli);
  configureInvite(command, cli);
  configureFreeze(command, cli);
  configureStart(command, cli);
  configureAudit(command, cli);
  addHubExamples(
    command,
    'npx concord study create my-study --title "What the study is to show"',
    'npx concord study list',
  );
};

function configureList(parent: Command, cli: Cli): void {
  const command = parent.command('list').description('list the studies of a hub, newest first');
  addHubOptions(command).action(async (flags: HubFlags) => {
    const studies = await listStudies(connect(flags, cli));
    if (cli.isJson) return cli.printJson(studies);
    if (studies.length === 0) return cli.print('No study yet. Make one: concord study create ID --title TITLE');
    const rows = studies.map(({ id, state, createdAt, title }) => [id, state, dateWords(createdAt), title]);
    cli.print(textTable(['study', 'state', 'created', 'title'], rows));
  });
  addHubExamples(
    command,
    'npx concord study list',
    'npx concord study list --hub https://hub.example --token-file my.token',
  );
}

function configureShow(parent: Command, cli: Cli): void {
  const command = parent.command('show').description('show how far a study is').argument('<study>', 'its id');
  addHubOptions(command).action(async (id: string, flags: HubFlags) => {
    const study = await readStudy(connect(flags, cli), id);
    if (cli.isJson) return cli.printJson(study);
    const scores = study.assessments.map((a) => `${a.scheme} ${a.provenPoints} of ${a.maxPoints} points proven`);
    const lines: [string, string][] = [
      ['study', study.id],
      ['title', study.title],
      ['state', study.state],
      ['created', dateWords(study.createdAt)],
      ['frozen', dateWords(study.frozenAt)],
      ['protocol', study.protocolDigest ?? '–'],
      ['model locked', study.lock === null ? '–' : `${dateWords(study.lock.lockedAt)}, ${study.lock.digest}`],
      ['report', study.report?.digest ?? '–'],
      ['quality', scores.join('; ') || '–'],
    ];
    cli.print(lines.map(([name, value]) => `${name.padEnd(14)}${printable(value)}`).join('\n'));
  });
  addHubExamples(command, 'npx concord study show my-study', 'npx concord study show my-study --json');
}

function configureCreate(parent: Command, cli: Cli): void {
  const command = parent
    .command('create')
    .description('make a study, as a draft without a protocol')
    .argument('<study>', 'its id: lower-case letters, digits and dashes')
    .requiredOption('--title <text>', 'what it is to show; typed again when the study is frozen');
  addHubOptions(command).action(async (id: string, flags: HubFlags & { title: string }) => {
    const study = await createStudy(connect(flags, cli), id, flags.title);
    if (cli.isJson) return cli.printJson(study);
    cli.print(`study ${study.id} is made`);
    cli.note('Next: concord study protocol --template images > protocol.yaml, and invite the sites.');
  });
  addHubExamples(
    command,
    'npx concord study create my-study --title "What the study is to show"',
    'npx concord study create hcc-2026 --title "Invasion from CT" --json',
  );
}

function configureFreeze(parent: Command, cli: Cli): void {
  const command = parent
    .command('freeze')
    .description('bind every site to the protocol; this cannot be undone')
    .argument('<study>', 'its id')
    .option('--confirm <title>', 'the title of the study, instead of typing it when asked');
  addHubOptions(command).action(async (id: string, flags: HubFlags & { confirm?: string }) => {
    const hub = connect(flags, cli);
    const study = await readStudy(hub, id);
    const question =
      `Freezing binds every site of ${id} to version ${study.version} of its protocol. It cannot be undone, and every site sees it.\n` +
      'Type the title of the study to freeze it: ';
    const isDraft = study.state === 'draft'; // else the hub says what is in the way: nobody types for nothing
    const title = flags.confirm ?? (isDraft ? await askToType(question, '--confirm TITLE') : study.title);
    const frozen = await freezeStudy(hub, id, title);
    if (cli.isJson) return cli.printJson(frozen);
    cli.print(`study ${id} is frozen: protocol ${frozen.protocolDigest}`);
    cli.note(`Next: concord study start ${id}`);
  });
  addHubExamples(
    command,
    'npx concord study freeze my-study',
    'npx concord study freeze my-study --confirm "What the study is to show"',
  );
}

function configureStart(parent: Command, cli: Cli): void {
  const command = parent
    .command('start')
    .description('compute each step as soon as the sites have sent what it needs')
    .argument('<study>', 'its id; it must be frozen');
  addHubOptions(command).action(async (id: string, flags: HubFlags) => {
    const study = await startRun(connect(flags, cli), id);
    if (cli.isJson) return cli.printJson(study);
    cli.print(`study ${id} runs`);
    cli.note(`See it: concord run show ${id}, concord site list ${id}`);
  });
  addHubExamples(command, 'npx concord study start my-study', 'npx concord study start my-study --json');
}

function configureAudit(parent: Command, cli: Cli): void {
  const command = parent
    .command('audit')
    .description('print what was done, by whom and when, and check that no entry was changed')
    .argument('<study>', 'its id');
  addHubOptions(command).action(async (id: string, flags: HubFlags) => {
    const { entries, firstBroken } = await readAudit(connect(flags, cli), id);
    if (firstBroken !== null) cli.exitCode = EXIT.inputRefused;
    if (cli.isJson) return cli.printJson({ studyId: id, holds: firstBroken === null, firstBroken, entries });
    const rows = entries.map(({ sequence, at, actor, action, subject }) => [
      String(sequence),
      dateWords(at),
      actor,
      action,
      subject,
    ]);
    cli.print(textTable(['entry', 'at', 'who', 'what', 'on'], rows));
    cli.print(
      firstBroken === null
        ? `holds: ${entries.length} entries, each with the hash of the one before`
        : `DOES NOT HOLD  audit entry ${firstBroken}: it was changed after it was written, or one before it is missing`,
    );
  });
  addHubExamples(command, 'npx concord study audit my-study', 'npx concord study audit my-study --json');
}
