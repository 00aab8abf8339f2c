import { Option } from 'commander';

import { processEnvironment } from '../config.js';
import { installationRoot } from '../demo/child-process.js';
import { agentChecks } from '../doctor/agent-checks.js';
import { runChecks, type CheckState, type Finding } from '../doctor/check.js';
import { hubChecks } from '../doctor/hub-checks.js';
import { machineChecks } from '../doctor/machine-checks.js';
import { networkChecks } from '../doctor/network-checks.js';
import { doctorSettings, type DoctorFlags } from '../doctor/settings.js';
import { printable } from '../hub/words.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT } from '../lib/errors.js';

const MARKS: Readonly<Record<CheckState, string>> = {
  ok: 'ok      ',
  warning: 'WARNING ',
  failed: 'FAILED  ',
  skipped: '–       ',
};

export const configure: Configure = (command, cli) => {
  command
    .description(
      'Check what this machine, its settings and the way to the hub allow. Changes nothing; exit 3 if a check fails.',
    )
    .addOption(new Option('--for <who>', 'what is to run here; else what is set up').choices(['hub', 'agent', 'all']))
    .option('--hub <url>', 'the hub to reach; else the one the agent joined, else CONCORD_HUB_URL')
    .option('--data <folder>', 'the agent’s own folder; else CONCORD_AGENT_DATA')
    .option('--proxy <url>', 'proxy to the outside; else HTTPS_PROXY')
    .option('--ca <file>', 'authorities to trust besides the public ones, PEM; else CONCORD_AGENT_CA')
    .action(async (flags: DoctorFlags) => {
      const settings = doctorSettings(flags, processEnvironment(), process.cwd());
      const installation = installationRoot();
      const checks = [
        ...machineChecks(installation),
        ...hubChecks(settings.hub, installation),
        ...agentChecks(settings.agent),
        ...networkChecks(settings.remote, () => new Date()),
      ];
      const findings = await runChecks(checks, (finding) => {
        if (!cli.isJson && !(cli.isQuiet && finding.fix === null)) cli.print(lineOf(finding));
      });
      const count = (state: CheckState) => findings.filter((finding) => finding.state === state).length;
      const counts = { ok: count('ok'), warning: count('warning'), failed: count('failed'), skipped: count('skipped') };
      if (counts.failed > 0) cli.exitCode = EXIT.inputRefused;
      if (cli.isJson) return cli.printJson({ holds: counts.failed === 0, counts, checks: findings });
      cli.print(
        `\n${counts.ok} of ${findings.length - counts.skipped} checks hold, ${counts.warning} warnings, ${counts.failed} failed; ${counts.skipped} do not apply here`,
      );
    });
  addExamples(command, 'npx concord doctor', 'npx concord doctor --for agent --hub https://hub.example --json');
};

function lineOf({ id, state, what, fix }: Finding): string {
  const line = `${MARKS[state]}${id.padEnd(17)} ${printable(what)}`;
  return fix === null ? line : `${line}\n${' '.repeat(26)}fix: ${printable(fix)}`;
}
