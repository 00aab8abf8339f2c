import { createKernels } from '@concord/kernels';
import { filterImage } from '@concord/radiomics';
import { availableParallelism } from 'node:os';
import { readImage } from '../extract/read-case.js';
import { presetNamed, readSettingsFile } from '../extract/settings-file.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, type Configure } from '../lib/command.js';
import { UnsupportedFileError, UsageError } from '../lib/errors.js';
import { assertOutputFree, writeOutput } from '../lib/files.js';
import { niftiFile } from '../lib/nifti-file.js';

interface FilterFlags {
  readonly settings?: string;
  readonly preset?: string;
  readonly image?: string;
  readonly out: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  command
    .description('Write the response map of a filter, on the grid that features are computed on.')
    .argument('<image>', 'a NIfTI or NRRD file, or a folder of DICOM files of one series')
    .option('--settings <file>', 'extraction settings with a filtered image, YAML or JSON')
    .option('--preset <name>', 'named settings, such as ibsi2-phase1-2.a')
    .option('--image <name>', "which of the settings' images, if several have a filter")
    .requiredOption('--out <file>', 'the map, .nii or .nii.gz')
    .option('--force', 'replace an existing map')
    .action((image: string, flags: FilterFlags) => filter(image, flags, cli));
  addExamples(
    command,
    'concord filter docs/examples/ball.nii.gz --preset ibsi2-phase1-2.a --out response.nii.gz',
    'concord filter docs/examples/ball.nii.gz --settings docs/examples/filters.yaml --image log-2 --out log-2.nii.gz',
  );
};

async function filter(path: string, flags: FilterFlags, cli: Cli): Promise<void> {
  const { settings: file, preset, out, force } = flags;
  if ((file === undefined) === (preset === undefined)) {
    throw new UsageError('a filter is needed', 'concord filter', 'Give one of --settings and --preset.');
  }
  if (!/\.nii(\.gz)?$/i.test(out)) {
    throw new UnsupportedFileError('a response map is a NIfTI file', out, 'End the name in .nii or .nii.gz.');
  }
  assertOutputFree(out, force);
  const settings = file === undefined ? presetNamed(preset ?? '') : readSettingsFile(file);
  const { volume } = await cli.timed('reading', () => readImage(path, settings.reading));
  volume.provenance.warnings.forEach((warning) => cli.warn(warning));
  const kernels = createKernels({ threads: availableParallelism() });
  try {
    const map = await cli.timed('filters', () => filterImage(volume, settings, flags.image ?? null, kernels));
    map.warnings.forEach((warning) => cli.warn(warning));
    const { shape, data } = map.volume;
    await cli.timed('writing', () => writeOutput(out, niftiFile(out, map.volume, data), force));
    if (cli.isJson) cli.printJson({ file: out, shape });
    else cli.note(`${out}: ${shape.join(' x ')} voxels`);
  } finally {
    kernels.close();
  }
}
