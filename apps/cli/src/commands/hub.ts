import { runApp } from '../lib/run-app.js';
import { addExamples, type Configure } from '../lib/command.js';

export const configure: Configure = (command, cli) => {
  command
    .description('Run the hub, with its worker inside. Settings come from the environment: see .env.example.')
    .action(async () => {
      cli.exitCode = await runApp('hub', 'main.js', []);
    });
  addExamples(command, 'npx concord hub', 'CONCORD_HUB_PORT=8650 npx concord hub');
};
