import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { processEnvironment } from './config.js';
import { runAgent } from './run-agent.js';

export { runAgent } from './run-agent.js';

const script = process.argv[1];
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  process.exitCode = await runAgent(process.argv.slice(2), processEnvironment(), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}
