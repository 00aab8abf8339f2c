import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { checkBundle, type BundleProblem } from '@concord/contracts';
import { assessStudy, type StudyAssessment, type StudyFacts } from '@concord/rqs';

import { readBundle, type SavedBundle } from '../demo/bundle-files.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT } from '../lib/errors.js';
import { readInput } from '../lib/files.js';

export const configure: Configure = (command, cli) => {
  command
    .description('Check a report bundle: every object, signature, step, score and audit entry. Needs no hub.')
    .argument('<bundle>', 'folder with bundle.json and objects/')
    .action(async (folder: string) => {
      const bundle = readBundle(folder);
      const check = await checkBundle(bundle.manifest, async (digest) => {
        const file = join(folder, 'objects', digest);
        return existsSync(file) ? readInput(file) : null;
      });
      const problems = [...check.problems, ...(check.problems.length === 0 ? scoreProblems(bundle) : [])];
      if (problems.length > 0) cli.exitCode = EXIT.inputRefused;
      if (cli.isJson) {
        cli.printJson({ ...check, problems, holds: problems.length === 0 });
        return;
      }
      for (const { where, what } of problems) cli.print(`DOES NOT HOLD  ${where}: ${what}`);
      if (problems.length === 0) {
        cli.print(
          `holds: ${check.objectCount} objects, ${check.signatureCount} signatures, ${check.auditEntryCount} audit entries, ` +
            `${bundle.manifest.steps.length} steps, and the quality score derived again`,
        );
      }
    });
  addExamples(command, 'npx concord verify concord-demo/bundle', 'npx concord verify concord-demo/bundle --json');
};

/** Derives the quality score again from its facts. */
function scoreProblems(bundle: SavedBundle): BundleProblem[] {
  if (!bundle.manifest.steps.some((step) => step.name === 'assess')) return [];
  const facts = JSON.parse(Buffer.from(bundle.output('assess', 'facts')).toString('utf8')) as StudyFacts;
  const stored = JSON.parse(
    Buffer.from(bundle.output('assess', 'assessment')).toString('utf8'),
  ) as Partial<StudyAssessment>;
  const derived = assessStudy(facts);
  return (Object.keys(derived) as (keyof StudyAssessment)[])
    .filter((name) => JSON.stringify(sorted(derived[name])) !== JSON.stringify(sorted(stored[name])))
    .map((name) => ({ where: `quality score (${name})`, what: 'its facts give another score' }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
