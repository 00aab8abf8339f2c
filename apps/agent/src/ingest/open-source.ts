import type { DatabaseSync } from 'node:sqlite';

import type { AgentConfig } from '../config.js';
import { agentVersion } from '../version.js';
import type { CaseSource } from './case-source.js';
import { NoSource } from './no-source.js';
import { TableSource } from './table-source.js';

/** The source of cases that the configuration names; the readers of images are loaded only where there are images. */
export async function openSource(config: AgentConfig, database: DatabaseSync, now: () => Date): Promise<CaseSource> {
  const { source, workerCount } = config;
  if (source === null) return new NoSource();
  if (source.kind === 'table') return new TableSource(source.file);
  const { ImageSource } = await import('./image-source.js');
  const { MeasurePool } = await import('./measure-pool.js');
  return new ImageSource(database, source.folder, new MeasurePool(workerCount), agentVersion(), now);
}
