import { PRESETS, settingsDigest } from '@concord/radiomics';
import { presetNamed, readSettingsFile, settingsYaml } from '../extract/settings-file.js';
import { addExamples, type Configure } from '../lib/command.js';

export const configure: Configure = (command, cli) => {
  command
    .command('show')
    .description('print a preset as YAML, to start your own settings from')
    .argument('<preset>')
    .action((name: string) => {
      const settings = presetNamed(name);
      if (cli.isJson) cli.printJson(settings);
      else cli.print(settingsYaml(settings));
    });
  command
    .command('list')
    .description('print the names of the presets')
    .action(() => {
      if (cli.isJson) cli.printJson(Object.keys(PRESETS));
      else cli.print(Object.keys(PRESETS).join('\n'));
    });
  command
    .command('check')
    .description('check a settings file and print its digest')
    .argument('<file>')
    .action((path: string) => {
      const digest = settingsDigest(readSettingsFile(path));
      if (cli.isJson) cli.printJson({ digest });
      else cli.print(digest);
    });
  addExamples(command, 'concord settings show ct-hcc', 'concord settings check docs/examples/extraction.yaml');
};
