import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { scoreWords, verifyBundle } from '@concord/contracts/verify-bundle';

import { readBundle } from '../demo/bundle-files.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT } from '../lib/errors.js';
import { readInput } from '../lib/files.js';

export const configure: Configure = (command, cli) => {
  command
    .description('Check a report bundle: every object, signature, step, score and audit entry. Needs no hub.')
    .argument('<bundle>', 'folder with bundle.json and objects/')
    .action(async (folder: string) => {
      readBundle(folder); // refuses what is no bundle at all
      const check = await verifyBundle(async (name) => {
        const file = join(folder, name);
        return existsSync(file) ? readInput(file) : null;
      });
      const { problems } = check;
      if (problems.length > 0) cli.exitCode = EXIT.inputRefused;
      if (cli.isJson) {
        cli.printJson({ ...check, holds: problems.length === 0 });
        return;
      }
      for (const { where, what } of problems) cli.print(`DOES NOT HOLD  ${where}: ${what}`);
      if (problems.length === 0) {
        cli.print(
          `holds: ${check.objectCount} objects, ${check.signatureCount} signatures, ${check.auditEntryCount} audit entries, ` +
            `${check.stepCount} steps`,
        );
        if (check.score !== null) cli.print(scoreWords(check.score));
      }
    });
  addExamples(command, 'npx concord verify concord-demo/bundle', 'npx concord verify concord-demo/bundle --json');
};
