import {
  accessSync,
  constants,
  existsSync,
  openSync,
  readSync,
  closeSync,
  readFileSync,
  statSync,
  type Dirent,
} from 'node:fs';
import { opendir } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { tableFromArrow, tableFromCsv, type FeatureTable } from '@concord/tables';

import { failed, ok, reasonOf, skipped, warning, type Check, type Outcome } from './check.js';
import { folderOutcome, localDiskOutcome, roomOutcome, secretsOutcome } from './folders.js';
import { portOutcome } from './ports.js';
import { readJoined, type AgentSettings } from './settings.js';

const GIB = 1024 ** 3;
const NOT_HERE = skipped('no agent is set up here; --for agent checks as if there were');
/** So many files are looked into for DICOM: enough to see that a folder is the right one. */
const FILES_LOOKED_AT = 500;
const ID_COLUMN = /^((patient|subject|case)_?id|case|id)$/i;

/** What a site's agent needs where it runs. @param agent null: every check is skipped */
export function agentChecks(agent: AgentSettings | null): Check[] {
  const checks: [string, (agent: AgentSettings) => Outcome | Promise<Outcome>][] = [
    ['agent-data', ({ dataFolder }) => folderOutcome(dataFolder)],
    ['agent-room', ({ dataFolder }) => roomOutcome(dataFolder, GIB)],
    ['agent-disk', ({ dataFolder }) => localDiskOutcome(dataFolder)],
    ['agent-secrets', (settings) => secretsOutcome(secretsOf(settings))],
    ['pseudonym-key', ({ pseudonymKeyFile }) => pseudonymKeyOutcome(pseudonymKeyFile)],
    ['agent-joined', ({ dataFolder }) => joinedOutcome(dataFolder)],
    ['agent-source', ({ source }) => sourceOutcome(source)],
    ['agent-clinical', ({ clinicalFile }) => clinicalOutcome(clinicalFile)],
    ['agent-page-port', ({ pagePort, dataFolder }) => pagePortOutcome(pagePort, dataFolder)],
  ];
  return checks.map(([id, run]) => ({ id, group: 'agent', run: () => (agent === null ? NOT_HERE : run(agent)) }));
}

function secretsOf({ dataFolder, pseudonymKeyFile }: AgentSettings): string[] {
  const names = ['site.json', 'site-key.json', 'agent.sqlite', 'join.token'];
  return [...names.map((name) => join(dataFolder, name)), pseudonymKeyFile];
}

export function pseudonymKeyOutcome(file: string): Outcome {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (reasonOf(error) === 'ENOENT') return skipped('there is none yet: the agent makes one at its first start');
    return failed(
      `${file} cannot be read (${reasonOf(error)})`,
      'Give the user that runs the agent the right to read it.',
    );
  }
  if (/^[0-9a-f]{64,}$/.test(text)) return ok('the key of the pseudonyms is whole; keep a copy of it');
  return failed(`${file} is no pseudonym key`, 'It holds 64 or more hex digits; restore your copy of it.');
}

function joinedOutcome(dataFolder: string): Outcome {
  const file = join(dataFolder, 'site.json');
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    if (reasonOf(error) !== 'ENOENT') {
      return failed(`${file} cannot be read (${reasonOf(error)})`, 'Run the doctor as the user that runs the agent.');
    }
    return warning('this agent has not joined a study', 'Run concord agent join URL --token-file FILE.');
  }
  const joined = readJoined(dataFolder);
  if (joined !== null) return ok(`joined the hub at ${joined.hubUrl}`);
  return failed(`${file} is damaged`, 'Ask the coordinator for a new token, and join in a new data folder.');
}

export async function sourceOutcome(source: string | null): Promise<Outcome> {
  if (source === null) return warning('CONCORD_AGENT_SOURCE is not set', 'Set it to images:FOLDER or table:FILE.');
  const [, kind, path = ''] = /^(images|table):(.+)$/s.exec(source) ?? [];
  if (kind === 'table') return tableOutcome(resolve(path));
  if (kind === 'images') return imagesOutcome(resolve(path));
  return failed('CONCORD_AGENT_SOURCE names neither images nor a table', 'Set it to images:FOLDER or table:FILE.');
}

async function imagesOutcome(folder: string): Promise<Outcome> {
  let fileCount = 0;
  let dicomCount = 0;
  try {
    if (!statSync(folder).isDirectory()) return failed(`${folder} is a file`, 'Name the folder that holds the images.');
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (!entry.isFile()) continue;
      fileCount++;
      if (isDicom(entry)) dicomCount++;
      if (fileCount === FILES_LOOKED_AT) break;
    }
  } catch (error) {
    return failed(
      `the folder of images cannot be read (${reasonOf(error)}): ${folder}`,
      'Correct the path, or give the user that runs the agent the right to read it and all below it.',
    );
  }
  const seen = fileCount === FILES_LOOKED_AT ? `of the first ${fileCount} files` : `of ${fileCount} files`;
  if (dicomCount > 0) return ok(`${dicomCount} ${seen} are DICOM`);
  return warning(`none ${seen} in ${folder} is DICOM`, 'Put the study’s images there, or name another folder.');
}

/** DICOM files carry a mark after a preamble of 128 bytes. @throws the system's error for a file that is closed to us */
function isDicom({ parentPath, name }: Dirent): boolean {
  const file = openSync(join(parentPath, name), 'r');
  try {
    const mark = Buffer.alloc(4);
    readSync(file, mark, 0, 4, 128);
    return mark.toString('latin1') === 'DICM';
  } finally {
    closeSync(file);
  }
}

function clinicalOutcome(file: string | null): Outcome {
  return file === null ? skipped('CONCORD_AGENT_CLINICAL is not set') : tableOutcome(file);
}

/** A table of the site: readable, with rows, and a column that names the patients. Tells counts only. */
export function tableOutcome(file: string): Outcome {
  let table: FeatureTable;
  try {
    const bytes = readFileSync(file);
    table = extname(file) === '.arrow' ? tableFromArrow(bytes) : tableFromCsv(bytes);
  } catch (error) {
    return failed(`${file} is not read (${reasonOf(error)})`, 'Give a CSV or Arrow table with a line of column names.');
  }
  if (!table.columns.some(({ name }) => ID_COLUMN.test(name))) {
    return failed(`no column of ${file} names the patients`, 'Name that column patient_id.');
  }
  if (table.rowCount === 0) return warning(`${file} has no rows`, 'Fill it: a row for each patient.');
  return ok(`${table.rowCount} rows, ${table.columns.length} columns`);
}

function pagePortOutcome(port: string, dataFolder: string): Promise<Outcome> {
  return portOutcome('127.0.0.1', port, () => Promise.resolve(isAgentAtWork(dataFolder)));
}

/** Whether an agent works on this data folder: it holds a lock on a file there as long as it runs. */
export function isAgentAtWork(dataFolder: string): boolean {
  const file = join(dataFolder, 'lock.sqlite');
  if (!existsSync(file)) return false;
  const lock = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (/locked/.test(String(error))) return true;
    throw error;
  } finally {
    lock.close();
  }
}
