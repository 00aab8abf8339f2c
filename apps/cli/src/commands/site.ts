import { addHubOptions, connect, type HubFlags } from '../hub/connection.js';
import { listSites, type SiteRecord } from '../hub/study-records.js';
import { agoWords, textTable } from '../hub/words.js';
import { addHubExamples, type Configure } from '../lib/command.js';

export const configure: Configure = (command, cli) => {
  command.description('See which site holds a study up, since when and why.');
  const list = command
    .command('list')
    .description('list the sites of a study: what each has sent, and what is waited for')
    .argument('<study>', 'its id');
  addHubOptions(list).action(async (study: string, flags: HubFlags) => {
    const sites = await listSites(connect(flags, cli), study);
    if (cli.isJson) return cli.printJson(sites);
    if (sites.length === 0) return cli.print(`No site yet. Invite one: concord study invite ${study} site-a`);
    const now = new Date();
    cli.print(
      textTable(
        ['site', 'role', 'last contact', 'cases', 'sent', 'waiting for', 'name'],
        sites.map((site) => rowOf(site, now)),
      ),
    );
  });
  const examples = ['npx concord site list my-study', 'npx concord site list my-study --json'] as const;
  addHubExamples(list, ...examples);
  addHubExamples(command, ...examples);
};

function rowOf(site: SiteRecord, now: Date): string[] {
  const contact = site.state === 'invited' ? 'has not joined' : agoWords(site.lastContactAt, now);
  const refused = site.refusedCount ? `, ${site.refusedCount} refused` : '';
  const cases = site.caseCount === null ? '–' : `${site.doneCount ?? 0} of ${site.caseCount}${refused}`;
  const sent = site.releases.map(({ kind, rowCount }) => `${kind} (${rowCount})`).join(', ');
  return [site.code, roleWords(site.role), contact, cases, sent || '–', site.waitingFor ?? 'nothing', site.name];
}

function roleWords(role: string | null): string {
  return role === 'externalValidation' ? 'external validation' : (role ?? '–');
}
