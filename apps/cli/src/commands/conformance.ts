import { join } from 'node:path';

import { createKernels } from '@concord/kernels';
import { checkDigitalPhantom, type ConformanceCertificate, type FamilyCount } from '@concord/radiomics';
import { installationRoot } from '../demo/child-process.js';
import { textTable } from '../hub/words.js';
import { addExamples, type Configure } from '../lib/command.js';
import { EXIT } from '../lib/errors.js';
import { readInput, writeOutput } from '../lib/files.js';

export const configure: Configure = (command, cli) => {
  command
    .description(
      'Compute IBSI’s digital phantom and compare every value with its reference; exit 3 if one does not hold.',
    )
    .option('--out <file>', 'write the certificate, JSON')
    .option('--force', 'replace the file')
    .action(async (flags: { out?: string; force?: boolean }) => {
      const folder = join(installationRoot(), 'libs', 'radiomics', 'golden', 'ibsi-digital-phantom');
      const files = {
        voxels: readInput(join(folder, 'voxels.csv')),
        references: readInput(join(folder, 'reference_values.csv')),
      };
      const certificate = await cli.timed('phantom', () => checkDigitalPhantom(files, cli.version, createKernels()));
      if (flags.out !== undefined) {
        writeOutput(flags.out, `${JSON.stringify(certificate, null, 2)}\n`, flags.force);
      }
      if (!certificate.holds) cli.exitCode = EXIT.inputRefused;
      if (cli.isJson) cli.printJson(certificate);
      else cli.print(inWords(certificate));
    });
  addExamples(command, 'npx concord conformance', 'npx concord conformance --out certificate.json');
};

function inWords({ families, values, data, holds }: ConformanceCertificate): string {
  const broken = values
    .filter((value) => !value.holds)
    .map(({ name, value, reference, tolerance }) => `${name}: ${value}, reference ${reference} ± ${tolerance}`);
  const end = holds ? `holds: ${values.length} values` : `DOES NOT HOLD: ${broken.length} of ${values.length} values`;
  return [data.name, textTable(['family', 'values'], families.map(rowOf)), ...broken, end].join('\n');
}

function rowOf({ family, holding, checked, notComputed }: FamilyCount): string[] {
  const counts = [
    ...(checked > 0 ? [`${holding} of ${checked} hold`] : []),
    ...(notComputed > 0 ? [`${notComputed} not computed`] : []),
  ];
  return [family, counts.join(', ')];
}
