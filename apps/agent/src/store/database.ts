import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { AgentError } from '../agent-errors.js';

const SCHEMA_VERSION = 2;

const SCHEMA = `
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE ledger (
  sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL,
  previousHash TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER ledgerKeeps BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledgerGrows BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
CREATE TABLE traffic (kind TEXT PRIMARY KEY, requestCount INTEGER NOT NULL, byteCount INTEGER NOT NULL) STRICT;
CREATE TABLE openRequest (
  counter INTEGER PRIMARY KEY, kind TEXT NOT NULL, byteCount INTEGER NOT NULL, releaseId INTEGER, byteOffset INTEGER
) STRICT;
CREATE TABLE files (
  path TEXT PRIMARY KEY, byteCount INTEGER NOT NULL, modifiedMs REAL NOT NULL, digest TEXT NOT NULL, facts TEXT NOT NULL
) STRICT;
CREATE TABLE vectors (
  inputDigest TEXT NOT NULL, settingsDigest TEXT NOT NULL, result TEXT NOT NULL, PRIMARY KEY (inputDigest, settingsDigest)
) STRICT;
CREATE TABLE releases (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, protocolDigest TEXT NOT NULL, lockDigest TEXT, source TEXT NOT NULL,
  state TEXT NOT NULL, tableBytes BLOB NOT NULL, tableDigest TEXT NOT NULL, rowCount INTEGER NOT NULL,
  columnCount INTEGER NOT NULL, rule TEXT NOT NULL, checks TEXT NOT NULL, members TEXT NOT NULL,
  preparedAt TEXT NOT NULL, decidedAt TEXT, decidedBy TEXT, sequence INTEGER, messageDigest TEXT, messageBytes BLOB,
  acknowledgedAt TEXT, problem TEXT
) STRICT;
`;

/** From version 1, in place: the patients that sums were formed of; null for tables, which hold their patients. */
const TO_VERSION_2 = 'ALTER TABLE releases ADD COLUMN ownBytes BLOB;';

/**
 * Opens the agent's database, made if absent. Every commit is on disk when it returns (WAL, synchronous FULL), so what
 * was decided before a crash is known after it. Several processes may have it open.
 *
 * @throws {AgentError} DATA_DIR_IN_USE if it was written by a newer agent
 */
export function openDatabase(dataFolder: string): DatabaseSync {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const path = join(dataFolder, 'agent.sqlite');
  const database = new DatabaseSync(path, { timeout: 10_000 });
  chmodSync(path, 0o600);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  inTransaction(database, () => {
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version < SCHEMA_VERSION) {
      database.exec(`${version === 0 ? SCHEMA : ''} ${TO_VERSION_2} PRAGMA user_version = ${SCHEMA_VERSION};`);
    } else if (version !== SCHEMA_VERSION) {
      throw new AgentError(
        'DATA_DIR_IN_USE',
        `the data folder is of version ${version}, this agent knows ${SCHEMA_VERSION}`,
        'agent.sqlite',
        'Start the newer agent again, or choose another data folder.',
      );
    }
  });
  return database;
}

/** Runs work whole or not at all. A transaction within one joins it. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work();
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Keeps a second agent out of a data folder by a kernel lock, which is free again when the process dies.
 *
 * @returns releases the lock
 * @throws {AgentError} DATA_DIR_IN_USE
 */
export function lockDataFolder(dataFolder: string): () => void {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(dataFolder, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock.close();
    throw new AgentError(
      'DATA_DIR_IN_USE',
      'another agent works on this data folder',
      'data folder',
      'Stop the other agent, or give this one a folder of its own with --data.',
      { cause: error },
    );
  }
  return () => lock.close();
}
