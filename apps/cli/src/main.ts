import { readFileSync } from 'node:fs';

/** Version of the command line, from its package.json. */
function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

// `concord … | head` closes the pipe early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${packageVersion()}\n`); // nothing else is loaded: answers in tens of milliseconds
} else {
  const { runCli } = await import('./run.js');
  process.exitCode = await runCli(argv, { version: packageVersion() });
}
