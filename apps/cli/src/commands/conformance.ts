import { join } from 'node:path';

import { createKernels } from '@concord/kernels';
import {
  builtInCertificate,
  certificateOf,
  type ConformanceCase,
  type ConformanceCertificate,
  type FamilyCount,
} from '@concord/radiomics';
import { ibsiChecks } from '../conformance/ibsi-data.js';
import { installationRoot } from '../demo/child-process.js';
import { textTable } from '../hub/words.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT } from '../lib/errors.js';
import { assertOutputFree, readInput, writeOutput } from '../lib/files.js';

interface ConformanceOptions {
  readonly data?: string;
  readonly out?: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  command
    .description('Compute reference cases and compare every value with its reference; exit 3 if one does not hold.')
    .option('--data <folder>', 'IBSI’s own data as well: a folder that holds ibsi1, ibsi1_validation or ibsi2')
    .option('--out <file>', 'write the certificate, JSON')
    .option('--force', 'replace the file')
    .action((options: ConformanceOptions) => conformance(options, cli));
  addExamples(command, 'npx concord conformance', 'npx concord conformance --out certificate.json');
};

async function conformance({ data, out, force }: ConformanceOptions, cli: Cli): Promise<void> {
  if (out !== undefined) assertOutputFree(out, force);
  const kernels = createKernels({ threads: 2 });
  try {
    const golden = join(installationRoot(), 'libs', 'radiomics', 'golden');
    const read = (path: string): Uint8Array => readInput(join(golden, path));
    const checks = data === undefined ? [] : ibsiChecks(data, kernels);
    const builtIn = await cli.timed('built-in cases', () => builtInCertificate(read, cli.version, kernels));
    const cases: ConformanceCase[] = [...builtIn.cases];
    for (const { name, run } of checks) cases.push(await cli.timed(name, run));
    const certificate = certificateOf(cases, cli.version, kernels);
    if (out !== undefined) writeOutput(out, `${JSON.stringify(certificate, null, 2)}\n`, force);
    if (!certificate.holds) cli.exitCode = EXIT.inputRefused;
    if (cli.isJson) cli.printJson(certificate);
    else cli.print(inWords(certificate));
  } finally {
    kernels.close();
  }
}

function inWords({ families, cases, holds, worst }: ConformanceCertificate): string {
  const values = cases.flatMap((one) => one.values.map((value) => ({ ...value, case: one.name })));
  const broken = values
    .filter((value) => !value.holds)
    .map((one) => `${one.case}: ${one.name}: ${one.value}, reference ${one.reference} ± ${one.tolerance}`);
  const end = holds ? `holds: ${values.length} values` : `DOES NOT HOLD: ${broken.length} of ${values.length} values`;
  return [
    textTable(['case', 'values', 'farthest'], cases.map(caseRow)),
    '',
    textTable(
      ['family', 'values'],
      families.map((family) => [family.family, counts(family)]),
    ),
    ...broken,
    `${end}, at most ${percent(worst?.deviation)} from the reference${worst ? ` (${worst.name})` : ''}`,
  ].join('\n');
}

function caseRow({ name, families, worst }: ConformanceCase): string[] {
  const sum = (count: (family: FamilyCount) => number): number => families.reduce((all, one) => all + count(one), 0);
  const total = {
    family: name,
    holding: sum(({ holding }) => holding),
    checked: sum(({ checked }) => checked),
    notComputed: sum(({ notComputed }) => notComputed),
  };
  return [name, counts(total), worst === null ? '' : `${worst.name} ${percent(worst.deviation)}`];
}

function counts({ holding, checked, notComputed }: FamilyCount): string {
  return [
    ...(checked > 0 ? [`${holding} of ${checked} hold`] : []),
    ...(notComputed > 0 ? [`${notComputed} not computed`] : []),
  ].join(', ');
}

function percent(deviation = 0): string {
  return `${(100 * deviation).toPrecision(2)} %`;
}
