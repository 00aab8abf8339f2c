import type { CommandEntry } from '../lib/command.js';

/**
 * Every command. To add one: write `./<name>.ts` with `export const configure: Configure`, and add a line here.
 * Only the file of the command that was typed is loaded.
 */
export const COMMANDS: readonly CommandEntry[] = [];
