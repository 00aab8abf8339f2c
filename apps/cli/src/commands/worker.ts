import { runApp } from '../lib/run-app.js';
import { addExamples, type Configure } from '../lib/command.js';

export const configure: Configure = (command, cli) => {
  command.description('Run one more worker for a hub on PostgreSQL.').action(async () => {
    cli.exitCode = await runApp('hub', 'worker.js', []);
  });
  addExamples(
    command,
    'npx concord worker',
    'CONCORD_DATABASE_URL=postgresql://hub@localhost/concord npx concord worker',
  );
};
