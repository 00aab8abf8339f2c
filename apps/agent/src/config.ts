import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

import type { Sharing } from '@concord/contracts';

import { AgentError } from './agent-errors.js';

/** Where a site's cases come from. */
export type SourceSetting =
  { readonly kind: 'images'; readonly folder: string } | { readonly kind: 'table'; readonly file: string };

/** Everything the agent is told from outside, read once. */
export interface AgentConfig {
  readonly dataFolder: string;
  readonly source: SourceSetting | null;
  /** CSV with a patient's id and outcomes; null: the table of the source, or none. */
  readonly clinicalFile: string | null;
  /** `hold`: a person approves every release; `automatic`: the rules alone decide. */
  readonly rule: 'hold' | 'automatic';
  /** `sums`: no row of a patient leaves, whatever the protocol asks for; null: as the protocol says. */
  readonly sharing: Sharing | null;
  readonly pseudonymKeyFile: string;
  readonly pagePort: number;
  readonly pollMs: number;
  readonly workerCount: number;
  /** The site's own limits; the stricter of these and the defaults holds. */
  readonly minimumRows: number | null;
  readonly significantDigits: number | null;
  /** Fewest patients of a cell of sums; the stricter of this and the default holds. */
  readonly minimumCell: number | null;
  readonly proxyUrl: string | null;
  readonly noProxy: string | null;
  readonly caFile: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the process was started with; everything else takes it as an argument. */
export function processEnvironment(): Environment {
  return process.env;
}

/**
 * Reads the environment.
 *
 * @param dataFolder from `--data`; wins over CONCORD_AGENT_DATA
 * @throws {AgentError} CONFIG_INVALID naming every variable that is wrong
 */
export function readConfig(env: Environment, dataFolder?: string): AgentConfig {
  const problems: string[] = [];
  const data = resolve(dataFolder ?? (env['CONCORD_AGENT_DATA'] || 'concord-agent'));
  const whole = (name: string, otherwise: number, low: number, high: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return otherwise;
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    problems.push(`${name} must be a whole number from ${low} to ${high}`);
    return otherwise;
  };
  const optional = (name: string, low: number, high: number): number | null =>
    env[name] ? whole(name, low, low, high) : null;
  const config: AgentConfig = {
    dataFolder: data,
    source: sourceOf(env['CONCORD_AGENT_SOURCE'], problems),
    clinicalFile: env['CONCORD_AGENT_CLINICAL'] ? resolve(env['CONCORD_AGENT_CLINICAL']) : null,
    rule: oneOf(env, 'CONCORD_AGENT_RULE', ['hold', 'automatic'], problems) ?? 'hold',
    sharing: oneOf(env, 'CONCORD_AGENT_SHARING', ['vectors', 'sums'], problems),
    pseudonymKeyFile: resolve(env['CONCORD_AGENT_PSEUDONYM_KEY_FILE'] || join(data, 'pseudonym.key')),
    pagePort: whole('CONCORD_AGENT_PAGE_PORT', 8641, 0, 65535),
    pollMs: whole('CONCORD_AGENT_POLL_MS', 5000, 20, 3_600_000),
    workerCount: whole('CONCORD_AGENT_WORKERS', Math.max(1, availableParallelism() - 1), 1, 256),
    minimumRows: optional('CONCORD_AGENT_MINIMUM_ROWS', 1, 1_000_000),
    significantDigits: optional('CONCORD_AGENT_SIGNIFICANT_DIGITS', 1, 15),
    minimumCell: optional('CONCORD_AGENT_MINIMUM_CELL', 1, 1_000_000),
    proxyUrl: env['HTTPS_PROXY'] || env['https_proxy'] || null,
    noProxy: env['NO_PROXY'] || env['no_proxy'] || null,
    caFile: env['CONCORD_AGENT_CA'] ? resolve(env['CONCORD_AGENT_CA']) : null,
  };
  if (problems.length > 0) {
    throw new AgentError('CONFIG_INVALID', problems.join('; '), 'environment', 'See .env.example for every variable.');
  }
  return config;
}

function sourceOf(text: string | undefined, problems: string[]): SourceSetting | null {
  if (!text) return null;
  const match = /^(images|table):(.+)$/s.exec(text);
  if (!match) {
    problems.push('CONCORD_AGENT_SOURCE must be images:FOLDER or table:FILE');
    return null;
  }
  const path = resolve(match[2]);
  return match[1] === 'images' ? { kind: 'images', folder: path } : { kind: 'table', file: path };
}

function oneOf<T extends string>(env: Environment, name: string, words: readonly T[], problems: string[]): T | null {
  const text = env[name];
  if (!text) return null;
  const found = words.find((word) => word === text);
  if (found === undefined) problems.push(`${name} must be ${words.join(' or ')}`);
  return found ?? null;
}
