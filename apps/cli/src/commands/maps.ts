import { createKernels } from '@concord/kernels';
import {
  featureMaps,
  parsePyradiomicsParameters,
  type FeatureMap,
  type FeatureMaps,
  type PyradiomicsParameters,
} from '@concord/radiomics';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { readImage, readRegions } from '../extract/read-case.js';
import { addRegionOptions, regionOf, type RegionFlags } from '../extract/region-options.js';
import { readParameterFile, readVoxelSettings } from '../extract/settings-file.js';
import type { Cli } from '../lib/cli.js';
import { addExamples, collectList, type Configure } from '../lib/command.js';
import { UsageError } from '../lib/errors.js';
import { assertOutputFree, writeOutputs } from '../lib/files.js';
import { niftiFile } from '../lib/nifti-file.js';

interface MapsFlags extends RegionFlags {
  readonly feature?: readonly string[];
  readonly settings?: string;
  readonly kernelRadius?: number;
  readonly unmasked?: boolean;
  readonly out: string;
  readonly force?: boolean;
}

const NIFTI = /\.nii(\.gz)?$/i;

export const configure: Configure = (command, cli) => {
  command.description("Write the values of PyRadiomics' features at every voxel of a region, as NIfTI.");
  addRegionOptions(command.argument('<image>', 'a NIfTI or NRRD file, or a folder of DICOM files of one series'))
    .option(
      '--feature <names>',
      'class_Feature, such as glcm_JointEntropy, or a class: glcm (default: all)',
      collectList,
    )
    .option('--settings <file>', 'parameters of PyRadiomics, voxelSetting too; YAML or JSON')
    .option('--kernel-radius <n>', 'voxels from the middle of a neighbourhood to its end (default: 1)', Number)
    .option('--unmasked', 'count voxels outside the region too')
    .requiredOption('--out <path>', '.nii or .nii.gz for one map, else a folder')
    .option('--force', 'replace existing output')
    .action((image: string, flags: MapsFlags) => maps(image, flags, cli));
  addExamples(
    command,
    'concord maps docs/examples/ball.nii.gz --mask docs/examples/ball-mask.nii.gz --label 1 --feature glcm_JointEntropy --out map.nii.gz',
    'concord maps docs/examples/ball.nii.gz --mask docs/examples/ball-mask.nii.gz --label 1 --feature firstorder --out maps',
  );
};

async function maps(path: string, flags: MapsFlags, cli: Cli): Promise<void> {
  const { out, force } = flags;
  if (NIFTI.test(out)) assertOutputFree(out, force);
  const source = regionOf(flags, 'concord maps');
  const parameters = withFeatures(readParameterFile(flags.settings), flags.feature ?? []);
  const voxelSettings = {
    ...readVoxelSettings(flags.settings),
    ...(flags.kernelRadius === undefined ? {} : { kernelRadius: flags.kernelRadius }),
    ...(flags.unmasked === true ? { maskedKernel: false } : {}),
  };
  const warn = (text: string): void => cli.warn(text);
  const image = await cli.timed('reading', () => readImage(path, undefined, source));
  image.volume.provenance.warnings.forEach(warn);
  const [mask, ...others] = readRegions(source, image, warn).masks;
  if (others.length > 0) {
    throw new UsageError(`there are ${others.length + 1} regions`, 'concord maps', 'Choose one, or --label union.');
  }
  const kernels = createKernels({ threads: availableParallelism() });
  const result = await cli.timed('maps', () => featureMaps(image.volume, mask, parameters, voxelSettings, kernels));
  kernels.close();
  result.warnings.forEach(warn);
  const files = filesOf(result, out);
  await cli.timed('writing', () => writeMaps(files, force));
  if (cli.isJson) {
    const written = [...files].map(([file, { name, undefinedCount }]) => ({ file, name, undefinedCount }));
    cli.printJson({ format: 'concord.maps/1', version: cli.version, region: mask.label, voxelSettings, maps: written });
  } else cli.note(`${out}: ${files.size} map(s)`);
}

/** Parameters with the features named, if any is: `glcm_JointEntropy`, or `glcm` for all of a class. */
function withFeatures(parameters: PyradiomicsParameters, names: readonly string[]): PyradiomicsParameters {
  if (names.length === 0) return parameters;
  const featureClass: Record<string, string[]> = {};
  for (const name of names) {
    const [, family, feature] = /^(?:original_)?([^_]+)(?:_(.+))?$/.exec(name) ?? [];
    if (family === undefined) {
      throw new UsageError(`${name} is no feature`, '--feature', 'Give a name such as glcm_JointEntropy.');
    }
    featureClass[family] = [...(featureClass[family] ?? []), ...(feature === undefined ? [] : [feature])];
  }
  const { featureClasses, warnings } = parsePyradiomicsParameters({ featureClass });
  return { ...parameters, featureClasses, warnings: [...parameters.warnings, ...warnings] };
}

/** Path of each map. */
function filesOf({ maps: all }: FeatureMaps, out: string): Map<string, FeatureMap> {
  if (!NIFTI.test(out)) return new Map(all.map((map) => [join(out, `${map.name}.nii.gz`), map]));
  if (all.length === 1) return new Map([[out, all[0]]]);
  throw new UsageError(`there are ${all.length} maps`, '--out', 'Give a folder, or name one --feature.');
}

function writeMaps(files: ReadonlyMap<string, FeatureMap>, force: boolean | undefined): void {
  for (const path of files.keys()) assertOutputFree(path, force);
  for (const [path, map] of files) {
    writeOutputs(dirname(path), new Map([[basename(path), niftiFile(path, map, map.data)]]), force);
  }
}
