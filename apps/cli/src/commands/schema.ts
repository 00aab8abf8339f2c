import { settingsSchema } from '@concord/radiomics';
import { addExamples, type Configure } from '../lib/command.js';

export const configure: Configure = (command, cli) => {
  command
    .command('settings')
    .description('print the JSON schema of extraction settings, for editors that complete and check YAML')
    .action(() => cli.printJson(settingsSchema()));
  addExamples(command, 'concord schema settings', 'concord schema settings --json');
};
