import type { DatabaseSync } from 'node:sqlite';

import type { AgentConfig } from '../config.js';
import type { Log } from '../log.js';
import type { CaseSource } from './case-source.js';
import { NoSource } from './no-source.js';
import { TableSource } from './table-source.js';

/** The source of cases that the configuration names. */
export function openSource(config: AgentConfig, _database: DatabaseSync, _log: Log, _now: () => Date): CaseSource {
  if (config.source === null) return new NoSource();
  if (config.source.kind === 'table') return new TableSource(config.source.file);
  return new NoSource();
}
