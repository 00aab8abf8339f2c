import type { CommandEntry } from '../lib/command.js';

/**
 * Every command. To add one: write `./<name>.ts` with `export const configure: Configure`, and add a line here.
 * Only the file of the command that was typed is loaded.
 */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'run a whole consortium on this machine',
    load: () => import('./demo.js'),
  },
  { name: 'hub', summary: 'run the hub', load: () => import('./hub.js') },
  { name: 'worker', summary: 'run one more worker for a hub on PostgreSQL', load: () => import('./worker.js') },
  { name: 'agent', summary: 'run the agent of a hospital', load: () => import('./agent.js') },
  { name: 'study', summary: 'write, freeze and start a study on a hub', load: () => import('./study.js') },
  { name: 'site', summary: 'see which site holds a study up', load: () => import('./site.js') },
  { name: 'run', summary: 'see what a study has computed', load: () => import('./run.js') },
  { name: 'report', summary: 'fetch the report of a study', load: () => import('./report.js') },
  { name: 'doctor', summary: 'check what this machine and its settings allow', load: () => import('./doctor.js') },
  { name: 'verify', summary: 'check a report bundle without an account', load: () => import('./verify.js') },
  { name: 'rqs', summary: 'score and explain radiomics quality', load: () => import('./rqs.js') },
  { name: 'extract', summary: 'compute IBSI features of regions', load: () => import('./extract.js') },
  { name: 'preview', summary: 'draw a region on its image', load: () => import('./preview.js') },
  { name: 'maps', summary: 'write features at every voxel as images', load: () => import('./maps.js') },
  { name: 'filter', summary: 'write the response map of a filter', load: () => import('./filter.js') },
  {
    name: 'robustness',
    summary: 'measure which features survive perturbation',
    load: () => import('./robustness.js'),
  },
  { name: 'inspect', summary: 'say what files are and what would be refused', load: () => import('./inspect.js') },
  {
    name: 'conformance',
    summary: 'compare with the reference values of IBSI',
    load: () => import('./conformance.js'),
  },
  { name: 'settings', summary: 'show, list and check extraction settings', load: () => import('./settings.js') },
  { name: 'schema', summary: 'print the JSON schema of settings', load: () => import('./schema.js') },
  { name: 'harmonize', summary: 'remove batch effects from features', load: () => import('./harmonize.js') },
  {
    name: 'scanner-effects',
    summary: 'measure how features differ between batches',
    load: () => import('./scanner-effects.js'),
  },
  { name: 'validate', summary: 'validate locked scores by site and pooled', load: () => import('./validate.js') },
  { name: 'model', summary: 'fit, lock and apply models, inspect foreign ones', load: () => import('./model.js') },
];
