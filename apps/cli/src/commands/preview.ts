import { createKernels } from '@concord/kernels';
import { addRegionOptions, regionOf, type RegionFlags } from '../extract/region-options.js';
import { readImage, readRegions } from '../extract/read-case.js';
import { presetNamed, readSettingsFile } from '../extract/settings-file.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, type Configure } from '../lib/command.js';
import { UnsupportedFileError, UsageError } from '../lib/errors.js';
import { assertOutputFree, writeOutput } from '../lib/files.js';
import { pngOf } from '../preview/png.js';
import { previewCase } from '../preview/preview-case.js';

interface PreviewFlags extends RegionFlags {
  readonly settings?: string;
  readonly preset?: string;
  readonly out: string;
  readonly force?: boolean;
}

export const configure: Configure = (command, cli) => {
  addRegionOptions(command.argument('<image>', 'a NIfTI or NRRD file, or a folder of DICOM files of one series'))
    .option('--settings <file>', 'extraction settings, YAML or JSON: how it is resampled')
    .option('--preset <name>', 'named settings, see concord settings list (default: ct-hcc)')
    .requiredOption('--out <file>', 'the picture, .png')
    .option('--force', 'replace an existing picture')
    .action((image: string, flags: PreviewFlags) => preview(image, flags, cli));
  addExamples(
    command,
    'concord preview docs/examples/ball.nii.gz --mask docs/examples/ball-mask.nii.gz --label 1 --out ball.png',
    'concord preview docs/examples/ball.nii.gz --mask docs/examples/ball-mask.nii.gz --label union --out union.png',
  );
};

function preview(path: string, flags: PreviewFlags, cli: Cli): void {
  if (flags.settings && flags.preset) {
    throw new UsageError('--settings and --preset exclude each other', 'concord preview', 'Give one of them.');
  }
  if (!/\.png$/i.test(flags.out)) {
    throw new UnsupportedFileError('a preview is a PNG picture', flags.out, 'End the name in .png.');
  }
  assertOutputFree(flags.out, flags.force);
  const source = regionOf(flags, 'concord preview');
  const settings = flags.settings ? readSettingsFile(flags.settings) : presetNamed(flags.preset ?? 'ct-hcc');
  const image = readImage(path, settings.reading, source);
  const warn = (text: string): void => cli.warn(text);
  image.volume.provenance.warnings.forEach(warn);
  const [mask, ...others] = readRegions(source, image, warn, settings.reading).masks;
  if (others.length > 0) cli.note(`region ${mask.label} is drawn, the first of ${others.length + 1}`);
  const canvas = previewCase(image.volume, mask, settings, createKernels());
  writeOutput(flags.out, pngOf(canvas), flags.force);
  if (cli.isJson) {
    cli.printJson({ file: flags.out, region: mask.label, width: canvas.width, height: canvas.height });
  } else cli.note(`${flags.out}: ${canvas.width} x ${canvas.height} pixels`);
}
